"""Payloads go under an entry that says so, every proof goes on holding, and again is harmless."""

import pytest
from django.db import DatabaseError, transaction

from governance.ledger import erasable, services
from governance.ledger.erasable import Reach
from governance.ledger.models import EntryPayload, LedgerEntry
from governance.ledger.services import erase_payloads, sequence, verify
from tests.factories.ledger import AT, PERSON, make_entries, make_entry

pytestmark = pytest.mark.django_db
CANARY = 'Mia "Canary" Øst'


def erase(reach: Reach) -> int:
    with transaction.atomic():
        return erase_payloads(
            actor=PERSON, now=AT, reach=reach, told={"reason": "r"}, subject=("customer", "cu-1")
        )


def bodies() -> bytes:
    return b"".join(bytes(body) for body in EntryPayload.objects.values_list("body", flat=True))


def test_a_stream_loses_its_words_and_keeps_its_proofs() -> None:
    make_entries(6, streams=2)
    make_entry(stream="case:c-1", payload={"act": "say", "message": CANARY})
    sequence(now=AT)
    assert verify(now=AT).ok
    assert erase(Reach(streams=["case:c-1"])) == 4
    last = LedgerEntry.objects.filter(stream="case:c-1").latest("seq")
    assert (last.kind, last.subject_kind, last.subject_id) == ("subject.erased", "customer", "cu-1")
    assert b"Canary" not in bodies()
    assert EntryPayload.objects.filter(entry__stream="case:c-0").count() == 3
    sequence(now=AT)
    assert verify(now=AT).ok


def test_again_changes_nothing() -> None:
    make_entries(3, streams=1)
    reach = Reach(streams=["case:c-0"])
    assert erase(reach) == 3
    count = LedgerEntry.objects.count()
    assert erase(reach) == 0
    assert LedgerEntry.objects.count() == count


def test_what_others_typed_about_somebody_goes_and_other_cases_stay() -> None:
    about = make_entry(stream="user:u-1", subject_id="ap-9")
    typed = make_entry(stream="user:u-1", payload={"act": "find", "message": f"for {CANARY}"})
    other = make_entry(stream="case:c-2", payload={"act": "say", "message": CANARY})
    kept = make_entry(stream="user:u-1", payload={"act": "find", "message": "for somebody else"})
    reach = Reach(streams=["case:c-1"], ids=["ap-9"], texts=[CANARY, ""])
    assert erasable.count_erasable(reach) == 2
    assert erase(reach) == 2
    left = set(EntryPayload.objects.values_list("pk", flat=True))
    assert left >= {other.pk, kept.pk}
    assert not left & {about.pk, typed.pk}


def test_nothing_is_half_erased() -> None:
    make_entries(3, streams=1)
    with transaction.atomic():
        erase_payloads(
            actor=PERSON, now=AT, reach=Reach(["case:c-0"]), told={}, subject=("case", "c-0")
        )
        assert EntryPayload.objects.count() == 1
        transaction.set_rollback(True)
    assert EntryPayload.objects.count() == LedgerEntry.objects.count() == 3


def test_inside_an_act_it_is_refused_by_the_database() -> None:
    make_entries(1)
    with pytest.raises(DatabaseError), services.one_act():
        erase_payloads(
            actor=PERSON, now=AT, reach=Reach(["case:c-0"]), told={}, subject=("case", "c-0")
        )


def test_entries_are_told_in_order_with_and_without_their_words() -> None:
    make_entry(payload={"act": "say", "message": "hello"})
    (first,) = erasable.list_recorded(streams=["case:c-1"])
    assert (first.kind, first.payload and first.payload["message"]) == ("act.refused", "hello")
    assert not erasable.has_erasure(stream="case:c-1")
    erase(Reach(streams=["case:c-1"]))
    first, last = erasable.list_recorded(streams=["case:c-1"])
    assert (first.payload, last.kind) == (None, "subject.erased")
    assert erasable.has_erasure(stream="case:c-1")
