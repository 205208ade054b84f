"""`manage.py ledger` on keys, epochs, proofs and notes: what a script reads, and bad input."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from governance.ledger import notes, selectors, services, tree
from tests.factories.ledger import AT, make_entries
from tests.governance.ledger import vectors

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command("ledger", *words, stdout=out)
    return out.getvalue()


def run_json(*words: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(run(*words, "--json"))
    return read


def test_a_key_is_made_and_takes_over(tmp_path: Path, settings: Any) -> None:
    make_entries(3)
    services.sequence(now=AT)
    file = tmp_path / "next.key"
    made = run_json("new-key", "--output", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().strip() not in json.dumps(made)
    settings.LEDGER_NEXT_KEY = file.read_text().strip()
    rotated = run_json("rotate", "--reason", "yearly")
    assert rotated["new"] == made["vkey"]
    keys = run_json("keys")["keys"]
    assert [(key["up_to_size"], key["in_force"]) for key in keys] == [(3, False), (None, True)]
    assert "(in force)" in run("keys")
    with pytest.raises(CommandError, match="cannot be made"):
        run("new-key", "--output", str(file))


def test_verify_since_last_says_what_it_read() -> None:
    make_entries(3)
    run("verify")
    make_entries(2)
    words = run("verify", "--since-last")
    assert "Read: entries 3 to 7." in words
    assert "Unaltered since: 4 of 7 entries" in words
    assert run_json("verify", "--since-last")["first"] == 7


def test_consistency_is_proved_in_words_and_hashes() -> None:
    make_entries(6)
    services.sequence(now=AT)
    make_entries(2)
    services.sequence(now=AT)
    read = run_json("consistency", "--from", "6")
    assert tree.verify_consistency(
        size1=6,
        root1=bytes.fromhex(read["root_from"]),
        size2=read["to"],
        root2=bytes.fromhex(read["root_to"]),
        proof=[bytes.fromhex(item) for item in read["hashes"]],
    )
    assert "The first 6 of 9 entries are unchanged" in run("consistency", "--from", "6")
    for wrong in (("--from", "0"), ("--from", "99"), ("--from", "8", "--to", "6")):
        with pytest.raises(CommandError, match="No proof leads"):
            run("consistency", *wrong)


def signed(size: int, root: bytes) -> str:
    text = notes.TreeHead(services.log_origin(), size, root).text()
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    return notes.sign_note(text=text, name=services.log_origin(), seed=seed)


def test_a_note_is_checked(tmp_path: Path) -> None:
    make_entries(3)
    services.sequence(now=AT)
    last = selectors.latest_checkpoint()
    assert last is not None
    file = tmp_path / "note"
    file.write_text(last.note)
    assert run_json("check-note", str(file))["ok"]
    assert run_json("check-note", str(file), "--vkey", services.published_key().text())["ok"]
    wrong = notes.log_key(name=services.log_origin(), seed=vectors.WITNESS_SEED).text()
    with pytest.raises(CommandError, match="no known key"):
        run("check-note", str(file), "--vkey", wrong)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (signed, "root of the empty tree"),
        (lambda _size, _root: "no note", "a note"),
        (lambda _size, root: signed(3, root), "another root"),
        (lambda _size, root: signed(30, root), "counts 30 entries; this ledger has 3"),
        (lambda _size, _root: vectors.SIGNED_8, "no known key"),
    ],
)
def test_a_note_that_does_not_hold_says_why(content: Any, why: str, tmp_path: Path) -> None:
    make_entries(3)
    services.sequence(now=AT)
    file = tmp_path / "note"
    file.write_text(content(0, bytes(32)))
    with pytest.raises(CommandError, match=why) as caught:
        run("check-note", str(file))
    assert caught.value.returncode == 1


def test_a_file_that_is_not_there_and_a_root_that_is_none() -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run("check-note", "/nowhere")
    with pytest.raises(CommandError, match="64 lower-case hex digits"):
        run("begin-epoch", "--reason", "lost", "--size", "3", "--root", "abc")
    with pytest.raises(CommandError, match="no epoch is needed"):
        run("begin-epoch", "--reason", "lost", "--size", "3", "--root", "0" * 64)
