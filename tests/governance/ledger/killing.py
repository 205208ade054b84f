"""Writers and sequencers as processes of their own, to be killed without warning."""

import os
import random
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connections

from governance.ledger import services
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from tests.factories.ledger import AT, PERSON

#: An acknowledgement is the entry's number in so many bytes, so a pipe never tears one.
ACK_BYTES = 12
STREAMS = 5
#: Longest time in seconds between the last acknowledgement seen and the kill.
JITTER = 0.004


class Child:
    """One process that runs an endless work, forked where no database connection is open."""

    def __init__(self, work: Callable[[int], None]) -> None:
        connections.close_all()
        self.pipe, outlet = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self.pipe)
                work(outlet)
            finally:
                os._exit(1)
        os.close(outlet)

    def read(self) -> bytes:
        """Return what the process said by now, after waiting for at least something.

        Raises:
            AssertionError: The process ended by itself.
        """
        said = os.read(self.pipe, 65_536)
        assert said, "the process ended by itself"
        return said

    def kill(self) -> bytes:
        """Kill the process and return the rest of what it said."""
        os.kill(self.pid, signal.SIGKILL)
        _pid, status = os.waitpid(self.pid, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL
        rest = b""
        while said := os.read(self.pipe, 65_536):
            rest += said
        os.close(self.pipe)
        return rest


@contextmanager
def running(work: Callable[[int], None]) -> Iterator[Child]:
    """Run a process for the length of a block."""
    child = Child(work)
    try:
        yield child
    finally:
        child.kill()


def writer(name: str, first: int) -> Callable[[int], None]:
    """Return a work that appends for ever and says each number once it is committed."""

    def work(outlet: int) -> None:
        number = first
        while True:
            with one_act():
                append_entry(actor=PERSON, now=AT, draft=_draft(name, number))
            os.write(outlet, b"%0*d\n" % (ACK_BYTES - 1, number))
            number += 1

    return work


def sequencer() -> Callable[[int], None]:
    """Return a work that sequences for ever and says so after each run."""

    def work(outlet: int) -> None:
        while True:
            services.sequence(now=AT)
            os.write(outlet, b"%0*d\n" % (ACK_BYTES - 1, 0))

    return work


def kill_after(child: Child, count: int, rng: random.Random) -> list[int]:
    """Kill a process somewhere after so many acknowledgements; return all of them."""
    said = b""
    while len(said) < count * ACK_BYTES:
        said += child.read()
    # Anywhere in what it does next, commit included.
    select.select([], [], [], rng.uniform(0, JITTER))
    said += child.kill()
    assert len(said) % ACK_BYTES == 0
    return [int(line) for line in said.split()]


def _draft(name: str, number: int) -> EntryDraft:
    return EntryDraft(
        f"case:kill-{number % STREAMS}",
        "act.refused",
        payload={"act": "vote", "message": "no"},
        subject_kind="tool_call",
        subject_id=f"{name}-{number}",
    )
