"""The index finds entries by facts and words, holds no text, and forgets with the payload."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from governance.ledger import services
from governance.ledger.erasable import Reach
from governance.ledger.models import (
    EntryFacet,
    EntryHour,
    EntryIndex,
    EntryPayload,
    EntryWord,
    LedgerEntry,
    SavedSearch,
)
from governance.ledger.selection import EntrySelection, select
from governance.ledger.services import erase_payloads, index_entries, sequence
from tests.factories.access import make_person
from tests.factories.ledger import AT, PERSON, make_entry

pytestmark = pytest.mark.django_db
DIGEST = "ab" * 32


def put(**changes: Any) -> LedgerEntry:
    return make_entry(**changes)


def index(**kwargs: int) -> int:
    sequence(now=AT)
    return index_entries(**kwargs)


def found(**wanted: Any) -> list[int]:
    rows = select(EntrySelection(streams=("case:c-1", "case:c-2"), **wanted))
    return list(rows.order_by("id").values_list("pk", flat=True))


def tables() -> str:
    """What the index's own tables hold, as text."""
    with connection.cursor() as cursor:
        held = []
        for model in (EntryFacet, EntryWord, EntryHour, EntryIndex):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")  # noqa: S608  our own name
            held.append(str(cursor.fetchall()))
    return " ".join(held)


def test_words_and_facts_are_found_and_no_text_stands_in_the_index() -> None:
    entry = put(
        payload={"tool": "cancel_order", "message": "Canary jacket", "risk": "high"},
        policy=DIGEST,
    )
    other = put(payload={"message": "trousers"})
    assert index() >= 2
    assert found(text="CANARY") == [entry.pk]
    assert found(text="trousers") == [other.pk]
    assert found(tools=("cancel_order",)) == [entry.pk]
    assert found(risks=("high",)) == [entry.pk]
    assert found(policies=(DIGEST,)) == [entry.pk]
    assert "anary" not in tables()


def test_a_second_run_reads_nothing_twice_and_a_small_window_reads_all() -> None:
    for number in range(7):
        put(payload={"message": f"number{number}"})
    assert index(window=2, most_windows=2) == 4
    total = LedgerEntry.objects.filter(leaf_index__isnull=False).count()
    assert index_entries(window=2) == total - 4
    with CaptureQueriesContext(connection) as asked:
        assert index_entries() == 0
    assert len(asked) == 1
    assert len(found(text="number6")) == 1
    assert EntryIndex.objects.get().next_index == total


def test_what_only_the_unmasked_payload_shows_is_not_found() -> None:
    put(payload={"message": "write to mia.canary@example.com or 4111 1111 1111 1111"})
    index()
    for text in ("mia.canary@example.com", "canary", "4111111111111111", "4111"):
        assert found(text=text) == [], text
    assert len(found(text="write")) == 1


def test_what_one_entry_tells_of_a_call_holds_for_all_of_its_entries() -> None:
    decided = put(
        subject_kind="tool_call",
        subject_id="tc-1",
        payload={"outcome": "approve", "rules": ["floor:high", "retail:1"]},
    )
    index()
    proposed = put(subject_kind="tool_call", subject_id="tc-1", payload={"tool": "cancel_order"})
    vote = put(
        subject_kind="approval",
        subject_id="ap-1",
        payload={"subject": {"kind": "tool_call", "id": "tc-1"}},
    )
    put(subject_kind="tool_call", subject_id="tc-2", payload={"tool": "other"})
    index()
    every = [decided.pk, proposed.pk, vote.pk]
    assert found(tools=("cancel_order",)) == every
    assert found(risks=("high",)) == every
    assert found(outcomes=("approve",)) == every


@pytest.mark.parametrize(
    "payload",
    [
        {"tool": 3, "risk": None, "outcome": ["x"], "policies": [], "rules": "floor:high"},
        {"tool": "Mia Canary", "risk": "x" * 101, "outcome": ""},
        {"policies": {"a": [], "b": 3, "c": [1, 2]}, "rules": [3, {}]},
        {"subject": "x", "deep": [[{"a": ["b"]}]]},
    ],
)
def test_a_payload_of_any_shape_is_read_on_and_gives_no_facet(payload: dict[str, Any]) -> None:
    put(payload=payload)
    index()
    assert not EntryFacet.objects.exists()
    assert EntryIndex.objects.get().next_index == 1


def test_erasing_takes_words_facts_and_searches_and_leaves_the_policy_version() -> None:
    person = make_person("ilse").as_actor()
    gone = put(payload={"tool": "cancel_order", "message": "Canary jacket"}, policy=DIGEST)
    kept = put(stream="case:c-2", payload={"tool": "cancel_order", "message": "jacket"})
    index()
    for name, text in (("Mine", "canary jacket"), ("Canary", "x"), ("Other", "jacket")):
        services.save_search(actor=person, now=AT, name=name, selection=EntrySelection(text=text))
    with transaction.atomic():
        erase_payloads(
            actor=PERSON,
            now=AT,
            reach=Reach(streams=["case:c-1"], texts=["Canary"]),
            told={"reason": "r"},
            subject=("customer", "cu-1"),
        )
    index()
    assert not EntryWord.objects.filter(payload_id=gone.pk).exists()
    assert found(text="canary") == []
    assert found(text="jacket") == [kept.pk]
    assert found(tools=("cancel_order",)) == [kept.pk]
    assert found(policies=(DIGEST,)) == [gone.pk]
    assert list(SavedSearch.objects.values_list("name", flat=True)) == ["Other"]
    bodies = b"".join(bytes(body) for body in EntryPayload.objects.values_list("body", flat=True))
    assert b"canary" not in bodies.lower()


def test_an_entry_erased_before_it_was_read_has_no_words() -> None:
    put(payload={"message": "Canary"})
    with transaction.atomic():
        erase_payloads(
            actor=PERSON,
            now=AT,
            reach=Reach(["case:c-1"]),
            told={"reason": "r"},
            subject=("customer", "cu-1"),
        )
    index()
    assert found(text="canary") == []


def test_under_another_key_all_is_read_again_and_the_old_words_are_found_meanwhile() -> None:
    entry = put(payload={"message": "jacket"})
    index()
    with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=["only-for-tests"]):
        assert found(text="jacket") == [entry.pk]
    with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=[]):
        assert found(text="jacket") == []
        assert index_entries() >= 1
        assert found(text="jacket") == [entry.pk]


def test_the_hours_say_between_which_entries_they_lie() -> None:
    first, last = put(), put()
    index()
    (hour,) = EntryHour.objects.all()
    assert (hour.hour, hour.first) == (AT.replace(minute=0), first.pk)
    assert hour.last >= last.pk
    third = put()
    index()
    hour.refresh_from_db()
    assert (hour.first, hour.last >= third.pk) == (first.pk, True)
