"""Which key signed what, seals, and wrong keys: each is named by the verifier."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from governance.evidence import selectors
from governance.evidence.services import run_export
from governance.evidence.types import ExportScope
from governance.ledger import notes, services
from governance.ledger.services import one_act, seal_stream
from governance.ledger.services.signing import seeds
from governance.ledger.types import EntryDraft
from orchestra.core import actors
from orchestra.core.actors import Actor
from tests.factories.evidence import case_scope, make_export, span_scope
from tests.factories.ledger import AT, PERSON, make_entries
from tests.governance.evidence.packs import (
    Files,
    read_lines,
    read_pack,
    reseal,
    thin,
    verify,
    write_folder,
    write_lines,
)

pytestmark = pytest.mark.django_db(transaction=True)

OPERATOR = actors.system("command")
NEXT = bytes([7]) * 32
LATER = AT + timedelta(days=3)


def build(officer: Actor, scope: ExportScope) -> Path:
    export = make_export(officer, scope)
    run_export(export_pk=export.pk, read_clock=lambda: LATER)
    export.refresh_from_db()
    assert export.state == "done", export.problem
    return selectors.find_file(export)


def say(files: Files, folder: Path, *more: str) -> str:
    code, said = verify(write_folder(files, folder), *more)
    assert code == 1, said
    return said


@pytest.fixture
def rotated(officer: Actor, settings: Any) -> Path:
    """A pack of a ledger whose key changed after three entries."""
    make_entries(3)
    services.sequence(now=AT)
    settings.LEDGER_NEXT_KEY = NEXT.hex()
    services.rotate_key(actor=OPERATOR, now=AT, reason="yearly", overlap_days=30)
    make_entries(2)
    return build(officer, span_scope())


def test_keys_say_from_which_checkpoint_to_which_they_signed(rotated: Path) -> None:
    new, old = services.current_standing().keys()
    text = b"".join(read_pack(rotated)["keys.txt"]).decode()
    assert text == f"{new.text()} from 4 to now\n{old.text()} from 0 to 3\n"
    # During the overlap whoever was given the old key alone can still check.
    for key in (new, old):
        code, said = verify(rotated, "--key", key.text())
        assert code == 0, said
        assert f"checkpoint signed by {key.name}+{key.key_id.hex()}" in said


def test_a_checkpoint_by_a_key_outside_its_span_is_named(rotated: Path, tmp_path: Path) -> None:
    files = read_pack(rotated)
    old = services.current_standing().keys()[1]
    text, _gap, _lines = b"".join(files["checkpoint.txt"]).decode().partition("\n\n")
    note = notes.sign_note(text=f"{text}\n", name=old.name, seed=seeds()[0])
    files["checkpoint.txt"] = note.encode().splitlines(keepends=True)
    reseal(files, signed=True)
    said = say(files, tmp_path / "forged")
    assert "checkpoint.txt, line 5: is signed by" in said
    assert f"{old.key_id.hex()}, which signs those of 0 entries to 3 under the name" in said


def test_a_manifest_by_a_key_that_ended_is_named(rotated: Path, tmp_path: Path) -> None:
    files = read_pack(rotated)
    old = services.current_standing().keys()[1]
    text, _gap, _lines = b"".join(files["manifest.sig"]).decode().partition("\n\n")
    note = notes.sign_note(text=f"{text}\n", name=old.name, seed=seeds()[0])
    files["manifest.sig"] = note.encode().splitlines(keepends=True)
    said = say(files, tmp_path / "forged")
    assert "manifest.sig, line 5: is signed by" in said


@pytest.mark.parametrize("signed", [False, True])
def test_a_span_made_wider_is_found(rotated: Path, tmp_path: Path, signed: bool) -> None:
    files = read_pack(rotated)
    files["keys.txt"][1] = files["keys.txt"][1].replace(b"to 3", b"to now")
    assert "keys.txt, line 2" in say(files, tmp_path / "one")
    reseal(files)
    assert "manifest.sig, line 3: signs another manifest" in say(files, tmp_path / "one")
    files["keys.txt"][1] = b"to now from 0\n"
    reseal(files, signed=signed)
    assert "keys.txt, line 2: is no key" in say(files, tmp_path / "one")


def test_a_wrong_key_and_no_key_are_told_apart(rotated: Path) -> None:
    other = notes.log_key(name=services.log_origin(), seed=bytes(32)).text()
    code, said = verify(rotated, "--key", other)
    assert (code, "the key that you were given did not sign this" in said) == (1, True)
    for text in ("nonsense", "a+b+c", other[:-1], ""):
        code, said = verify(rotated, "--key", text)
        assert (code, "cannot be read" in said) == (2, True)


def seal(officer: Actor) -> Files:
    make_entries(12, streams=2)
    draft = EntryDraft(stream="case:c-1", kind="stream.sealed", payload={"case": "C-1"})
    with one_act():
        seal_stream(actor=PERSON, now=AT, draft=draft)
    path = build(officer, case_scope())
    code, said = verify(path)
    assert code == 0
    assert "1 stream gapless from first entry to seal" in said
    return read_pack(path)


def test_a_sealed_case_is_complete_and_what_is_missing_is_named(
    officer: Actor, tmp_path: Path
) -> None:
    files = seal(officer)
    places = [one["index"] for one in read_lines(files, "entries.jsonl")]
    thin(files, [places[1], places[2], places[4]])
    reseal(files, signed=True)
    said = say(files, tmp_path / "thinned")
    assert "entries.jsonl, line 4: it seals 6 entries of case:c-1" in said
    assert "these are not here: 2 to 3, 5" in said


@pytest.mark.parametrize("key", ["count", "head"])
def test_a_seal_that_counts_otherwise_is_named(officer: Actor, tmp_path: Path, key: str) -> None:
    files = seal(officer)
    payloads = read_lines(files, "payloads.jsonl")
    body = payloads[-1]["body"]
    assert f'"{key}"' in body
    payloads[-1]["body"] = body.replace('"count":6', '"count":5').replace('"head":"', '"head":"0')
    write_lines(files, "payloads.jsonl", payloads)
    reseal(files, signed=True)
    assert f"payloads.jsonl, line {len(payloads)}" in say(files, tmp_path / "other")
