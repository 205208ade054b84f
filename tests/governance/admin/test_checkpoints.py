"""Checkpoints and keys: what is shown, what is compared, what is handed out."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.ledger import notes, selectors, services, tree
from governance.ledger.models import Checkpoint, LedgerEntry, LedgerNode
from governance.ledger.proof_files import CONSISTENCY_HEADER
from orchestra.core import actors, clock
from tests.factories.ledger import make_entries, spared, without_guards
from tests.flows.conftest import World
from tests.governance.admin.conftest import Browser

PAGE = "/admin/ledger/checkpoints/"
#: On SQLite, which appends an entry in more statements.
PAGE_QUERIES = 10


@pytest.fixture(autouse=True)
def _checkpoint_file(settings: Any, tmp_path: Path) -> None:
    settings.LEDGER_CHECKPOINT_FILE = tmp_path / "checkpoints.txt"


def signed(count: int = 3) -> int:
    """Append and sign; return the size."""
    make_entries(count)
    services.sequence(now=clock.now())
    last = selectors.latest_checkpoint()
    assert last is not None
    return last.size


def text(client: Any, query: str = "") -> str:
    answer = client.get(PAGE + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_newest_note_and_the_key_are_there_to_copy(retail: World, browser: Browser) -> None:
    del retail
    size = signed()
    last = selectors.latest_checkpoint()
    assert last is not None
    client = browser("compliance")
    shown = client.get(PAGE).content.decode()
    assert last.note.split("\n")[2] in shown
    assert services.published_key().text() in shown
    assert "in force" in shown
    assert "checkpoints.txt" in shown
    assert f"?from={size}#compare" in shown
    assert LedgerEntry.objects.filter(kind="ledger.read").count() == 1


def test_an_empty_ledger_says_so(retail: World, browser: Browser) -> None:
    del retail
    assert "No checkpoint is signed yet." in text(browser("compliance"))


def test_a_retired_key_stays_listed(retail: World, browser: Browser, settings: Any) -> None:
    del retail
    size = signed()
    settings.LEDGER_NEXT_KEY = (bytes([7]) * 32).hex()
    old = services.published_key().text()
    services.rotate_key(
        actor=actors.system("command"), now=clock.now(), reason="yearly", overlap_days=9
    )
    shown = text(browser("compliance"))
    assert old in shown
    assert "signs too until" in shown
    assert f"checkpoints above 0 up to {size} entries" in shown


def test_two_checkpoints_are_compared_in_words(retail: World, browser: Browser) -> None:
    del retail
    first, second = signed(), signed()
    client = browser("compliance")
    shown = text(client, f"?from={first}&to={second}")
    assert f"Nothing of the first {first} entries was changed" in shown
    link = f"/admin/ledger/consistency/{first}/{second}/"
    assert link in shown
    answer = client.get(link)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    proof, rest = answer.content.decode().split("\n\n", 1)
    header, *hashes = proof.split("\n")
    assert header == CONSISTENCY_HEADER
    found = [
        notes.parse_checkpoint(notes.open_note(note, [services.published_key()]).text)
        for note in notes.split_notes(f"{rest}\n")[0]
    ]
    assert [head.size for head in found] == [first, second]
    assert tree.verify_consistency(
        size1=first,
        root1=found[0].root,
        size2=second,
        root2=found[1].root,
        proof=[notes.decode_base64(item) for item in hashes],
    )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?from=x", "a whole number"),
        ("?from=99999", "There is no checkpoint of 99999 entries"),
        ("?from=" + "9" * 40, "a whole number"),
        ("?before=x", "Checkpoints"),
    ],
)
def test_bad_input_has_a_clear_answer(
    query: str, said: str, retail: World, browser: Browser
) -> None:
    del retail
    signed()
    assert said in text(browser("compliance"), query)


def test_a_departure_is_shown_in_red(retail: World, browser: Browser) -> None:
    del retail
    first = signed(8)
    second = signed(3)
    with without_guards():
        LedgerNode.objects.all().update(hash=bytes(32))
    services.keep_sequencing(now=clock.now())
    shown = text(browser("compliance"), f"?from={first}&to={second}")
    assert "Not consistent" in shown
    assert "Signing stopped" in shown
    assert "Signing stopped" in browser("compliance").get("/admin/").content.decode()


def test_an_entry_s_proof_is_handed_out_and_holds(retail: World, browser: Browser) -> None:
    del retail
    size = signed(5)
    answer = browser("compliance").get("/admin/ledger/entries/2/proof/")
    assert "entry-2.tlog-proof" in answer["Content-Disposition"]
    proof = notes.parse_proof(answer.content.decode())
    head = notes.parse_checkpoint(notes.open_note(proof.note, [services.published_key()]).text)
    entry = selectors.find_entry(index=2)
    assert entry is not None
    assert head.size == size
    assert tree.verify_inclusion(
        index=2,
        size=size,
        leaf_hash=bytes.fromhex(entry.leaf_hash),
        proof=proof.hashes,
        root=head.root,
    )


@pytest.mark.parametrize(
    "address",
    [
        "/admin/ledger/entries/99999/proof/",
        "/admin/ledger/checkpoints/99999/",
        "/admin/ledger/consistency/3/99999/",
    ],
)
def test_what_is_not_there_is_not_found(address: str, retail: World, browser: Browser) -> None:
    del retail
    signed()
    assert browser("compliance").get(address).status_code == 404


def test_who_may_not_read_the_ledger_finds_nothing(retail: World, browser: Browser) -> None:
    del retail
    size = signed()
    client = browser("agent")
    for address in (PAGE, f"{PAGE}{size}/", "/admin/ledger/entries/0/proof/"):
        assert client.get(address).status_code == 404
    assert not LedgerEntry.objects.filter(kind="ledger.read").exists()


def test_the_page_takes_as_many_queries_for_many_checkpoints(
    retail: World, browser: Browser
) -> None:
    del retail
    client, counts = browser("compliance"), []
    for rounds in (2, 25):
        for _ in range(rounds):
            signed(1)
        with CaptureQueriesContext(connection) as captured:
            shown = text(client)
        counts.append(len(captured))
    assert counts == [PAGE_QUERIES - spared()] * 2
    with CaptureQueriesContext(connection) as captured:
        compared = client.get(PAGE, {"from": Checkpoint.objects.order_by("size")[3].size})
    assert compared.context["compared"]["sign"] == "is-ok"
    assert len(captured) == PAGE_QUERIES + 4 - spared()
    assert "older" in shown
