"""Records are found by span and case, and say what they lack."""

from datetime import datetime, timedelta

import pytest

from governance.policies import selectors
from governance.policies.models import DecisionRecord
from governance.policies.replay import replay
from tests.governance.policies.test_services_limits import decide, published

__all__ = ["published"]


@pytest.mark.usefixtures("published")
def test_records_by_span_and_case(now: datetime) -> None:
    first = decide(now).record
    later = decide(now + timedelta(hours=1)).record
    assert list(selectors.list_records()) == [first, later]
    assert list(selectors.list_records(since=now + timedelta(minutes=1))) == [later]
    assert list(selectors.list_records(until=now + timedelta(minutes=1))) == [first]
    assert list(selectors.list_records(case=first.stream.removeprefix("case:"))) == [first]


@pytest.mark.usefixtures("published")
def test_a_changed_record_is_noticed(now: datetime) -> None:
    record = decide(now).record
    body = bytes(record.body).replace(b'"outcome":"allow"', b'"outcome":"deny"')
    assert not selectors.is_intact(DecisionRecord(body=body, digest=record.digest))
    found = replay(body=body, tables=selectors.load_record_tables(record))
    assert not found.agrees
    assert found.difference


@pytest.mark.usefixtures("published")
def test_without_its_tables_replay_says_what_it_lacks(now: datetime) -> None:
    found = replay(body=bytes(decide(now).record.body), tables={})
    assert not found.agrees
    assert found.lacks
