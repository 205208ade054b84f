import hashlib
import json
import shutil
from pathlib import Path

import pytest

from cases.tools.adapters.retail.dataset import DATA, load_database, load_tasks
from cases.tools.adapters.retail.store import RetailStore
from cases.tools.adapters.retail.types import DatasetShapeError, Json


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("db.json", "tasks.json", "gold.json"):
        shutil.copy(DATA / name, tmp_path / name)
    return tmp_path


def _edit(path: Path, value: Json) -> None:
    path.write_text(json.dumps(value))


def test_the_database_that_ships_is_whole() -> None:
    database = load_database()
    assert {table: len(rows) for table, rows in database.items()} == {
        "products": 50,
        "users": 500,
        "orders": 1000,
    }


def test_the_data_is_the_published_data() -> None:
    meta = json.loads((DATA / "META.json").read_bytes())
    whole = {"agent": load_database(), "user": None}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == meta["our_hash"]
    assert "MIT License" in (DATA / "LICENSE").read_text()
    assert (DATA / "policy.md").read_text().startswith("# Retail agent policy")


def test_tasks_join_story_and_recording() -> None:
    tasks = load_tasks()
    assert len(tasks) == 74
    assert sum(len(task.steps) for task in tasks) == 365
    first = tasks[0]
    assert first.id == "0"
    assert first.known_info == "You are Yusuf Rossi in zip code 19122."
    assert first.unknown_info == "You do not remember your email address."
    assert first.reason_for_call.startswith("You received your order #W2378156")
    assert first.steps[0].name == "find_user_id_by_name_zip"
    assert first.steps[0].result == "yusuf_rossi_9620"
    assert first.steps[0].refusal is None
    assert first.hash_before.startswith("bb265a59")
    assert first.hash_after.startswith("6f9e6578")


def test_a_recorded_refusal_loses_its_prefix() -> None:
    refusals = {step.refusal for task in load_tasks() for step in task.steps if not step.ok}
    assert refusals == {
        "Product not found",
        "User not found",
        "Order not found",
        "Insufficient gift card balance to pay for the price difference",
    }


def test_another_folder_is_used(folder: Path) -> None:
    database = load_database()
    database["orders"] = {}
    _edit(folder / "db.json", database)
    assert load_database(folder)["orders"] == {}
    assert RetailStore.fresh(folder).state_hash() != RetailStore.fresh().state_hash()
    assert load_tasks(folder) == load_tasks()


def test_missing_files_are_listed(tmp_path: Path) -> None:
    with pytest.raises(DatasetShapeError) as caught:
        load_tasks(tmp_path)
    assert caught.value.missing == ("tasks.json: the file", "gold.json: the file")
    with pytest.raises(DatasetShapeError, match=r"db\.json: the file"):
        load_database(tmp_path)


def test_missing_fields_are_listed_together(folder: Path) -> None:
    tasks = json.loads((folder / "tasks.json").read_bytes())
    gold = json.loads((folder / "gold.json").read_bytes())
    del tasks[0]["user_scenario"]["instructions"]["known_info"]
    del tasks[1]["user_scenario"]
    tasks[2]["user_scenario"]["instructions"] = "a text"
    del gold[3]["our_after"]
    del gold[4]["steps"][0]["ok"]
    last = gold.pop()["id"]
    _edit(folder / "tasks.json", tasks)
    _edit(folder / "gold.json", gold)
    with pytest.raises(DatasetShapeError) as caught:
        load_tasks(folder)
    assert caught.value.missing == (
        "tasks.json: 0.user_scenario.instructions.known_info",
        "tasks.json: 1.user_scenario",
        "tasks.json: 2.user_scenario.instructions",
        "gold.json: 3.our_after",
        "gold.json: 4.steps.0.ok",
        f"gold.json: {last}",
    )
    assert "gold.json: 3.our_after" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "missing"),
    [
        ("tasks.json", "{}", "tasks.json: a list of objects"),
        ("tasks.json", "[1]", "tasks.json: a list of objects"),
        ("gold.json", "[{}]", "gold.json: 0.id"),
        ("gold.json", "not json", "gold.json: valid JSON"),
        ("gold.json", '[{"id": "0", "our_before": "", "our_after": "", "steps": 1}]', "0.steps"),
    ],
)
def test_other_shapes_are_named(folder: Path, name: str, content: str, missing: str) -> None:
    (folder / name).write_text(content)
    with pytest.raises(DatasetShapeError) as caught:
        load_tasks(folder)
    assert any(missing in entry for entry in caught.value.missing)


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        ("[]", ("db.json: an object",)),
        ("{}", ("db.json: products", "db.json: users", "db.json: orders")),
        (
            '{"products": {"1": {"name": "a", "variants": {}}}, "users": {}, "orders": {"2": 3}}',
            ("db.json: products.1.product_id", "db.json: orders.2"),
        ),
    ],
)
def test_a_database_of_another_shape_is_named(
    tmp_path: Path, content: str, missing: tuple[str, ...]
) -> None:
    (tmp_path / "db.json").write_text(content)
    with pytest.raises(DatasetShapeError) as caught:
        load_database(tmp_path)
    assert caught.value.missing == missing
