"""A retail store that several processes share through one durable journal."""

import copy
import json
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from cases.tools.adapters.retail.journal_file import JournalFile
from cases.tools.adapters.retail.store import (
    Operation,
    RetailStore,
    check_arguments,
    get_operation,
)
from cases.tools.adapters.retail.types import (
    Answer,
    JournalError,
    Json,
    KeyReusedError,
    Record,
    RefusedError,
    StoreError,
)

#: The line from which on the lines apply to the untouched state again.
_RESTOCKED = b'{"restocked": true}'


class JournaledStore:
    """A store whose every write is a line of a journal before it is an effect.

    The state is the untouched state with all lines since the last restocking applied in order;
    each process applies the lines it has not seen before every operation. A line is written
    before it is applied, so an answer that was given survives the process. Safe for several
    threads and processes.

    An idempotency key belongs to one write: the same key with the same arguments returns the
    first answer, refusals included. A key on an operation that changes nothing is ignored.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        folder: Path | None = None,
        fsync: bool = True,
        system: type[RetailStore] = RetailStore,
    ) -> None:
        """Open the journal, making it if it is not there.

        Args:
            path: The journal; None keeps everything in memory. A lock file lies beside it.
            folder: A folder with a `db.json`; the one that ships when None.
            fsync: Whether a write waits until the disk has it.
            system: Which system of record it is.

        Raises:
            DatasetShapeError: The folder holds no retail database.
            JournalError: The journal is damaged or belongs to other data.
        """
        self._store = system.fresh(folder)
        self._operations = system.operations
        self._mutex = threading.RLock()
        self._answers: dict[str, tuple[str, Answer]] = {}
        self._effects: Counter[str] = Counter()
        self._total = 0
        self._file: JournalFile | None = None
        if path is not None:
            self._file = JournalFile(path=path, base=self._store.untouched_hash(), fsync=fsync)
            self._catch_up()

    def call(self, *, operation: str, arguments: Record, key: str | None = None) -> Json:
        """Carry out one operation on the newest state, at most once per key.

        Args:
            operation: The name, for example `cancel_pending_order`.
            arguments: The arguments by name.
            key: The idempotency key of a write.

        Returns:
            The JSON value the store answers, or answered the first time.

        Raises:
            RefusedError: A business rule says no, or said no the first time.
            UnknownOperationError: There is no such operation; the key stays unused.
            BadArgumentsError: The arguments do not fit it; the key stays unused.
            KeyReusedError: The key was used for something else.
            JournalError: The journal is damaged.
            OSError: The journal could not be written; nothing was changed.
        """
        found = get_operation(name=operation, operations=self._operations)
        check_arguments(operation=found, arguments=arguments)
        with self._mutex:
            if not found.writes:
                self._catch_up()
                return self._store.call(operation=operation, arguments=arguments)
            return _given(self._write(operation=operation, arguments=arguments, key=key))

    def effects(self, key: str) -> int:
        """Return how many times writes under this key changed the state."""
        with self._mutex:
            self._catch_up()
            return self._effects[key]

    def total_effects(self) -> int:
        """Return how many writes changed the state, with and without a key."""
        with self._mutex:
            self._catch_up()
            return self._total

    def lookup(self, key: str) -> Answer | None:
        """Return the first answer given under this key, None if there was no write under it."""
        with self._mutex:
            self._catch_up()
            known = self._answers.get(key)
            return copy.deepcopy(known[1]) if known else None

    def state_hash(self) -> str:
        """Return the hash of the newest state; see `RetailStore.state_hash`."""
        with self._mutex:
            self._catch_up()
            return self._store.state_hash()

    def reset(self) -> None:
        """Go back to the untouched state and forget all keys, for every process."""
        with self._mutex:
            if self._file is not None:
                with self._file.locked():
                    self._file.replace()
            self._forget()

    def restock(self) -> None:
        """Go back to the untouched state; what was done stays known by its key."""
        with self._mutex:
            if self._file is not None:
                with self._file.locked():
                    self._read_on(self._file)
                    self._file.append(line=_RESTOCKED)
            self._store.reset()

    def close(self) -> None:
        """Close the journal; the store must not be used afterwards."""
        with self._mutex:
            if self._file is not None:
                self._file.close()

    def _write(self, *, operation: str, arguments: Record, key: str | None) -> Answer:
        entry = {"key": key, "operation": operation, "arguments": arguments}
        if self._file is None:
            return self._first_answer(entry) or self._apply(copy.deepcopy(entry))
        with self._file.locked():
            self._read_on(self._file)
            answer = self._first_answer(entry)
            if answer is None:
                self._file.append(line=json.dumps(entry).encode())
                answer = self._apply(copy.deepcopy(entry))
            return answer

    def _first_answer(self, entry: Record) -> Answer | None:
        known = self._answers.get(entry["key"]) if entry["key"] is not None else None
        if known is None:
            return None
        if known[0] != _content(entry):
            raise KeyReusedError("Idempotency key was used for another call")
        return known[1]

    def _catch_up(self) -> None:
        """Apply what other processes wrote; without the lock while nothing is new."""
        if self._file is not None and self._file.is_behind():
            with self._file.locked():
                self._read_on(self._file)

    def _read_on(self, file: JournalFile) -> None:
        if file.follow():
            self._forget()
        for line in file.read_new():
            if line == _RESTOCKED:
                self._store.reset()
            else:
                self._apply(_parsed(line, self._operations))

    def _apply(self, entry: Record) -> Answer:
        operation, key = entry["operation"], entry["key"]
        try:
            result = self._store.call(operation=operation, arguments=entry["arguments"])
            answer = Answer(operation=operation, ok=True, result=result, message=None)
        except RefusedError as error:
            answer = Answer(operation=operation, ok=False, result=None, message=error.message)
        self._total += answer.ok
        if key is not None:
            self._effects[key] += answer.ok
            self._answers.setdefault(key, (_content(entry), answer))
        return answer

    def _forget(self) -> None:
        self._store.reset()
        self._answers.clear()
        self._effects.clear()
        self._total = 0


def _given(answer: Answer) -> Json:
    if not answer.ok:
        raise RefusedError(answer.message or "")
    return copy.deepcopy(answer.result)


def _content(entry: Record) -> str:
    return json.dumps([entry["operation"], entry["arguments"]], sort_keys=True)


def _parsed(line: bytes, operations: Mapping[str, Operation]) -> Record:
    try:
        entry: Record = json.loads(line)
        operation = get_operation(name=entry["operation"], operations=operations)
        check_arguments(operation=operation, arguments=entry["arguments"])
        key_fits = entry["key"] is None or isinstance(entry["key"], str)
    except (ValueError, KeyError, TypeError, StoreError) as error:
        raise JournalError("The journal holds a line that is no entry") from error
    if not operation.writes or not key_fits:
        raise JournalError("The journal holds a line that is no entry")
    return entry
