"""A selection says the same before and after JSON, and refuses what it does not know."""

from datetime import UTC, datetime
from typing import Any

import pytest

from governance.ledger.indexing import index_digests
from governance.ledger.models import EntryFacet, EntryWord
from governance.ledger.selection import EntrySelection, select
from orchestra.core.errors import InvalidInputError
from tests.factories.ledger import make_entry

FULL = EntrySelection(
    streams=("case:c-1",),
    kinds=("approval.", "act.refused"),
    actor_ids=("u-12",),
    subject_ids=("s-1",),
    since=datetime(2026, 11, 1, tzinfo=UTC),
    until=datetime(2026, 11, 2, tzinfo=UTC),
    actor_kinds=("human",),
    tools=("cancel_order",),
    risks=("high",),
    outcomes=("deny",),
    policies=("ab" * 32,),
    customers=("cu-1",),
    text="warm jacket",
)


def test_every_field_survives_json() -> None:
    value = FULL.to_json()
    assert value["since"] == "2026-11-01T00:00:00.000000Z"
    assert value["kinds"] == ["approval.", "act.refused"]
    assert EntrySelection.from_json(value) == FULL
    assert EntrySelection().to_json() == {}
    assert EntrySelection.from_json({}) == EntrySelection()


@pytest.mark.parametrize(
    ("value", "field", "code"),
    [
        ([], "selection", "type"),
        ({"tool": ["x"]}, "selection.tool", "unknown"),
        ({"tools": "x"}, "selection.tools", "type"),
        ({"tools": ["x"] * 101}, "selection.tools", "type"),
        ({"tools": [3]}, "selection.tools", "length"),
        ({"tools": [""]}, "selection.tools", "length"),
        ({"tools": ["x" * 121]}, "selection.tools", "length"),
        ({"tools": ["a\x00b"]}, "selection.tools", "text"),
        ({"actor_kinds": ["robot"]}, "selection.actor_kinds", "unknown"),
        ({"text": 3}, "selection.text", "type"),
        ({"text": "a" * 201}, "selection.text", "length"),
        ({"text": "a" * 10_000_000}, "selection.text", "length"),
        ({"text": "a\x00"}, "selection.text", "text"),
        ({"since": "yesterday"}, "selection.since", "time"),
        ({"since": 3}, "selection.since", "time"),
        (
            {"since": "2026-11-02T00:00:00Z", "until": "2026-11-02T00:00:00Z"},
            "selection.until",
            "span",
        ),
    ],
)
def test_what_it_does_not_know_is_refused(value: Any, field: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        EntrySelection.from_json(value)
    assert [(error.field, error.code) for error in caught.value.errors] == [(field, code)]
    assert len(caught.value.message) < 1_001


def test_every_finding_is_told_at_once() -> None:
    with pytest.raises(InvalidInputError) as caught:
        EntrySelection.from_json({"tool": 1, "text": 3, "since": "x"})
    assert len(caught.value.errors) == 3


@pytest.mark.django_db
def test_rows_are_found_by_each_field_and_by_all_together() -> None:
    other = make_entry(stream="case:c-9", subject_id="s-9")
    make_entry(stream="case:c-1", kind="act.refused", subject_id="cu-1")
    entry = make_entry(stream="case:c-1", kind="act.refused", subject_id="s-1")
    for name, value in (
        ("tool", "cancel_order"),
        ("risk", "high"),
        ("outcome", "deny"),
        ("policy", "ab" * 32),
    ):
        EntryFacet.objects.create(entry=entry, name=name, value=value)
    for digest in index_digests(["warm", "jacket"]):
        EntryWord.objects.create(payload=entry.payload, digest=digest)
    for name, value in FULL.to_json().items():
        if name in {"since", "until"}:
            continue
        found = set(select(EntrySelection.from_json({name: value})).values_list("pk", flat=True))
        assert entry.pk in found, name
        assert name in {"kinds", "actor_ids", "actor_kinds"} or other.pk not in found, name
    timeless = EntrySelection.from_json(
        {key: value for key, value in FULL.to_json().items() if key not in {"since", "until"}}
    )
    assert [one.pk for one in select(timeless)] == [entry.pk]
    assert not select(FULL).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("jacket", True),
        ("Jacket WARM", True),
        ('"warm jacket"', True),
        ("jacket trousers", False),
        ("jacket -warm", False),
        ("jacket -trousers", True),
        ("the", False),
        ("warm/jacket", True),
        ("💥", False),
    ],
)
def test_text_is_looked_for_word_by_word(text: str, found: bool) -> None:
    entry = make_entry()
    for digest in index_digests(["warm", "jacket"]):
        EntryWord.objects.create(payload=entry.payload, digest=digest)
    assert select(EntrySelection(text=text)).exists() is found
