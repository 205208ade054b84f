"""Every kind of change of a pack is found, at its line; clean packs raise no alarm."""

import os
import random
import re
from datetime import timedelta
from pathlib import Path

import pytest

from governance.evidence import selectors
from governance.evidence.services import run_export
from governance.evidence.types import FieldGroup
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from tests.factories.evidence import make_export, span_scope
from tests.factories.ledger import AT, PERSON
from tests.governance.evidence.packs import (
    Change,
    flip,
    read_pack,
    reseal,
    sweep,
    verify,
    write_folder,
)

IN_FULL = os.environ.get("ORCHESTRA_PROOF") == "evidence-mutations"
ENTRIES = 1000 if IN_FULL else 60
EVERY = 1 if IN_FULL else 6

pytestmark = pytest.mark.django_db(transaction=True)


def luck_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  chooses changes, keeps no secret


def fill(count: int, luck: random.Random) -> None:
    with one_act():
        for number in range(count):
            said = {"act": "vote", "message": "no"}
            if luck.random() < 0.4:
                said["email"] = f"someone{number}@example.com"
            draft = EntryDraft(
                stream=f"case:c-{luck.randrange(count // 10)}", kind="act.refused", payload=said
            )
            append_entry(actor=PERSON, now=AT, draft=draft)


@pytest.fixture
def pack(officer: Actor) -> Path:
    fill(ENTRIES, luck_of(5))
    export = make_export(officer, span_scope())
    run_export(export_pk=export.pk, read_clock=lambda: AT + timedelta(days=3))
    export.refresh_from_db()
    assert export.state == "done", export.problem
    return selectors.find_file(export)


def named(said: str, change: Change) -> bool:
    """Whether the line is named: where a line is gone, the one that now stands there."""
    lines = {
        int(found[1])
        for found in re.finditer(rf"^FAILED  {re.escape(change.file)}, line (\d+)", said, re.M)
    }
    near = {change.line} if change.name == "flip" else {change.line, change.line + 1}
    return bool(lines & near)


def test_every_change_is_found_and_its_line_named(pack: Path, tmp_path: Path) -> None:
    files, luck = read_pack(pack), luck_of(7)
    folder = write_folder(files, tmp_path / "unpacked")
    assert verify(folder)[0] == verify(pack)[0] == 0
    tried, missed, unnamed = 0, [], []
    for changed, change, resealed in sweep(files, luck, EVERY):
        touched = {name for name in changed if changed[name] != files[name]}
        write_folder({name: changed[name] for name in touched}, folder)
        code, said = verify(folder)
        tried += 1
        if code != 1:
            missed.append((change, resealed))
        elif not named(said, change):
            unnamed.append((change, resealed, said))
        write_folder({name: files[name] for name in touched}, folder)
    print(f"{tried} changes tried, {len(missed)} missed, {len(unnamed)} without their line")
    assert missed == []
    assert unnamed == [], unnamed[0]


def test_a_byte_flipped_in_any_file_is_found(pack: Path, tmp_path: Path) -> None:
    files, luck = read_pack(pack), luck_of(9)
    folder = write_folder(files, tmp_path / "unpacked")
    for name, lines in files.items():
        for _time in range(20 if IN_FULL else 3):
            changed = {name: list(lines)}
            if not lines:
                continue
            change = flip(changed, name, luck.randrange(len(lines)), luck)
            write_folder(changed, folder)
            code, said = verify(folder)
            assert code == 1, change
            assert name in said, (change, said)
        write_folder({name: lines}, folder)
    assert verify(folder)[0] == 0


def test_a_zip_file_holds_nothing_but_the_files(pack: Path, tmp_path: Path) -> None:
    data, luck = pack.read_bytes(), luck_of(11)
    bad = tmp_path / "bad.zip"
    for garbage in (b"x" + data, data + b"x", data[:-1], b"", b"PK", data[:40], b"\0" * 99):
        bad.write_bytes(garbage)
        assert verify(bad)[0] == 1
    for _time in range(400 if IN_FULL else 25):
        changed = bytearray(data)
        changed[luck.randrange(len(data))] ^= 1 << luck.randrange(8)
        bad.write_bytes(bytes(changed))
        assert verify(bad)[0] == 1
    bad.write_bytes(data)
    assert verify(bad)[0] == 0


def test_many_clean_packs_raise_no_alarm(officer: Actor) -> None:
    luck = luck_of(13)
    for _time in range(200 if IN_FULL else 3):
        fill(luck.randrange(10, 40), luck)
        groups = [one for one in FieldGroup if luck.randrange(2)]
        export = make_export(officer, span_scope(), leave_out=groups)
        run_export(export_pk=export.pk, read_clock=lambda: AT + timedelta(days=3), chunk=7)
        export.refresh_from_db()
        assert export.state == "done", export.problem
        code, said = verify(selectors.find_file(export))
        assert code == 0, said
        assert "FAILED" not in said


def test_a_resealed_pack_of_the_same_files_is_the_same(pack: Path) -> None:
    files = read_pack(pack)
    again = {name: list(lines) for name, lines in files.items()}
    reseal(again)
    assert again == files
