"""A pack's folder to its value, every error at once with file and line."""

import shutil
from pathlib import Path

import pytest

from cases.packs.exporting import export_files
from cases.packs.parsing import read_pack
from cases.packs.types import ItemKind, Known
from cases.tools.adapters.retail import catalogue, comparison, derived, grounds, language
from governance.access.types import Role
from governance.policies.catalogue import known_facts
from orchestra.core.errors import InvalidInputError

BUILTIN = Path(__file__).parents[3] / "cases" / "packs" / "builtin" / "retail"
KNOWN = Known(
    roles=frozenset(Role),
    functions=frozenset(
        [
            *derived.FACTS,
            *derived.EACH,
            *language.EFFECTS,
            *comparison.ROWS,
            *grounds.GROUNDS,
        ]
    ),
    facts={**known_facts(), **{spec.name: spec for spec in catalogue.FACT_SPECS}},
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUILTIN, tmp_path / "retail"))


def findings(folder: Path, **overrides: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInputError) as caught:
        read_pack(folder=folder, known=KNOWN, overrides=overrides)
    return [(error.field, error.code) for error in caught.value.errors]


def change(folder: Path, name: str, old: str, new: str) -> int:
    """Replace the first occurrence and return its line."""
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


def test_the_built_in_pack_has_no_errors() -> None:
    pack = read_pack(folder=BUILTIN, known=KNOWN)
    assert (pack.name, pack.version) == ("retail", 1)
    kinds = [list(ItemKind).index(item.kind) for item in pack.items]
    assert kinds == sorted(kinds)


def test_every_built_in_policy_has_a_row_and_one_without_any_is_refused(folder: Path) -> None:
    for item in read_pack(folder=BUILTIN, known=KNOWN).of(ItemKind.POLICY):
        assert item.document["rules"] or item.document["limits"], item.key
    path = folder / "policies" / "lookups.yaml"
    path.write_text(path.read_text().partition("rules:")[0] + "rules: []\n")
    with pytest.raises(InvalidInputError) as caught:
        read_pack(folder=folder, known=KNOWN)
    (found,) = [each for each in caught.value.errors if each.code == "empty"]
    assert found.field.startswith("policies/lookups.yaml:")
    assert "the table has no row; add one" in found.message


def test_an_address_makes_a_connection_an_http_one() -> None:
    pack = read_pack(folder=BUILTIN, known=KNOWN, overrides={"store.base_url": "http://h:8001"})
    [store] = pack.of(ItemKind.CONNECTION)
    assert (store.document["kind"], store.document["base_url"]) == ("http", "http://h:8001")
    assert store.document["settings"] == {}


def test_other_fields_of_a_connection_are_its_settings() -> None:
    overrides = {"store.kind": "simulated", "store.journal": "x"}
    pack = read_pack(folder=BUILTIN, known=KNOWN, overrides=overrides)
    [store] = pack.of(ItemKind.CONNECTION)
    assert store.document["settings"] == {"system": "retail", "journal": "x"}


def test_an_override_of_nothing_is_refused() -> None:
    assert findings(BUILTIN, **{"shop.base_url": "x"}) == [("--set shop.base_url", "unknown")]


def test_errors_of_all_files_come_at_once_with_their_lines(folder: Path) -> None:
    risk = change(folder, "tools.yaml", "risk: high", "risk: great")
    fact = change(folder, "policies/returns.yaml", "fact: refund_route", "fact: refund_rout")
    stage = change(folder, "cue_sheets/return_items.yaml", "stage: verify", "stage: check")
    queue = change(folder, "queues.yaml", "supervisor, specialist", "supervisor, boss")
    sheet = change(folder, "intents.yaml", "cue_sheet: cancel_order", "cue_sheet: cancel")
    found = dict(findings(folder))
    tools = [name for name in found if name.startswith("tools.yaml")]
    assert len(tools) == 1
    assert tools[0].startswith(f"tools.yaml:{risk}: [")
    assert tools[0].endswith("].risk")
    assert any(name.startswith(f"policies/returns.yaml:{fact}: rules[2]") for name in found)
    assert found[f"cue_sheets/return_items.yaml:{stage}: steps[1].stage"] == "choice"
    assert found[f"queues.yaml:{queue}: [0].next_roles[1]"] == "unknown_role"
    assert found[f"intents.yaml:{sheet}: [0].cue_sheet"] == "unknown"


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("tools.yaml", "connection: store", "connection: shop", "unknown"),
        ("tools.yaml", "retail.cancel_effect", "retail.cancel_affect", "unknown_function"),
        ("tools.yaml", "{tool: get_order_details,", "{tool: cancel_pending_order,", "unknown_tool"),
        ("tools.yaml", "queue: care", "queue: cure", "unknown"),
        ("policies/lookups.yaml", "    - calculate\n", "", "no_policy"),
        ("connections.yaml", "kind: simulated", "kind: carrier_pigeon", "choice"),
        ("connections.yaml", "{system: retail", "{secret: hunter2, system: retail", "secret"),
        ("queues.yaml", "  title: Returns", "  is_default: true", "twice"),
        ("queues.yaml", "key: returns", "key: orders", "duplicate"),
        ("pack.yaml", "name: retail", "nome: retail", "unknown_field"),
        ("cue_sheets/cancel_order.yaml", "queue: orders", "queue: order", "unknown"),
    ],
)  # fmt: skip
def test_each_reference_is_checked(folder: Path, name: str, old: str, new: str, code: str) -> None:
    change(folder, name, old, new)
    found = findings(folder)
    assert code in {one for _, one in found}
    assert all(
        field.startswith(f"{name}:") or code in {"no_policy", "duplicate"} for field, _ in found[:1]
    )


def test_a_folder_without_a_pack_says_so(tmp_path: Path) -> None:
    assert ("pack.yaml", "missing") in findings(tmp_path)


def test_what_is_exported_reads_the_same_and_exports_the_same(tmp_path: Path) -> None:
    pack = read_pack(folder=BUILTIN, known=KNOWN)
    head = {"name": pack.name, "title": pack.title, "version": pack.version}
    files = export_files(head=head, items=pack.items)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    again = read_pack(folder=tmp_path, known=KNOWN)
    by_key = {(item.kind, item.key): item.document for item in again.items}
    assert by_key == {(item.kind, item.key): item.document for item in pack.items}
    assert export_files(head=head, items=again.items) == files
