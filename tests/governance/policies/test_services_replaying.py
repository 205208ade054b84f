"""A sample is drawn by the date, once a day, and what differs raises an alert."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from governance.ledger.models import EntryPayload
from governance.policies.models import DecisionRecord, PolicyVersion
from governance.policies.records import record_digest
from governance.policies.services import replay_nightly
from tests.governance.policies.test_services_deciding import decide, publish

pytestmark = pytest.mark.django_db


def payloads(kind: str) -> list[dict[str, Any]]:
    rows = EntryPayload.objects.filter(entry__kind=kind).order_by("pk")
    return [json.loads(bytes(row.body)) for row in rows]


def made(now: datetime, count: int) -> list[DecisionRecord]:
    return [decide(now + timedelta(minutes=n)).record for n in range(count)]


def test_all_agree_and_the_sample_is_recorded(now: datetime) -> None:
    publish(now)
    records = made(now, 4)
    found = replay_nightly(now=now)
    assert found is not None
    assert (found.sampled, found.agree, found.differ, found.lacking) == (4, 4, {}, 0)
    (payload,) = payloads("replay.sampled")
    assert payload["decisions"] == [str(record.public_id) for record in records]
    assert payload["seed"] == now.date().isoformat()
    assert payloads("replay.mismatched") == []


def test_it_runs_once_a_day(now: datetime) -> None:
    publish(now)
    made(now, 1)
    assert replay_nightly(now=now) is not None
    assert replay_nightly(now=now + timedelta(minutes=1)) is None
    assert replay_nightly(now=now + timedelta(days=1)) is not None


def test_the_date_is_the_seed(now: datetime) -> None:
    publish(now)
    made(now, 30)
    first = replay_nightly(now=now, size=5)
    second = replay_nightly(now=now + timedelta(days=1), size=5)
    assert first is not None
    assert second is not None
    one, other = (payload["decisions"] for payload in payloads("replay.sampled"))
    assert len(one) == len(other) == 5
    assert one != other


def test_a_difference_is_an_entry_and_a_log_line(now: datetime) -> None:
    publish(now)
    record = made(now, 3)[1]
    body = bytes(record.body).replace(b'"outcome":"allow"', b'"outcome":"deny"')
    DecisionRecord.objects.filter(pk=record.pk).update(body=body, digest=record_digest(body))
    with capture_logs() as lines:
        found = replay_nightly(now=now)
    why = 'outcome: recorded "deny", now "allow"'
    assert found is not None
    assert found.differ == {str(record.public_id): why}
    assert payloads("replay.mismatched")[0]["why"] == why
    assert payloads("replay.sampled")[0]["findings"] == {str(record.public_id): why}
    assert [line for line in lines if line["log_level"] == "error"] == [
        {
            "event": "replay.mismatch",
            "log_level": "error",
            "decision": str(record.public_id),
            "why": why,
        }
    ]


def test_what_cannot_be_decided_again_is_no_difference(now: datetime) -> None:
    version = publish(now)
    made(now, 2)
    PolicyVersion.objects.filter(pk=version.pk).update(document={"key": "refunds"})
    found = replay_nightly(now=now)
    assert found is not None
    assert (found.agree, found.differ, found.lacking) == (0, {}, 2)
    assert payloads("replay.mismatched") == []


def test_nothing_is_sampled_of_nothing(now: datetime) -> None:
    found = replay_nightly(now=now)
    assert found is not None
    assert found.sampled == 0
