"""Reads: streams in order, entries in words, proofs that verify, backlog."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import gettext_lazy as _

from governance.ledger import selectors, services, tree
from governance.ledger.consistency import consistency_proof
from governance.ledger.models import LedgerEntry, LedgerNode
from governance.ledger.registry import EntryKind, kinds, register_kinds
from governance.ledger.types import Backlog, DamagedLedgerError
from orchestra.core.errors import NotFoundError
from tests.factories.ledger import AT, make_entries, make_entry, without_guards

pytestmark = pytest.mark.django_db


def test_a_stream_is_read_in_order_from_a_number(django_assert_num_queries: Any) -> None:
    make_entries(9)
    with django_assert_num_queries(1):
        entries = list(selectors.list_stream(stream="case:c-1", after_seq=1))
        payloads = [selectors.payload_of(entry=entry) for entry in entries]
    assert [entry.seq for entry in entries] == [2, 3]
    assert all(payload and payload["act"] == "vote" for payload in payloads)


def test_entries_are_listed_newest_first() -> None:
    made = make_entries(3)
    assert list(selectors.list_entries()) == made[::-1]


def test_an_entry_is_found_by_its_place() -> None:
    make_entries(3)
    assert selectors.find_entry(index=2) is None
    services.sequence(now=AT)
    found = selectors.find_entry(index=2)
    assert found is not None
    assert found.stream == "case:c-2"


def test_every_proof_of_every_size_verifies() -> None:
    make_entries(13)
    services.sequence(now=AT)
    hashes = [
        bytes.fromhex(text)
        for text in LedgerEntry.objects.exclude(leaf_index=None)
        .order_by("leaf_index")
        .values_list("leaf_hash", flat=True)
    ]
    for size in range(1, 14):
        root = tree.root_of(hashes[:size])
        for index in range(size):
            proof = selectors.inclusion_proof(index=index, size=size)
            assert (proof.root, proof.leaf_hash) == (root, hashes[index])
            assert tree.verify_inclusion(
                index=index, size=size, leaf_hash=hashes[index], proof=proof.hashes, root=root
            )
        for size1 in range(1, size + 1):
            assert tree.verify_consistency(
                size1=size1,
                root1=tree.root_of(hashes[:size1]),
                size2=size,
                root2=root,
                proof=consistency_proof(size1=size1, size2=size),
            )


def test_a_proof_costs_two_queries(django_assert_num_queries: Any) -> None:
    make_entries(70)
    services.sequence(now=AT)
    with django_assert_num_queries(2):
        selectors.inclusion_proof(index=37, size=69)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (0, 99), (-1, 3)])
def test_no_proof_of_what_is_not_there(index: int, size: int) -> None:
    make_entries(3)
    services.sequence(now=AT)
    with pytest.raises(NotFoundError):
        selectors.inclusion_proof(index=index, size=size)
    with pytest.raises(NotFoundError):
        consistency_proof(size1=0, size2=3)


def test_a_proof_from_a_damaged_tree_is_refused() -> None:
    make_entries(8)
    services.sequence(now=AT)
    with without_guards():
        LedgerNode.objects.filter(level=2, index=1).delete()
    with pytest.raises(DamagedLedgerError, match="2/1"):
        selectors.inclusion_proof(index=0, size=8)
    with pytest.raises(DamagedLedgerError, match="no hash"):
        selectors.hash_bytes("00")


def test_the_backlog_tells_its_age() -> None:
    assert selectors.get_backlog() == Backlog(count=0, oldest_at=None)
    make_entry()
    make_entry()
    assert selectors.get_backlog() == Backlog(count=2, oldest_at=AT)
    assert selectors.count_unsequenced() == 2
    services.sequence(now=AT + timedelta(seconds=1))
    # The checkpoint's own entry waits for the next run.
    assert selectors.get_backlog() == Backlog(count=1, oldest_at=AT + timedelta(seconds=1))


def test_an_entry_reads_in_words() -> None:
    entry = make_entry()
    payload = selectors.payload_of(entry=entry)
    assert selectors.entry_sentence(entry=entry, payload=payload) == (
        "Maren Osei was refused: vote (no)"
    )
    assert selectors.entry_sentence(entry=entry, payload=None) == "human u-12 was refused: … (…)"


@pytest.mark.parametrize(
    ("sentence", "payload", "words"),
    [
        ("{actor} did {what}", {"actor_label": "Ann"}, "Ann did …"),
        ("{agent} at {case.id}", {"agent": {"label": "Bot"}, "case": {"id": "C-1"}}, "Bot at C-1"),
        ("{rows} by {nobody.at.all}", {"rows": ["a", 2]}, "a, 2 by …"),
        ("{rows}{empty}", {"rows": [], "empty": ""}, "……"),
        ("{actor.__class__}", {"actor_label": "Ann"}, "…"),
        ("{text}", {"text": "{actor} {0} %s"}, "{actor} {0} %s"),
        ("{amount}", {"amount": 0}, "0"),
    ],
)
def test_sentences_take_what_the_payload_holds(
    sentence: str, payload: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = make_entry()
    monkeypatch.setitem(kinds._items, entry.kind, EntryKind(entry.kind, _(sentence)))
    assert selectors.entry_sentence(entry=entry, payload=payload) == words


def test_an_entry_outlives_its_kind() -> None:
    entry = make_entry()
    entry.kind = "long.gone"
    assert selectors.entry_sentence(entry=entry, payload={}) == "long.gone"


def test_a_kind_is_registered_once() -> None:
    register_kinds(*[kinds.get(code) for code in kinds])
    with pytest.raises(ValueError, match="twice"):
        register_kinds(EntryKind("act.refused", "another"))


def test_few_entries_are_narrowed_by_kind_past_the_index_of_kinds() -> None:
    make_entry("case:c-1", "act.refused")
    kept = make_entry("case:c-1", "ledger.read", payload={"what": "all"})
    make_entry("case:c-2", "ledger.read", payload={"what": "all"})
    found = selectors.of_kinds(selectors.list_streams(streams=["case:c-1"]), ["ledger.read"])
    assert list(found) == [kept]
    # The column by itself would be looked up, which is most of a long ledger.
    assert '"kind" IN' not in str(found.query)
