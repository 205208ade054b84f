from typing import Any

import pytest
from django.contrib.admin.sites import AdminSite
from django.http import HttpRequest

from governance.access.models import Queue
from orchestra.core.admin import ReadOnlyAdmin, ServiceAdmin


class Reading(ReadOnlyAdmin[Queue]):
    def permits(self, request: HttpRequest) -> bool:
        return bool(request.META.get("reads"))


class Editing(ServiceAdmin[Queue]):
    saved: list[Queue] = []

    def permits(self, request: HttpRequest) -> bool:
        return bool(request.META.get("reads"))

    def may_edit(self, request: HttpRequest) -> bool:
        return bool(request.META.get("edits"))

    def save_by_service(self, request: HttpRequest, obj: Queue, form: Any) -> None:
        del request, form
        self.saved.append(obj)


def _request(**meta: bool) -> HttpRequest:
    request = HttpRequest()
    request.META.update(meta)
    return request


@pytest.mark.parametrize("reads", [True, False])
def test_a_read_only_admin_shows_and_changes_nothing(reads: bool) -> None:
    admin = Reading(Queue, AdminSite())
    request = _request(reads=reads)
    assert admin.has_view_permission(request) is reads
    assert admin.has_module_permission(request) is reads
    assert not admin.has_add_permission(request)
    assert not admin.has_change_permission(request)
    assert not admin.has_delete_permission(request)


def test_a_service_admin_saves_by_its_service_only() -> None:
    admin = Editing(Queue, AdminSite())
    assert not admin.has_change_permission(_request(reads=True))
    assert admin.has_add_permission(_request(edits=True))
    assert not admin.has_delete_permission(_request(edits=True))
    queue = Queue(key="returns")
    admin.save_model(_request(edits=True), queue, None, change=True)
    assert admin.saved == [queue]
    assert queue.pk is None


def test_a_base_class_decides_nothing_by_itself() -> None:
    with pytest.raises(NotImplementedError):
        ReadOnlyAdmin(Queue, AdminSite()).has_view_permission(_request())
