"""kill -9 of a real process around a webhook: it arrives, at most twice, under one id."""

import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from governance.access.models import User
from governance.webhooks.models import WebhookDelivery
from orchestra.core import clock, crash
from tests.cases.tools.crash_stage import ROOT, database_url
from tests.factories.webhooks import Receiver, make_endpoint, make_webhook_delivery

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def send(at: datetime, point: str = "") -> int:
    done = subprocess.run(
        [sys.executable, "-m", "tests.governance.webhooks.sending_process", at.isoformat()],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "orchestra.settings.test",
            "DATABASE_URL": database_url(),
            crash.VARIABLE: point,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode


@pytest.mark.parametrize(
    ("point", "copies"),
    [("after-take-before-webhook", 1), ("after-webhook-before-record", 2)],
    ids=["before it leaves", "before it is noted"],
)
def test_it_arrives_and_at_most_the_same_again(
    petra: User, lake: Receiver, point: str, copies: int
) -> None:
    now = clock.now()
    make_webhook_delivery(make_endpoint(petra, now, url=lake.url), now)
    assert send(now, point) == -signal.SIGKILL
    assert len(lake.taken) == copies - 1
    # Its lease still runs: whoever took it may be slow.
    assert send(now) == 0
    assert len(lake.taken) == copies - 1
    assert send(now + timedelta(seconds=2)) == 0
    assert WebhookDelivery.objects.get().state == "delivered"
    assert len(lake.taken) == copies
    assert len(set(lake.ids)) == 1
    assert all(one.verified for one in lake.taken)
