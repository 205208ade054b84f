"""Lines of the log that say where an act stands in the ledger, once it does."""

import logging
from typing import Any

import pytest
import structlog
from django.db import transaction

from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.models import LedgerEntry
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core import clock
from orchestra.core.actors import system
from orchestra.core.origin import Channel, Origin, coming_from

pytestmark = pytest.mark.django_db

SECRET = "Nobody but the ledger is told this."


def act(count: int = 2) -> None:
    with one_act():
        for _number in range(count):
            draft = EntryDraft(
                stream=SYSTEM_STREAM,
                kind="act.refused",
                payload={"why": SECRET},
                subject_kind="test",
                subject_id="one",
            )
            append_entry(actor=system("test"), now=clock.now(), draft=draft)


def told(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    return [line for line in lines if line["event"] == "ledger.written"]


def test_one_act_is_one_line_that_joins_the_request_to_its_entries(
    caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    with (
        caplog.at_level(logging.INFO, "governance"),
        coming_from(Origin(Channel.API)),
        structlog.contextvars.bound_contextvars(request_id="request-1"),
        django_capture_on_commit_callbacks(execute=True),
    ):
        act()

    [line] = told(caplog)
    rows = LedgerEntry.objects.filter(stream=SYSTEM_STREAM).order_by("-seq")[:2]
    places = [{"kind": row.kind, "stream": row.stream, "seq": row.seq} for row in rows]
    assert line["entries"] == places[::-1]
    assert (line["request_id"], line["actor_id"]) == ("request-1", "test")
    assert SECRET not in str(line)


def taken_back() -> None:
    with transaction.atomic():
        act()
        raise RuntimeError("gone")


def test_what_was_taken_back_is_not_told(
    caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    with (
        caplog.at_level(logging.INFO, "governance"),
        coming_from(Origin(Channel.API)),
        django_capture_on_commit_callbacks(execute=True),
        pytest.raises(RuntimeError, match="gone"),
    ):
        taken_back()
    assert told(caplog) == []


def test_a_command_says_itself_what_it_did(
    caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    with (
        caplog.at_level(logging.INFO, "governance"),
        django_capture_on_commit_callbacks(execute=True),
    ):
        act()
    assert told(caplog) == []
