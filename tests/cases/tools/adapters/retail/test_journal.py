import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cases.tools.adapters.retail.dataset import DATA, load_tasks
from cases.tools.adapters.retail.journal import JournaledStore
from cases.tools.adapters.retail.store import OPERATIONS, RetailStore
from cases.tools.adapters.retail.types import (
    Answer,
    BadArgumentsError,
    JournalError,
    Json,
    KeyReusedError,
    RefusedError,
)

UNTOUCHED = "bb265a590505aea61ad67bf5ca08d7b2879116f9c800aae92d1a31d9d8f962d8"
CANCEL = "cancel_pending_order"
FIRST = {"order_id": "#W4776164", "reason": "no longer needed"}
SECOND = {"order_id": "#W6247578", "reason": "no longer needed"}
RETURN = {
    "order_id": "#W2378156",
    "item_ids": ["1151293680"],
    "payment_method_id": "credit_card_9513926",
}
PROGRAM = """
import json, sys
from pathlib import Path
from cases.tools.adapters.retail.journal import JournaledStore
from cases.tools.adapters.retail.types import StoreError
store = JournaledStore(Path(sys.argv[1]))
for line in sys.stdin:
    order = json.loads(line)
    try:
        answer = {"result": getattr(store, order.pop("do"))(**order)}
    except StoreError as error:
        answer = {"error": error.code}
    print(json.dumps(answer), flush=True)
"""


