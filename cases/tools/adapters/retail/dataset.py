"""Loads a retail task set: the database, the tasks and their recorded calls."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cases.tools.adapters.retail.types import Database, DatasetShapeError, Json, Record

DATA = Path(__file__).with_name("data")

_TABLES = {
    "products": ("name", "product_id", "variants"),
    "users": ("user_id", "name", "address", "email", "payment_methods", "orders"),
    "orders": ("order_id", "user_id", "address", "items", "status", "payment_history"),
}
_STORY = ("reason_for_call", "known_info", "unknown_info", "task_instructions")
_STEP = ("name", "arguments", "ok", "result")
_GOLD = ("our_before", "our_after", "steps")
_ERROR_PREFIX = "ValueError: "


@dataclass(frozen=True)
class GoldStep:
    """One recorded call.

    Attributes:
        name: The operation.
        arguments: Its arguments.
        ok: Whether the recorded system carried it out.
        result: The recorded text: a JSON text, a plain text or a refusal.
    """

    name: str
    arguments: Record
    ok: bool
    result: str

    @property
    def refusal(self) -> str | None:
        """The recorded refusal without its type prefix, None when it was carried out."""
        return None if self.ok else self.result.removeprefix(_ERROR_PREFIX)


@dataclass(frozen=True)
class Task:
    """One customer's task with the calls that serve it.

    Attributes:
        id: The task's id.
        reason_for_call: What the customer wants, in the second person.
        known_info: What the customer can say about themselves.
        unknown_info: What the customer cannot say.
        task_instructions: How the customer behaves.
        steps: The recorded calls in order.
        hash_before: The state hash before the first call.
        hash_after: The state hash after the last call.
    """

    id: str
    reason_for_call: str
    known_info: str | None
    unknown_info: str | None
    task_instructions: str | None
    steps: tuple[GoldStep, ...]
    hash_before: str
    hash_after: str


def load_database(folder: Path | None = None) -> Database:
    """Load the store's untouched state.

    Args:
        folder: A folder with a `db.json`; the one that ships when None.

    Returns:
        Products, users and orders, each by id.

    Raises:
        DatasetShapeError: The folder holds no such database.
    """
    found = _read(folder=folder or DATA, name="db.json")
    missing = list(_database_gaps(found))
    if missing:
        raise DatasetShapeError(tuple(missing))
    database: Database = {table: found[table] for table in found}
    return database


def load_tasks(folder: Path | None = None) -> tuple[Task, ...]:
    """Load the tasks joined with their recorded calls.

    Args:
        folder: A folder with `tasks.json` and `gold.json`; the one that ships when None.

    Returns:
        The tasks in the order of `tasks.json`.

    Raises:
        DatasetShapeError: Files or fields are missing; all of them are listed.
    """
    folder = folder or DATA
    absent = tuple(
        f"{name}: the file" for name in ("tasks.json", "gold.json") if not (folder / name).is_file()
    )
    if absent:
        raise DatasetShapeError(absent)
    tasks = _by_id(found=_read(folder=folder, name="tasks.json"), name="tasks.json")
    gold = _by_id(found=_read(folder=folder, name="gold.json"), name="gold.json")
    missing = [*_task_gaps(tasks), *_gold_gaps(gold)]
    missing += [f"gold.json: {key}" for key in tasks if key not in gold]
    missing += [f"tasks.json: {key}" for key in gold if key not in tasks]
    if missing:
        raise DatasetShapeError(tuple(missing))
    return tuple(_task(key=key, task=task, gold=gold[key]) for key, task in tasks.items())


def _read(*, folder: Path, name: str) -> Json:
    path = folder / name
    if not path.is_file():
        raise DatasetShapeError((f"{name}: the file",))
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise DatasetShapeError((f"{name}: valid JSON",)) from error


def _by_id(*, found: Json, name: str) -> dict[str, Record]:
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise DatasetShapeError((f"{name}: a list of objects",))
    missing = tuple(f"{name}: {index}.id" for index, one in enumerate(found) if "id" not in one)
    if missing:
        raise DatasetShapeError(missing)
    return {str(entry["id"]): entry for entry in found}


def _gaps(*, value: Json, fields: Iterable[str], where: str) -> list[str]:
    if not isinstance(value, Mapping):
        return [where]
    return [f"{where}.{field}" for field in fields if field not in value]


def _database_gaps(found: Json) -> Iterable[str]:
    if not isinstance(found, dict):
        yield "db.json: an object"
        return
    for table, fields in _TABLES.items():
        rows = found.get(table)
        if not isinstance(rows, dict):
            yield f"db.json: {table}"
            continue
        for key, row in rows.items():
            yield from _gaps(value=row, fields=fields, where=f"db.json: {table}.{key}")


def _task_gaps(tasks: dict[str, Record]) -> Iterable[str]:
    for key, task in tasks.items():
        where = f"tasks.json: {key}.user_scenario"
        scenario = task.get("user_scenario")
        gaps = _gaps(value=scenario, fields=("instructions",), where=where)
        yield from gaps
        if not gaps and isinstance(scenario, dict):
            story = scenario["instructions"]
            yield from _gaps(value=story, fields=_STORY, where=f"{where}.instructions")


def _gold_gaps(gold: dict[str, Record]) -> Iterable[str]:
    for key, entry in gold.items():
        where = f"gold.json: {key}"
        yield from _gaps(value=entry, fields=_GOLD, where=where)
        steps = entry.get("steps", [])
        if not isinstance(steps, list):
            yield f"{where}.steps"
            continue
        for index, step in enumerate(steps):
            yield from _gaps(value=step, fields=_STEP, where=f"{where}.steps.{index}")


def _task(*, key: str, task: Record, gold: Record) -> Task:
    story = task["user_scenario"]["instructions"]
    return Task(
        id=key,
        reason_for_call=story["reason_for_call"],
        known_info=story["known_info"],
        unknown_info=story["unknown_info"],
        task_instructions=story["task_instructions"],
        steps=tuple(
            GoldStep(
                name=step["name"],
                arguments=step["arguments"],
                ok=step["ok"],
                result=step["result"],
            )
            for step in gold["steps"]
        ),
        hash_before=gold["our_before"],
        hash_after=gold["our_after"],
    )
