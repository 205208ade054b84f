"""kill -9 of a real process around a mail: its reader gets it, and at most the same one twice."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from governance.access.models import User
from governance.notifications.models import NoticeDelivery
from governance.notifications.types import Channel, DeliveryState
from orchestra.core import crash
from tests.cases.tools.crash_stage import ROOT, database_url
from tests.factories.access import make_person
from tests.factories.notifications import make_delivery, make_notice

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
#: Longer than any lease.
LATER = NOW + timedelta(hours=1)
BEFORE, AFTER = "after-take-before-mail", "after-mail-before-record"


def send(box: Path, at: datetime, point: str = "") -> int:
    """Send what is due in a process of its own; return how it ended."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.governance.notifications.sending_process"),
            *(str(box), at.isoformat()),
        ],
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


def arrived(box: Path) -> Counter[str]:
    """How often each message arrived, by its id and reader."""
    return Counter(box.read_text(encoding="utf-8").splitlines()) if box.exists() else Counter()


def waiting(person: User, channel: Channel, count: int) -> None:
    for _ in range(count):
        make_delivery(make_notice(person, NOW), NOW, channel=channel)


def is_all_sent() -> bool:
    return not NoticeDelivery.objects.exclude(state=DeliveryState.SENT).exists()


@pytest.mark.parametrize(
    ("point", "copies"), [(BEFORE, 1), (AFTER, 2)], ids=["before it leaves", "before it is noted"]
)
@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.DIGEST])
def test_who_is_told_is_told_and_at_most_the_same_again(
    tmp_path: Path, channel: Channel, point: str, copies: int
) -> None:
    box = tmp_path / "box"
    maren = make_person("maren", email="maren@example.com")
    waiting(maren, channel, 3)
    messages = 1 if channel is Channel.DIGEST else 3

    assert send(box, NOW, point) == -signal.SIGKILL
    assert sum(arrived(box).values()) == copies - 1
    # Its lease still runs: whoever took it may be slow, and nobody sends it a second time. What
    # nobody had taken leaves now.
    assert send(box, NOW) == 0
    assert sum(arrived(box).values()) == copies - 1 + messages - 1
    # A digest that is taken again is the same one: what is new since waits for the next.
    waiting(maren, channel, 1)

    assert send(box, LATER) == 0
    found = arrived(box)
    assert is_all_sent()
    # Each arrived, one of them as often as it was sent, under the id it had.
    assert len(found) == messages + 1
    assert sorted(found.values()) == sorted([copies] + [1] * messages)


def test_killed_again_and_again_it_still_arrives(tmp_path: Path) -> None:
    box = tmp_path / "box"
    waiting(make_person("dario", email="dario@example.com"), Channel.EMAIL, 1)
    assert send(box, NOW, AFTER) == -signal.SIGKILL
    assert send(box, LATER, BEFORE) == -signal.SIGKILL
    assert send(box, LATER + timedelta(hours=1)) == 0
    [(_message, copies)] = arrived(box).items()
    assert copies == 2
    assert is_all_sent()
