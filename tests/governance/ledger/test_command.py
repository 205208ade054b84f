"""`manage.py ledger`: what a script reads, and when it fails."""

import json
from base64 import b64decode
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from governance.ledger import envelope, notes, selectors, services, tree
from governance.ledger.models import LedgerEntry, LedgerNode
from tests.factories.ledger import AT, make_entries, without_guards

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command("ledger", *words, stdout=out)
    return out.getvalue()


def run_json(*words: str) -> dict[str, Any]:
    lines = run(*words, "--json").splitlines()
    assert len(lines) == 1
    read: dict[str, Any] = json.loads(lines[0])
    return read


def test_verify_says_that_nothing_was_altered() -> None:
    make_entries(3)
    read = run_json("verify")
    assert (read["ok"], read["size"], read["problems"]) == (True, 3, [])
    last = selectors.latest_checkpoint()
    assert last is not None
    assert (read["checkpoint_size"], read["checkpoint_root"]) == (3, last.root)
    assert "Unaltered: all 5 entries" in run("verify")


def test_verify_fails_and_names_the_finding() -> None:
    make_entries(3)
    with without_guards():
        LedgerEntry.objects.filter(stream="case:c-1").update(actor_id="nobody")
    out = StringIO()
    with pytest.raises(CommandError, match="1 findings"):
        call_command("ledger", "verify", "--json", stdout=out)
    read = json.loads(out.getvalue())
    assert [problem["kind"] for problem in read["problems"]] == ["column_altered"]
    words = StringIO()
    with without_guards(), pytest.raises(CommandError) as caught:
        call_command("ledger", "verify", stdout=words)
    assert caught.value.returncode == 1
    assert "column_altered: entry 1 (case:c-1#1)" in words.getvalue()
    assert "trigger governance_ledgerentry_no_update_v1 is absent" in words.getvalue()


def test_sequence_counts() -> None:
    make_entries(3)
    assert run_json("sequence") == {"placed": 3, "size": 3}
    assert run("sequence") == "1 entries placed; the tree has 4.\n"


def test_index_reads_to_the_end_and_counts() -> None:
    make_entries(3)
    assert run_json("index") == {"indexed": 3}
    assert run("index") == "1 entries read into the index.\n"


def test_a_damaged_ledger_stops_the_sequencer() -> None:
    make_entries(3)
    services.sequence(now=AT)
    with without_guards():
        LedgerNode.objects.update(hash=bytes(32))
    make_entries(1)
    with pytest.raises(CommandError, match="does not continue checkpoint 3") as caught:
        run("sequence")
    assert caught.value.returncode == 2


def test_checkpoint_is_a_note_anyone_can_check() -> None:
    with pytest.raises(CommandError, match="empty"):
        run("checkpoint")
    make_entries(3)
    read = run_json("checkpoint")
    opened = notes.open_note(read["note"], [notes.parse_vkey(read["vkey"])])
    head = notes.parse_checkpoint(opened.text)
    assert (head.size, head.root.hex()) == (read["size"], read["root"]) == (3, read["root"])
    assert run("checkpoint") == f"{read['note']}\n{read['vkey']}\n"


def test_export_can_be_checked_without_the_database(tmp_path: Path) -> None:
    make_entries(5)
    file = tmp_path / "ledger.jsonl"
    assert run_json("export", "--output", str(file)) == {"entries": 5, "file": "ledger.jsonl"}
    *lines, last = [json.loads(line) for line in file.read_text().splitlines()]
    hashes = [envelope.hash_leaf(b64decode(line["leaf"])) for line in lines]
    assert [line["leaf_hash"] for line in lines] == [item.hex() for item in hashes]
    opened = notes.open_note(last["checkpoint"], [services.published_key()])
    assert notes.parse_checkpoint(opened.text).root == tree.root_of(hashes)


def test_an_export_of_a_case_holds_only_it_and_is_an_entry() -> None:
    make_entries(5)
    *lines, last = [json.loads(line) for line in run("export", "--case", "c-1").splitlines()]
    assert [(line["stream"], line["seq"]) for line in lines] == [("case:c-1", 1), ("case:c-1", 2)]
    assert "checkpoint" in last
    entry = LedgerEntry.objects.get(kind="ledger.read")
    assert entry.stream == "system"
    assert selectors.entry_sentence(entry=entry, payload=selectors.payload_of(entry=entry)) == (
        "command read the ledger: export of case:c-1, 2 entries"
    )


def test_a_pack_of_a_case_verifies_and_what_is_missing_is_told(
    tmp_path: Path, settings: Any
) -> None:
    settings.EVIDENCE_DIR = tmp_path / "exports"
    make_entries(5)
    with pytest.raises(CommandError, match="no such case"):
        run("export", "--case", "c-404", "--output", str(tmp_path / "none.zip"))
    with pytest.raises(CommandError, match="no time such as"):
        run("export", "--since", "yesterday", "--output", str(tmp_path / "none.zip"))
    with pytest.raises(CommandError, match="--output"):
        run("export", "--since", "2026-11-19T00:00:00Z")
    assert list(tmp_path.glob("*.zip")) == []
