"""Every kind of change of a pack is found, at its line; clean packs raise no alarm."""

import os
import random
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import chain
from pathlib import Path

import pytest

from governance.evidence import selectors
from governance.evidence.services import run_export
from governance.evidence.types import ExportScope, FieldGroup, ScopeKind
from governance.ledger.services import append_entry, one_act, seal_stream
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from tests.factories.evidence import case_scope, make_export, span_scope
from tests.factories.ledger import AT, PERSON
from tests.governance.evidence.mutations import (
    Mutation,
    by_line,
    by_meaning,
    in_every_region,
    of_the_whole,
)
from tests.governance.evidence.packs import Files, read_pack, reseal, verify, write_folder

IN_FULL = os.environ.get("ORCHESTRA_PROOF") == "evidence-mutations"
SEEDS = range(6) if IN_FULL else range(1)
ENTRIES = 60 if IN_FULL else 24
MOST = 6 if IN_FULL else 1
CLEAN = 120 if IN_FULL else 2

pytestmark = pytest.mark.django_db(transaction=True)
Record = Callable[[str, object], None]


def luck_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  chooses changes, keeps no secret


def fill(count: int, luck: random.Random) -> None:
    """Append entries to a few cases, some with personal data, some sealed."""
    cases = max(2, count // 10)
    for number in range(count):
        case = f"case:c-{luck.randrange(cases)}"
        said = {"act": "vote", "message": luck.choice(["no", "not yet, ask them", "é 中 🎭"])}
        if luck.random() < 0.4:
            said["email"] = f"someone{number}@example.com"
        draft = EntryDraft(stream=case, kind="act.refused", payload=said)
        with one_act():
            append_entry(actor=PERSON, now=AT, draft=draft)
            if luck.random() < 0.05:
                seal_stream(actor=PERSON, now=AT, draft=EntryDraft(stream=case, kind=""))


def build(officer: Actor, luck: random.Random, scope: ExportScope | None = None) -> Path:
    scopes = [span_scope(), ExportScope(ScopeKind.LEDGER), case_scope("c-0")]
    groups = [one for one in FieldGroup if luck.randrange(2)]
    export = make_export(officer, scope or luck.choice(scopes), leave_out=groups)
    chunk = luck.randrange(1, 40)
    run_export(export_pk=export.pk, read_clock=lambda: AT + timedelta(days=3), chunk=chunk)
    export.refresh_from_db()
    assert export.state == "done", export.problem
    return selectors.find_file(export)


@pytest.fixture(params=SEEDS)
def luck(request: pytest.FixtureRequest) -> random.Random:
    return luck_of(int(request.param))


@pytest.fixture
def pack(officer: Actor, luck: random.Random) -> Path:
    """The second export of a random ledger, so that it continues a checkpoint."""
    fill(ENTRIES, luck)
    build(officer, luck)
    fill(ENTRIES // 4, luck)
    return build(officer, luck, span_scope())


def lines_named(said: str, file: str) -> set[int]:
    found = re.finditer(rf"^FAILED  {re.escape(file)}[^,]*, line (\d+)", said, re.M)
    return {int(one[1]) for one in found}


def try_all(
    files: Files, folder: Path, mutations: Iterable[Mutation], record_property: Record
) -> None:
    """Run the verifier on each changed pack; every one is found, and its line named."""
    write_folder(files, folder)
    assert verify(folder)[0] == 0
    tried, missed, unnamed = 0, [], []
    for one in mutations:
        touched = {
            name
            for name in files.keys() | one.files.keys()
            if one.files.get(name) != files.get(name)
        }
        if not touched:
            continue
        for name in touched - one.files.keys():
            (folder / name).unlink()
        write_folder({name: one.files[name] for name in touched & one.files.keys()}, folder)
        code, said = verify(folder)
        tried += 1
        named = lines_named(said, one.file)
        if code != 1:
            missed.append((one.kind, one.file, one.lines))
        elif not (named & one.lines if one.lines else named):
            unnamed.append((one.kind, one.file, one.lines, said))
        for name in touched - files.keys():
            (folder / name).unlink()
        write_folder({name: files[name] for name in touched & files.keys()}, folder)
    for name, count in (("tried", tried), ("missed", len(missed)), ("unnamed", len(unnamed))):
        record_property(name, count)
    assert missed == []
    assert unnamed == [], "\n".join(map(str, unnamed[0]))
    assert verify(folder)[0] == 0


def test_a_bit_in_any_region_of_any_file(
    pack: Path, luck: random.Random, tmp_path: Path, record_property: Record
) -> None:
    files = read_pack(pack)
    try_all(files, tmp_path / "open", in_every_region(files, luck, MOST), record_property)


def test_a_line_removed_repeated_or_moved(
    pack: Path, luck: random.Random, tmp_path: Path, record_property: Record
) -> None:
    files = read_pack(pack)
    try_all(files, tmp_path / "open", by_line(files, luck, MOST), record_property)


def test_what_lines_say_with_every_digest_made_to_fit(
    pack: Path, luck: random.Random, tmp_path: Path, record_property: Record
) -> None:
    files = read_pack(pack)
    both = chain(
        by_meaning(files, luck, 3 * MOST, signed=False),
        by_meaning(files, luck, 3 * MOST, signed=True),
    )
    try_all(files, tmp_path / "open", both, record_property)


def test_whole_files_and_what_the_manifest_says(
    pack: Path, luck: random.Random, tmp_path: Path, record_property: Record
) -> None:
    files = read_pack(pack)
    try_all(files, tmp_path / "open", of_the_whole(files, luck), record_property)


def test_random_clean_packs_raise_no_alarm(officer: Actor, record_property: Record) -> None:
    luck = luck_of(13)
    for _time in range(CLEAN):
        fill(luck.randrange(1, 30), luck)
        with one_act():
            draft = EntryDraft(stream="case:c-0", kind="act.refused", payload={"act": "vote"})
            append_entry(actor=PERSON, now=AT, draft=draft)
        code, said = verify(build(officer, luck))
        assert code == 0, said
        assert "FAILED" not in said
    record_property("clean", CLEAN)


def test_a_resealed_pack_of_the_same_files_is_the_same(pack: Path) -> None:
    files = read_pack(pack)
    again = {name: list(lines) for name, lines in files.items()}
    reseal(again, signed=True)
    assert again == files
