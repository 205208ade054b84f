"""Silence is said by the probe, by the metrics and on the start page, and by nothing before."""

from datetime import timedelta

import pytest
from django.test import Client

from governance import tasks
from governance.access.types import Role
from governance.liveness.models import WorkerSign
from governance.liveness.selectors import find_silence, list_signs
from orchestra.core import clock
from tests.factories.access import make_person
from tests.governance.admin.test_changes import sign_in

pytestmark = pytest.mark.django_db


def test_before_the_first_sign_nothing_is_overdue() -> None:
    assert find_silence(clock.now()) is None
    assert Client().get("/readyz").status_code == 200


def test_a_taken_sign_ends_the_silence_and_silence_is_said_everywhere() -> None:
    tasks.take_sign()
    [sign] = list_signs()
    assert find_silence(clock.now()) is None
    assert Client().get("/readyz").status_code == 200

    WorkerSign.objects.update(at=sign.at - timedelta(seconds=120))

    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"].startswith("no work taken for 12")
    told = Client().get("/metrics", REMOTE_ADDR="127.0.0.1").content.decode()
    assert "orchestra_work_deaf 1.0" in told
    page = sign_in(make_person(roles=[Role.SUPERVISOR])).get("/admin/").content.decode()
    assert "No work was taken for 12" in page

    tasks.take_sign()

    assert WorkerSign.objects.count() == 1
    assert Client().get("/readyz").status_code == 200