class Other:
    """A second process on the same journal, told what to do line by line."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, do: str, **arguments: Json) -> Json:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "journal.jsonl"


@pytest.fixture
def other(path: Path) -> Iterator[Other]:
    process = Other(path)
    yield process
    process.end()


def _entries(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines()[1:]


@pytest.mark.parametrize("kept", [True, False])
def test_recorded_calls_give_the_recorded_state(*, path: Path, kept: bool) -> None:
    store = JournaledStore(path if kept else None, fsync=False)
    for task in load_tasks()[:12]:
        store.reset()
        for step in task.steps:
            try:
                store.call(operation=step.name, arguments=step.arguments)
            except RefusedError:
                assert not step.ok
        assert store.state_hash() == task.hash_after
        writes = sum(step.ok and OPERATIONS[step.name].writes for step in task.steps)
        assert store.total_effects() == writes
    store.close()


def test_a_write_is_one_line_and_a_read_none(path: Path) -> None:
    store = JournaledStore(path)
    store.call(operation="get_order_details", arguments={"order_id": "#W4776164"}, key="k0")
    store.call(operation=CANCEL, arguments=FIRST, key="k1")
    assert [json.loads(line) for line in _entries(path)] == [
        {"key": "k1", "operation": CANCEL, "arguments": FIRST}
    ]
    assert store.lookup("k0") is None


def test_a_restart_loses_nothing(path: Path) -> None:
    store = JournaledStore(path)
    order = store.call(operation=CANCEL, arguments=FIRST, key="k1")
    state = store.state_hash()
    store.close()
    again = JournaledStore(path)
    assert again.state_hash() == state != UNTOUCHED
    assert again.effects("k1") == 1
    assert again.lookup("k1") == Answer(operation=CANCEL, ok=True, result=order, message=None)
    assert again.call(operation=CANCEL, arguments=FIRST, key="k1") == order
    assert len(_entries(path)) == 1


@pytest.mark.parametrize("kept", [True, False])
def test_the_same_key_has_one_effect_and_one_answer(*, path: Path, kept: bool) -> None:
    store = JournaledStore(path if kept else None)
    first = store.call(operation=CANCEL, arguments=FIRST, key="k1")
    state = store.state_hash()
    backwards = dict(reversed(FIRST.items()))
    assert store.call(operation=CANCEL, arguments=backwards, key="k1") == first
    first.clear()
    assert store.call(operation=CANCEL, arguments=FIRST, key="k1")["status"] == "cancelled"
    with pytest.raises(KeyReusedError):
        store.call(operation=CANCEL, arguments=SECOND, key="k1")
    with pytest.raises(KeyReusedError):
        store.call(operation="return_delivered_order_items", arguments=RETURN, key="k1")
    assert store.state_hash() == state
    assert (store.effects("k1"), store.effects("k2"), store.total_effects()) == (1, 0, 1)


@pytest.mark.parametrize("kept", [True, False])
def test_a_first_refusal_stays_the_answer(*, path: Path, kept: bool) -> None:
    store = JournaledStore(path if kept else None)
    wrong = {**FIRST, "reason": "dear"}
    for _ in range(2):
        with pytest.raises(RefusedError, match="Invalid reason"):
            store.call(operation=CANCEL, arguments=wrong, key="k1")
    with pytest.raises(KeyReusedError):
        store.call(operation=CANCEL, arguments=FIRST, key="k1")
    assert store.state_hash() == UNTOUCHED
    assert (store.effects("k1"), store.total_effects()) == (0, 0)
    answer = Answer(operation=CANCEL, ok=False, result=None, message="Invalid reason")
    assert store.lookup("k1") == answer


def test_a_refusal_is_remembered_though_the_state_moved_on(path: Path) -> None:
    store = JournaledStore(path)
    store.call(operation=CANCEL, arguments=FIRST, key="k1")
    with pytest.raises(RefusedError, match="not pending"):
        store.call(operation=CANCEL, arguments=FIRST, key="k2")
    again = JournaledStore(path)
    with pytest.raises(RefusedError, match="not pending"):
        again.call(operation=CANCEL, arguments=FIRST, key="k2")
    assert again.total_effects() == 1


def test_bad_arguments_leave_the_key_free(path: Path) -> None:
    store = JournaledStore(path)
    with pytest.raises(BadArgumentsError):
        store.call(operation=CANCEL, arguments={}, key="k1")
    assert store.lookup("k1") is None
    assert _entries(path) == []
    store.call(operation=CANCEL, arguments=FIRST, key="k1")


@pytest.mark.processes
def test_two_processes_share_one_store(path: Path, other: Other) -> None:
    store = JournaledStore(path)
    order = store.call(operation=CANCEL, arguments=FIRST, key="k1")
    assert other.do("state_hash") == {"result": store.state_hash()}
    assert other.do("call", operation=CANCEL, arguments=FIRST, key="k1") == {"result": order}
    assert other.do("call", operation=CANCEL, arguments=SECOND, key="k1") == {"error": "key_reused"}
    assert other.do("call", operation=CANCEL, arguments=SECOND, key="k2")["result"]
    assert store.effects("k2") == 1
    assert store.total_effects() == 2
    read = store.call(operation="get_order_details", arguments={"order_id": SECOND["order_id"]})
    assert read["status"] == "cancelled"


@pytest.mark.processes
def test_a_reset_is_noticed_by_the_other_process(path: Path, other: Other) -> None:
    store = JournaledStore(path)
    other.do("call", operation=CANCEL, arguments=FIRST, key="k1")
    store.reset()
    assert other.do("state_hash") == {"result": UNTOUCHED}
    assert other.do("effects", key="k1") == {"result": 0}
    other.do("call", operation=CANCEL, arguments=FIRST, key="k1")
    assert store.effects("k1") == 1
    other.do("reset")
    assert (store.state_hash(), store.total_effects()) == (UNTOUCHED, 0)


@pytest.mark.processes
def test_processes_racing_for_one_key_have_one_effect(path: Path) -> None:
    others = [Other(path) for _ in range(3)]
    orders = [order for order in _pending_orders() if order != FIRST["order_id"]][:5]

    def race(number: int) -> list[object]:
        return [
            others[number].do(
                "call",
                operation=CANCEL,
                arguments={"order_id": order, "reason": "no longer needed"},
                key=order,
            )
            for order in orders
        ]

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(race, range(3)))
    for process in others:
        process.end()
    assert answers[0] == answers[1] == answers[2]
    store = JournaledStore(path)
    assert [store.effects(order) for order in orders] == [1] * 5
    assert len(_entries(path)) == 5


def _pending_orders() -> list[str]:
    database = json.loads((DATA / "db.json").read_bytes())
    return [key for key, order in database["orders"].items() if order["status"] == "pending"]


def test_threads_racing_for_one_key_have_one_effect(path: Path) -> None:
    stores = [JournaledStore(path, fsync=False), JournaledStore(path, fsync=False)]
    gate = threading.Barrier(8)

    def race(number: int) -> object:
        gate.wait()
        return stores[number % 2].call(operation=CANCEL, arguments=FIRST, key="k1")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(race, range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert [store.effects("k1") for store in stores] == [1, 1]
    assert len(_entries(path)) == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from cases.tools.adapters.retail import journal_file
from cases.tools.adapters.retail.journal import JournaledStore
store = JournaledStore(Path(sys.argv[1]))
def torn(descriptor, data):
    os.write(descriptor, data[: int(sys.argv[2])])
    os.kill(os.getpid(), signal.SIGKILL)
journal_file._write_all = torn
store.call(
    operation="cancel_pending_order",
    arguments={"order_id": "#W6247578", "reason": "no longer needed"},
    key="k2",
)
"""


