"""A broker that is gone costs delay: what was committed stands, and nobody is told off."""

from typing import Any

import pytest
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from orchestra.core import dispatch
from orchestra.core.registry import Registry


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OSError("gone"), OperationalError("gone")])
def test_a_broker_that_is_gone_does_not_reach_the_caller(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Registry[str]("task name")
    names.register("a.task", "a.task")
    monkeypatch.setattr(dispatch, "task_names", names)
    tried: list[str] = []

    def send(name: str, **_: Any) -> None:
        tried.append(name)
        raise error

    monkeypatch.setattr(current_app, "send_task", send)
    with transaction.atomic():
        dispatch.enqueue("a.task", 1)
        assert tried == []
    assert tried == ["a.task"]
