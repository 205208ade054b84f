"""Reading the ledger on from a place."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.ledger import heads, selectors, services
from governance.ledger.entries import LEDGER_READ, LEDGER_VERIFIED
from governance.ledger.placed import list_touched
from governance.ledger.types import EntryDraft
from orchestra.core.actors import system

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 19, 12, tzinfo=UTC)


def append(kind: str, at: datetime = AT, subject_id: str = "s") -> None:
    with services.one_act():
        draft = EntryDraft(
            stream="system",
            kind=kind,
            payload={"what": "x"},
            subject_kind="thing",
            subject_id=subject_id,
        )
        services.append_entry(actor=system("test"), now=at, draft=draft)


def test_only_what_has_its_place_is_read_in_order_and_by_kind() -> None:
    for kind in (LEDGER_READ, LEDGER_VERIFIED, LEDGER_READ):
        append(kind)
    services.sequence(now=AT, wait=True)
    append(LEDGER_READ)
    found = selectors.list_placed(begin=0, end=100, of_kinds=[LEDGER_READ])
    assert [one.index for one in found] == [0, 2]
    assert found[0].payload is not None
    assert found[0].payload["what"] == "x"
    assert len({one.leaf_hash for one in found}) == 2
    assert selectors.list_placed(begin=1, end=2, of_kinds=[LEDGER_READ]) == []


def test_what_was_touched_tells_stream_kind_and_moment_alone() -> None:
    for kind in (LEDGER_READ, LEDGER_VERIFIED):
        append(kind)
    services.sequence(now=AT, wait=True)
    append(LEDGER_READ)
    kinds = [LEDGER_READ, LEDGER_VERIFIED]
    assert list_touched(begin=0, end=9, of_kinds=kinds) == [("system", kind, AT) for kind in kinds]
    assert list_touched(begin=1, end=9, of_kinds=[LEDGER_READ]) == []


def test_the_first_place_since_a_moment() -> None:
    assert selectors.first_index_since(at=AT) == 0
    append(LEDGER_READ, AT - timedelta(hours=2))
    append(LEDGER_READ, AT)
    services.sequence(now=AT, wait=True)
    assert selectors.first_index_since(at=AT - timedelta(hours=1)) == 1
    assert selectors.first_index_since(at=AT + timedelta(hours=1)) == selectors.tree_size()


def test_the_last_of_some_kinds_about_a_subject() -> None:
    append(LEDGER_READ, AT)
    append(LEDGER_VERIFIED, AT + timedelta(seconds=1))
    append(LEDGER_READ, AT + timedelta(seconds=2), subject_id="other")
    last = selectors.find_last(subject_id="s", of_kinds=[LEDGER_READ, LEDGER_VERIFIED])
    assert last is not None
    assert last.kind == LEDGER_VERIFIED
    assert selectors.find_last(subject_id="nobody", of_kinds=[LEDGER_READ]) is None


def test_heads_are_read_in_order_without_what_was_said() -> None:
    append(LEDGER_READ)
    append(LEDGER_VERIFIED)
    services.sequence(now=AT, wait=True)
    append(LEDGER_READ)
    assert heads.list_heads(begin=0, end=9) == [
        (0, LEDGER_READ, "system", "test"),
        (1, LEDGER_VERIFIED, "system", "test"),
    ]
    assert heads.list_heads(begin=1, end=1) == []
