"""What is no pack, or a pack that is packed in another way, gets an answer, and soon."""

import io
import os
import random
import struct
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from governance.evidence import selectors, working
from governance.evidence.services import run_export
from governance.evidence.verifier import verifier
from orchestra.core.actors import Actor
from tests.factories.evidence import make_export, span_scope
from tests.factories.ledger import AT, make_entries
from tests.governance.evidence.packs import read_pack, verify, write_folder

IN_FULL = os.environ.get("ORCHESTRA_PROOF") == "evidence-mutations"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pack(officer: Actor) -> Path:
    make_entries(4)
    export = make_export(officer, span_scope())
    run_export(export_pk=export.pk, read_clock=lambda: AT + timedelta(days=3))
    export.refresh_from_db()
    assert export.state == "done", export.problem
    return selectors.find_file(export)


def repacked(pack: Path, target: Path, more: dict[str, bytes], kind: int = 0) -> Path:
    """Pack the files again as ours are packed, with some more, compressed or not."""
    with zipfile.ZipFile(pack) as old, zipfile.ZipFile(target, "w", kind) as new:
        for name, data in [*((one, old.read(one)) for one in old.namelist()), *more.items()]:
            told = zipfile.ZipInfo(name)
            told.external_attr, told.create_system, told.compress_type = 0o600 << 16, 3, kind
            new.writestr(told, data)
    return target


def refused(path: Path, *says: str) -> None:
    code, said = verify(path)
    assert code == 1, said
    for text in says:
        assert text in said, said


def test_a_zip_file_holds_nothing_but_the_files(pack: Path, tmp_path: Path) -> None:
    data, luck = pack.read_bytes(), random.Random(11)  # noqa: S311  keeps no secret
    bad = tmp_path / "bad.zip"
    for garbage in (b"x" + data, data + b"x", data[:-1], b"", b"PK", data[:40], b"\0" * 99):
        bad.write_bytes(garbage)
        refused(bad, "bad.zip, line 1: is no zip file that can be read")
    for _time in range(1500 if IN_FULL else 25):
        changed = bytearray(data)
        changed[luck.randrange(len(data))] ^= 1 << luck.randrange(8)
        bad.write_bytes(bytes(changed))
        refused(bad, "FAILED  ")
    bad.write_bytes(data)
    assert verify(bad)[0] == 0


@pytest.mark.parametrize("limit", [0, 700, 5_000])
def test_an_archive_too_long_for_32_bits_is_held_to_its_bytes_too(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    # As if 2 GiB were few bytes: sizes and places beyond them take 64 bits.
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", limit)
    monkeypatch.setattr(verifier, "LARGEST_PLAIN", limit)
    names = sorted(read_pack(pack))
    folder = write_folder(read_pack(pack), tmp_path / "open")
    large = tmp_path / "large.zip"
    working.pack(folder, names, large)
    data = large.read_bytes()
    assert len(data) > len(pack.read_bytes())
    opened = verifier.Zip(large)
    assert {name: opened.open(name).read() for name in names} == {
        name: (folder / name).read_bytes() for name in names
    }
    outside, at = [], 0
    for one in opened.zip.infolist():
        begin = data.index((folder / one.filename).read_bytes(), at)
        outside += range(at, begin)
        at = begin + one.file_size
    outside += range(at, len(data))
    luck = random.Random(64)  # noqa: S311  keeps no secret
    for place in luck.sample(outside, len(outside) if IN_FULL else 60):
        changed = bytearray(data)
        changed[place] ^= 1 << luck.randrange(8)
        large.write_bytes(bytes(changed))
        with pytest.raises(verifier.Wrong):
            verifier.Zip(large)


@pytest.mark.parametrize(
    "name",
    ["../../etc/cron.d/x", "/etc/passwd", "a/../../b", "..", "C:\\x", "entries.jsonl/", "x\ny"],
)
def test_a_name_that_leads_elsewhere_is_no_file_of_a_pack(
    pack: Path, tmp_path: Path, name: str
) -> None:
    bad = repacked(pack, tmp_path / "bad.zip", {name: b"x"})
    before = sorted(tmp_path.rglob("*"))
    refused(bad, verifier.shown(name), "is no file of a pack")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_bomb_is_refused_before_it_is_unpacked(pack: Path, tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("entries.jsonl", bytes(50_000_000))
    small = tmp_path / "bomb.zip"
    small.write_bytes(bomb.getvalue())
    assert small.stat().st_size < 100_000
    refused(small, "something else stands before entries.jsonl")
    again = repacked(pack, tmp_path / "packed.zip", {}, zipfile.ZIP_DEFLATED)
    refused(again, "something else stands before")


def test_files_that_lie_over_each_other_are_refused(pack: Path, tmp_path: Path) -> None:
    data = bytearray(pack.read_bytes())
    central = data.index(b"PK\1\2")
    second = data.index(b"PK\1\2", central + 4)
    data[second + 42 : second + 46] = struct.pack("<L", 0)
    bad = tmp_path / "over.zip"
    bad.write_bytes(bytes(data))
    refused(bad, "over.zip, line 1")


def test_a_file_that_is_there_twice_is_refused(pack: Path, tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        bad = repacked(pack, tmp_path / "twice.zip", {"gaps.txt": b"none\n"})
    refused(bad, "holds a file twice")


def test_a_folder_holds_plain_files_only(pack: Path, tmp_path: Path) -> None:
    folder = write_folder(read_pack(pack), tmp_path / "open")
    assert verify(folder)[0] == 0
    (folder / "more").mkdir()
    refused(folder, "more, line 1: is no plain file")
    (folder / "more").rmdir()
    (folder / "entries.jsonl").rename(tmp_path / "elsewhere")
    (folder / "entries.jsonl").symlink_to(tmp_path / "elsewhere")
    refused(folder, "entries.jsonl, line 1: is no plain file")
    (folder / "entries.jsonl").unlink()
    os.mkfifo(folder / "entries.jsonl")
    refused(folder, "entries.jsonl, line 1: is no plain file")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 50_000, "9" * 10_000, '{"files": 1}'])
def test_a_manifest_that_is_none_gets_an_answer(pack: Path, tmp_path: Path, text: str) -> None:
    files = {**read_pack(pack), "manifest.json": [text.encode()]}
    refused(write_folder(files, tmp_path / "open"), "manifest.json, line 1: cannot be read")


def test_where_there_is_no_pack_the_code_is_another(tmp_path: Path) -> None:
    assert verify(tmp_path / "nowhere")[0] == 2
    assert verify(tmp_path, "--checkpoint", str(tmp_path / "none"))[0] == 2
    code, said = verify(tmp_path)
    assert code == 1
    assert "manifest.json" in said
