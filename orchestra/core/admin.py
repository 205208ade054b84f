"""The admin's common ground: pages of our own, and admin classes that hold no rule.

A page is a function with a route; the site mounts it inside the theme's frame. A model that
is browsed in the theme's own tables extends ``ReadOnlyAdmin``; one that is changed there
extends ``ServiceAdmin``, which saves by calling a service.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from unfold.admin import ModelAdmin

from orchestra.core.registry import Registry

ModelT = TypeVar("ModelT", bound=models.Model)
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of ours in the admin.

    Attributes:
        route: Path below the admin's root, as ``django.urls.path`` takes it.
        name: Name in the ``admin`` namespace.
        view: Takes the request and what the route names.
    """

    route: str
    name: str
    view: View


pages: Registry[Page] = Registry("admin page")


def frame_of(request: HttpRequest) -> dict[str, Any]:
    """Return what stands around a page of ours: not what the theme's own pages need besides."""
    site: Any = admin.site
    frame: dict[str, Any] = site.frame_of(request)
    return frame


class ReadOnlyAdmin(ModelAdmin, Generic[ModelT]):
    """A model that people read and nobody changes here.

    Attributes:
        capability: What a person needs to read it; asked through ``permits``.
    """

    capability: str = ""
    list_per_page = 50
    show_full_result_count = False
    actions = None

    def permits(self, request: HttpRequest) -> bool:
        """Return whether the person may read these rows; the app's base class answers."""
        raise NotImplementedError

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Say whether the model shows at all."""
        return self.permits(request)

    def has_view_permission(self, request: HttpRequest, obj: ModelT | None = None) -> bool:
        """Say whether the rows may be read."""
        del obj
        return self.permits(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Say no: rows come from services."""
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: ModelT | None = None) -> bool:
        """Say no: rows change through services."""
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ModelT | None = None) -> bool:
        """Say no: nothing is deleted here."""
        del request, obj
        return False


class ServiceAdmin(ReadOnlyAdmin[ModelT]):
    """A model that is changed in the theme's forms, by a service.

    Attributes:
        edit_capability: What a person needs to add or change a row.
    """

    edit_capability: str = ""

    def may_edit(self, request: HttpRequest) -> bool:
        """Return whether the person may change these rows; the app's base class answers."""
        raise NotImplementedError

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Say whether a row may be added."""
        return self.may_edit(request)

    def has_change_permission(self, request: HttpRequest, obj: ModelT | None = None) -> bool:
        """Say whether a row may be changed."""
        del obj
        return self.may_edit(request)

    def save_by_service(self, request: HttpRequest, obj: ModelT, form: Any) -> None:
        """Save through one service; every subclass says which."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: ModelT, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Save through the service, never by the row itself."""
        del change
        self.save_by_service(request, obj, form)
