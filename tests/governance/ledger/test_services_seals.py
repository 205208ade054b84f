"""The seal of a stream: how many entries stand before it, and which is the last."""

import json

import pytest

from governance.ledger import envelope
from governance.ledger.models import EntryPayload, LedgerEntry, LedgerStream
from governance.ledger.selectors import payload_of
from governance.ledger.services import append_entry, one_act, seal_stream, sequence, verify
from governance.ledger.types import EntryDraft, ProblemKind
from tests.factories.ledger import AT, PERSON, make_entry, without_guards

CASE = "case:c-1"


def seal() -> LedgerEntry:
    with one_act():
        append_entry(actor=PERSON, now=AT, draft=EntryDraft(CASE, "act.refused"))
        seal_stream(actor=PERSON, now=AT, draft=EntryDraft(CASE, "", payload={"case": "C-1"}))
    return LedgerEntry.objects.latest("id")


def said(entry: LedgerEntry) -> dict[str, object]:
    return payload_of(entry=entry) or {}


@pytest.mark.django_db
def test_a_seal_counts_what_stands_before_it_in_its_own_act_too() -> None:
    make_entry(stream=CASE)
    entry = seal()
    before = LedgerEntry.objects.get(stream=CASE, seq=2)
    assert (entry.kind, entry.seq) == ("stream.sealed", 3)
    assert said(entry) == {
        "actor_label": PERSON.label,
        "case": "C-1",
        "count": 2,
        "head": before.leaf_hash,
    }
    assert verify(now=AT).ok


@pytest.mark.django_db
def test_a_stream_goes_on_after_its_seal_and_is_sealed_again() -> None:
    seal()
    make_entry(stream=CASE)
    assert said(seal())["count"] == 4
    assert verify(now=AT).ok


@pytest.mark.django_db
def test_a_seal_that_tells_another_number_is_found() -> None:
    entry = seal()
    with without_guards():
        body = bytes(entry.payload.body).replace(b'"count":1', b'"count":9')
        EntryPayload.objects.filter(pk=entry.pk).update(body=body)
        commitment = envelope.commit_payload(salt=bytes(entry.payload.salt), body=body)
        leaf = json.loads(bytes(entry.leaf_bytes)) | {"payload": commitment}
        changed = envelope.encode_envelope(leaf)
        digest = envelope.hash_leaf(changed).hex()
        LedgerEntry.objects.filter(pk=entry.pk).update(leaf_bytes=changed, leaf_hash=digest)
        LedgerStream.objects.filter(name=CASE).update(head=digest)
    sequence(now=AT)
    found = {problem.kind for problem in verify(now=AT).problems}
    assert found == {ProblemKind.SEAL_DIFFERS}
