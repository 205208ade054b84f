# ruff: noqa: E402  the settings come before anything that reads them
"""What the readers of the ledger cost beside the actions that they read.

Makes governed actions in this process, some at once, and lets every reader run when they wait for
approval and when they are done: processor time and statements an action, beside those of carrying
one out; then each reader when there is nothing new.

Fills the database that ``DATABASE_URL`` names and leaves it there: give an empty one that can be
dropped. Its store is started and stopped with the run.

    DATABASE_URL=postgres://… python benchmarks/followers.py [--json] [--actions 60] [--at-once 10]
"""

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.local")
# Keys and the file of checkpoints are of this run: those of another belong to another database.
FOLDER = tempfile.TemporaryDirectory()
os.environ["ORCHESTRA_VAR"] = str(Path(FOLDER.name) / "var")

import httpx
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection

from benchmarks.common import Figure, figure_of, note, print_lines, print_table
from benchmarks.governed import HERE, prepare_item, prepare_world
from benchmarks.round_trip import workload
from benchmarks.trips import GovernedTrip, Item
from cases.journeys import services as journeys
from cases.tasks import execute_tool_call
from cases.tools.models import ToolCall
from governance.ledger import services as ledger
from governance.ledger.selectors import tree_size
from governance.notifications import services as notifications
from orchestra.core import clock
from orchestra.management.client import WAIT_SECONDS, OrchestraClient
from orchestra.management.processes import Processes, free_port
from qa.figures import services as figures
from qa.measurement import services as measurement
from qa.population import services as population

READERS: Mapping[str, Callable[[], Any]] = {
    "sequence": lambda: ledger.keep_sequencing(now=clock.now()),
    "index": ledger.index_entries,
    "notices": lambda: notifications.follow_ledger(now=clock.now()),
    "population": lambda: population.follow_ledger(now=clock.now()),
    "measurement": lambda: measurement.follow_ledger(now=clock.now()),
    "journeys": lambda: journeys.sum_journeys(now=clock.now()),
    "figures": lambda: figures.sum_days(now=clock.now()),
}
EXECUTE = "execute"
IDLE_RUNS = 20
#: Compiled queries and first imports are paid once a process, not once an action.
WARM_UP_ROUNDS = 2


@dataclass(slots=True)
class Costs:
    """What was spent, by name, one sample a round.

    Attributes:
        seconds: Processor time of this process an action.
        statements: Sent to the database, an action.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statements: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    _round: dict[str, tuple[float, int]] = field(default_factory=dict)

    @contextmanager
    def spent(self, name: str) -> Iterator[None]:
        """Count what happens inside, as a part of the round."""
        sent = 0

        def see(execute: Callable[..., Any], *given: Any) -> Any:
            nonlocal sent
            sent += 1
            return execute(*given)

        begun = time.process_time()
        with connection.execute_wrapper(see):
            yield
        seconds, statements = self._round.get(name, (0.0, 0))
        self._round[name] = (seconds + time.process_time() - begun, statements + sent)

    def end_round(self, *, actions: int) -> None:
        """Take the round in, as shared by so many actions."""
        for name, (seconds, statements) in self._round.items():
            self.seconds[name].append(seconds / actions)
            self.statements[name].append(statements / actions)
        self._round.clear()

    def figures(self, prefix: str) -> Iterator[Figure]:
        """Return every figure, by name."""
        for name, samples in self.seconds.items():
            told = [1000 * sample for sample in samples]
            yield figure_of(bench=f"{prefix}{name}", subject="orchestra", unit="ms", samples=told)
        for name, samples in self.statements.items():
            yield figure_of(
                bench=f"{prefix}{name}", subject="orchestra", unit="statements", samples=samples
            )


def prepare(store_url: str, count: int) -> tuple[list[Item], Callable[[], GovernedTrip]]:
    """Fill the database with so many actions that are ready to be proposed."""
    call_command("migrate", verbosity=0)
    tokens, session = prepare_world(store_url, count)
    transport = httpx.WSGITransport(app=get_wsgi_application())
    client = OrchestraClient(
        httpx.Client(base_url=f"{HERE}/api/v1/", timeout=WAIT_SECONDS, transport=transport)
    )
    items = [
        prepare_item(client, replace(item, token=token), number)
        for number, (item, token) in enumerate(zip(workload(count), cycle(tokens), strict=False))
    ]
    with connection.cursor() as cursor:
        # A server in use knows its tables; one that was filled a second ago does not yet.
        cursor.execute("ANALYZE")
    return items, partial(GovernedTrip.open, base_url=HERE, session=session, transport=transport)


def run_readers(costs: Costs) -> None:
    """Let every reader read on, once."""
    for name, run in READERS.items():
        with costs.spent(name):
            run()


def act(open_trip: Callable[[], GovernedTrip], items: Sequence[Item], costs: Costs) -> None:
    """Make some actions; the readers read once all of them wait, and once all are done."""
    trips = [open_trip() for _item in items]
    for trip, item in zip(trips, items, strict=True):
        trip.propose(item)
    run_readers(costs)
    for trip in trips:
        trip.review()
        trip.vote()
        pk = ToolCall.objects.get(public_id=trip.call_id).pk
        with costs.spent(EXECUTE):
            execute_tool_call(pk)
        trip.outcome()
    run_readers(costs)
    costs.end_round(actions=len(items))


def main() -> None:
    """Prepare, act and read in turn, tell."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--actions", type=int, default=60)
    parser.add_argument("--at-once", type=int, default=10, help="actions that wait together")
    options = parser.parse_args()
    port, size = free_port(), options.at_once
    url = f"http://127.0.0.1:{port}"
    with FOLDER as folder, Processes(Path(folder) / "logs") as processes:
        processes.start_store(port, Path(folder) / "store.journal")
        processes.wait_until_answers(f"{url}/healthz")
        note(f"preparing {options.actions} actions …")
        items, open_trip = prepare(url, options.actions + WARM_UP_ROUNDS * size)
        # What preparing left behind is read before anything is counted.
        for _turn in range(2):
            run_readers(Costs())
        begun, costs, idle = 0, Costs(), Costs()
        for number in range(0, len(items), size):
            if number == WARM_UP_ROUNDS * size:
                begun, costs = tree_size(), Costs()
            act(open_trip, items[number : number + size], costs)
        entries = (tree_size() - begun) / options.actions
        for _turn in range(IDLE_RUNS):
            run_readers(idle)
            idle.end_round(actions=1)
    note(f"{entries:.1f} entries an action, {size} actions that wait together")
    found = [*costs.figures(""), *idle.figures("idle_")]
    (print_lines if options.json else print_table)(found)


if __name__ == "__main__":
    main()