@pytest.mark.processes
@pytest.mark.parametrize("written", [0, 1, 40])
def test_a_writer_killed_in_the_middle_leaves_no_effect(path: Path, written: int) -> None:
    store = JournaledStore(path)
    store.call(operation=CANCEL, arguments=FIRST, key="k1")
    state, size = store.state_hash(), path.stat().st_size
    command = [sys.executable, "-c", KILLED, str(path), str(written)]
    killed = subprocess.run(command, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.stat().st_size == size + written
    assert JournaledStore(path).state_hash() == state
    assert path.stat().st_size == size
    assert store.state_hash() == state
    assert store.lookup("k2") is None
    store.call(operation=CANCEL, arguments=SECOND, key="k2")
    assert JournaledStore(path).effects("k2") == 1


@pytest.mark.processes
def test_a_writer_killed_after_the_append_left_its_effect(path: Path) -> None:
    store = JournaledStore(path)
    command = [sys.executable, "-c", KILLED, str(path), "100000"]
    killed = subprocess.run(command, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert store.effects("k2") == 1
    assert store.call(operation=CANCEL, arguments=SECOND, key="k2")["status"] == "cancelled"
    assert store.total_effects() == 1


def test_a_failed_append_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = JournaledStore(path)
    size = path.stat().st_size

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            store.call(operation=CANCEL, arguments=FIRST, key="k1")
    assert path.stat().st_size == size
    assert store.state_hash() == UNTOUCHED
    assert store.lookup("k1") is None
    store.call(operation=CANCEL, arguments=FIRST, key="k1")
    assert JournaledStore(path).effects("k1") == 1


@pytest.mark.processes
def test_a_restocked_store_knows_what_was_done_in_every_process(path: Path, other: Other) -> None:
    store = JournaledStore(path)
    given = other.do("call", operation=CANCEL, arguments=FIRST, key="k1")
    store.restock()
    assert other.do("state_hash") == {"result": UNTOUCHED}
    assert (other.do("effects", key="k1"), store.effects("k1")) == ({"result": 1}, 1)
    # The same key is the same write, also after a restart; another key is another one.
    assert other.do("call", operation=CANCEL, arguments=FIRST, key="k1") == given
    assert JournaledStore(path).state_hash() == UNTOUCHED
    other.do("call", operation=CANCEL, arguments=FIRST, key="k2")
    assert store.total_effects() == JournaledStore(path).total_effects() == 2
    assert store.state_hash() == JournaledStore(path).state_hash() != UNTOUCHED


def test_a_store_in_memory_is_restocked_too() -> None:
    store = JournaledStore(None)
    store.call(operation=CANCEL, arguments=FIRST, key="k1")
    store.restock()
    assert (store.state_hash(), store.effects("k1")) == (UNTOUCHED, 1)


def test_a_removed_journal_is_a_reset(path: Path) -> None:
    store = JournaledStore(path)
    store.call(operation=CANCEL, arguments=FIRST, key="k1")
    path.unlink()
    assert store.state_hash() == UNTOUCHED
    store.call(operation=CANCEL, arguments=FIRST, key="k1")
    assert len(_entries(path)) == 1


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"not json",
        b"[1]",
        json.dumps({"key": 1, "operation": CANCEL, "arguments": FIRST}).encode(),
        b'{"key": null, "operation": "get_order_details", "arguments": {"order_id": "#W1"}}',
        b'{"key": null, "operation": "cancel_pending_order", "arguments": 3}',
    ],
)
def test_a_damaged_line_is_not_passed_over(path: Path, line: bytes) -> None:
    store = JournaledStore(path)
    with path.open("ab") as file:
        file.write(line + b"\n")
    for _ in range(2):
        with pytest.raises(JournalError):
            store.state_hash()
    with pytest.raises(JournalError):
        JournaledStore(path)


def test_a_journal_of_other_data_is_refused(path: Path, tmp_path: Path) -> None:
    JournaledStore(path).close()
    database = json.loads((DATA / "db.json").read_bytes())
    database["orders"] = {}
    (tmp_path / "db.json").write_text(json.dumps(database))
    with pytest.raises(JournalError, match="other data"):
        JournaledStore(path, folder=tmp_path)
    path.write_text("something else\n")
    with pytest.raises(JournalError, match="no journal"):
        JournaledStore(path)


def test_an_empty_file_becomes_a_journal(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    store = JournaledStore(path)
    store.call(operation=CANCEL, arguments=FIRST)
    assert JournaledStore(path).total_effects() == 1
    assert RetailStore.fresh().state_hash() == UNTOUCHED
