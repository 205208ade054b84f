"""A drill against work that runs: it stops, is measured, lifted and recorded."""

import json
import threading
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from cases.journeys.models import CueSheet
from cases.tools.models import ToolCall
from cases.tools.services import sweep
from governance.access.models import User
from governance.controls.rules import cover_incidents
from governance.controls.selectors import incidents
from governance.ledger.models import LedgerEntry
from governance.switches.models import Stop
from orchestra.core import clock
from orchestra.core.together import answer
from orchestra.management import drill
from tests.flows.conftest import World, retail  # noqa: F401  the fixture is used by name

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker() -> Iterator[None]:
    """What a worker does, in a thread with a connection of its own."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.02):
            sweep(now=clock.now())
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


@pytest.mark.parametrize("scope", ["tool", "cue_sheet", "everything"])
@pytest.mark.usefixtures("retail", "worker")
def test_a_drill_is_held_and_counted(scope: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drill, "QUIET_SECONDS", 1.0)
    out, before = StringIO(), clock.now()
    key = CueSheet.objects.order_by("key").values_list("key", flat=True)[0]
    named = {"everything": {"second": "operator"}, "cue_sheet": {"cue_sheet": key}}.get(scope, {})
    call_command("drill", by="supervisor", scope=scope, json=True, stdout=out, **named)

    told = json.loads(out.getvalue())
    assert told["passed"] is True
    assert told["seconds"] <= 2
    assert told["ran"] >= 3
    assert told["resumed"] == told["held"]
    stop = Stop.objects.get()
    assert (stop.is_drill, stop.lifted_at is not None) == (True, True)
    assert (stop.scope, stop.key) == (
        scope,
        {"tool": "calculate", "cue_sheet": key}.get(scope, ""),
    )
    kinds = LedgerEntry.objects.filter(kind__startswith="stop.").values_list("kind", flat=True)
    assert "stop.drilled" in set(kinds)
    lines = {line.code: line for line in answer(incidents(since=before, until=clock.now()))}
    assert (lines["drill"].complete, lines["in_time"].complete) == (1, 1)
    assert cover_incidents([], [])[0].complete == 0


@pytest.mark.usefixtures("retail", "worker")
def test_whoever_may_stop_holds_one_on_calls_of_somebody_who_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drill, "QUIET_SECONDS", 1.0)
    out = StringIO()
    call_command("drill", by="operator", caller="agent", json=True, stdout=out)
    assert json.loads(out.getvalue())["passed"] is True
    operator = User.objects.get(username="operator").as_actor()
    assert Stop.objects.get().by_label == operator.label


@pytest.mark.usefixtures("retail")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": "operator"}, "works no queue.*--caller"),
        ({"by": "agent"}, "agent may neither stop nor lift"),
        ({"by": "supervisor", "scope": "everything", "second": "agent"}, "agent may neither"),
        ({"by": "supervisor", "scope": "everything", "second": "supervisor"}, "Another person"),
    ],
    ids=["works no queue", "may not stop", "may not lift", "one person twice"],
)
def test_who_cannot_hold_one_is_told_before_anything_is_done(
    options: dict[str, str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("drill", **options)
    assert not Stop.objects.exists()
    assert not ToolCall.objects.exists()


@pytest.mark.usefixtures("retail")
def test_without_a_worker_nothing_is_claimed_to_have_stopped() -> None:
    with pytest.raises(CommandError, match="is a worker running"):
        call_command("drill", by="supervisor", wait=1.0)
    assert not Stop.objects.exists()
    assert not ToolCall.objects.filter(attempt__gt=0).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": "nobody"}, "there is no user nobody"),
        ({"by": "nobody", "scope": "everything"}, "name the other with --second"),
        ({"by": "nobody", "scope": "agent"}, "Name the agent"),
        ({"by": "nobody", "scope": "cue_sheet"}, "Name the cue sheet"),
    ],
)
def test_what_is_missing_is_said(options: dict[str, str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("drill", **options)
