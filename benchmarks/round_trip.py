"""A governed action from proposal to outcome, beside the same job written by hand.

Over HTTP: an agent proposes an address change, the decision asks for approval, a second person
reads what waits and approves it, a Celery worker carries it out against the retail store, and
the agent reads the outcome. ``plain-django`` is the project in ``benchmarks/plain``: the same
views, rows and worker without governance. Both run in the same run, block by block in turn,
with the same server, worker and store. Where LangGraph is installed (``requirements-bench.lock``;
``BENCH_LANGGRAPH_PYTHON`` names an interpreter that has it), its interrupt and resume on the same
PostgreSQL are a third subject: ``benchmarks/langgraph_beside.py``. Runs on PostgreSQL and Redis
where they answer (``BENCH_POSTGRES_SERVER``, ``BENCH_REDIS_URL``), else on SQLite and a broker on
files.

    python benchmarks/round_trip.py [--json] [--actions 60] [--embedded]
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import langgraph_beside
from benchmarks.common import Figure, figure_of, note, print_lines, print_table
from benchmarks.places import Place, place
from benchmarks.trips import STEPS, GovernedTrip, Item, PlainTrip, Session, Trip
from orchestra.management.processes import Processes, free_port

ROOT = Path(__file__).resolve().parent.parent
OURS, PLAIN, LANGGRAPH = "orchestra", "plain-django", "langgraph"
CLIENTS = (1, 8)
BLOCKS = 3
WARM_UP = 20
#: A proposal by itself, beside a bare view that inserts the same.
ALONE = "propose_alone"
BARE_WARM_UP = 3
#: Actions whose statements are counted, the first as a warm-up.
COUNTED = 13
DATABASE_FILE = ROOT / "cases/tools/adapters/retail/data/db.json"
COUNTED_STRETCHES = ("propose", "vote", "execute")
#: What the server itself counted, reads between the stretches included.
SERVER_COUNTS = ("inserted", "updated", "transactions")
UNITS = {
    "statements": "count",
    "inserted": "rows",
    "updated": "rows",
    "commits": "count",
    "wal_bytes": "bytes",
}


@dataclass(slots=True)
class Subject:
    """One installation under measurement.

    Attributes:
        seconds: Samples by number of clients and step; ``round_trip`` is the whole.
        rates: Actions a second by number of clients, one a block.
        counts: What one action costs its database, by stretch.
    """

    name: str
    base_url: str
    session: Session
    items: Iterator[Item]
    counts: Mapping[str, Mapping[str, float]]
    seconds: dict[tuple[int, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    rates: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    def open_trip(self) -> Trip:
        """Return a client with connections of its own."""
        kind = GovernedTrip if self.name == OURS else PlainTrip
        return kind.open(base_url=self.base_url, session=self.session)

    def run_block(self, *, clients: int, actions: int, keep: bool = True) -> None:
        """Make some actions with some clients at once."""
        waiting: SimpleQueue[Item] = SimpleQueue()
        for item in itertools.islice(self.items, actions):
            waiting.put(item)
        trips = [self.open_trip() for _ in range(clients)]
        begun = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            samples = [sample for found in pool.map(_work, trips, [waiting] * clients)
                       for sample in found]  # fmt: skip
        if not keep:
            return
        self.rates[clients].append(actions / (time.perf_counter() - begun))
        for sample in samples:
            for step, seconds in sample.items():
                self.seconds[clients, step].append(seconds)


def _work(trip: Trip, waiting: "SimpleQueue[Item]") -> list[dict[str, float]]:
    samples = []
    while not waiting.empty():
        item = waiting.get()
        moments = [time.perf_counter()]
        trip.propose(item)
        moments.append(time.perf_counter())
        for act in (trip.review, trip.vote, trip.outcome):
            act()
            moments.append(time.perf_counter())
        took = [ended - begun for begun, ended in itertools.pairwise(moments)]
        samples.append({**dict(zip(STEPS, took, strict=True)), "round_trip": sum(took)})
    return samples


def beside_bare(subjects: Sequence[Subject], actions: int) -> list[float]:
    """Return what a proposal takes by what the same inserts take in a bare view, one client.

    The two in turn, so that a slower moment falls on both; one ratio a pair.
    """
    by_name = {subject.name: subject for subject in subjects}
    ours, plain = by_name[OURS], by_name[PLAIN]
    trip, bare = ours.open_trip(), PlainTrip.open(base_url=plain.base_url, session=plain.session)
    ratios = []
    for number in range(actions + BARE_WARM_UP):
        moments = [time.perf_counter()]
        trip.propose(next(ours.items))
        moments.append(time.perf_counter())
        bare.insert_alike(next(plain.items))
        moments.append(time.perf_counter())
        proposed, inserted = (ended - begun for begun, ended in itertools.pairwise(moments))
        if number >= BARE_WARM_UP:
            ours.seconds[1, ALONE].append(proposed)
            plain.seconds[1, ALONE].append(inserted)
            ratios.append(proposed / inserted)
    return ratios


def workload(count: int) -> list[Item]:
    """Return so many address changes of pending orders, of as many customers as there are."""
    database = json.loads(DATABASE_FILE.read_text(encoding="utf-8"))
    by_customer: dict[str, list[str]] = defaultdict(list)
    for order in database["orders"].values():
        if order["status"] == "pending":
            by_customer[order["user_id"]].append(order["order_id"])
    rounds = itertools.zip_longest(*by_customer.values())
    pairs = [
        (customer, order)
        for orders in rounds
        for customer, order in zip(by_customer, orders, strict=True)
        if order
    ]
    return [
        _item(customer, order, database["users"][customer]["email"], number)
        for number, (customer, order) in enumerate(itertools.islice(itertools.cycle(pairs), count))
    ]


def _item(customer: str, order: str, email: str, number: int) -> Item:
    address = {
        "address1": f"{number + 1} Orchard Lane",
        "address2": "",
        "city": "Denver",
        "state": "CO",
        "country": "USA",
        "zip": f"{80_000 + number % 1_000}",
    }
    return Item(arguments={"order_id": order, **address}, email=email, customer=customer)


def environments(where: Place, store_url: str) -> dict[str, dict[str, str]]:
    """Return what each subject's processes find in their environment."""
    ours = {
        "DJANGO_SETTINGS_MODULE": "orchestra.settings.local",
        "ORCHESTRA_VAR": str(where.folder / OURS),
        "DATABASE_URL": where.databases[OURS],
    }
    plain = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.plain.settings",
        "PLAIN_VAR": str(where.folder / PLAIN),
        "PLAIN_DATABASE_URL": where.databases[PLAIN],
        "PLAIN_STORE_URL": store_url,
    }
    langgraph = {
        "BENCH_LANGGRAPH_DATABASE_URL": where.databases.get(LANGGRAPH, ""),
        "BENCH_LANGGRAPH_STORE_URL": store_url,
    }
    if where.redis:
        ours["REDIS_URL"] = plain["PLAIN_REDIS_URL"] = where.redis
    return {OURS: ours, PLAIN: plain, LANGGRAPH: langgraph}


def prepare(
    name: str, *, env: Mapping[str, str], where: Place, store_url: str, items: Sequence[Item]
) -> Subject:
    """Fill a subject's database, count what an action costs, and return it."""
    module = {OURS: "benchmarks.governed", PLAIN: "benchmarks.plain.prepare"}[name]
    given = {
        "store_url": store_url,
        "counted": COUNTED,
        "items": [item.as_value() for item in items],
    }
    server = {"BENCH_POSTGRES": where.server} if where.server else {}
    ended = subprocess.run(  # noqa: S603  our own module, no shell
        [sys.executable, "-m", module],
        input=json.dumps(given),
        env={**os.environ, **env, **server},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise SystemExit(f"{name} could not be prepared")
    told: dict[str, Any] = json.loads(ended.stdout)
    return Subject(
        name=name,
        base_url="",
        session=Session(*told["session"]),
        items=iter([Item.read(value) for value in told["items"]]),
        counts=told["counts"],
    )


def serve_plain(processes: Processes, port: int) -> None:
    """Serve the hand-written project as ours is served."""
    processes.start(
        "plain-web",
        [
            *("-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
            *("--port", str(port), "--workers", "1", "--blocking-threads", "16"),
            *("--no-ws", "--log-level", "warning", "benchmarks.plain.wsgi:application"),
        ],
    )
    processes.start(
        "plain-worker",
        [
            *("-m", "celery", "-A", "benchmarks.plain", "worker", "-P", "threads", "-c", "4"),
            *("-l", "WARNING", "--without-gossip", "--without-mingle"),
        ],
    )


def langgraph_python(where_server: str) -> str:
    """Return the interpreter that has LangGraph; empty where none has, or no PostgreSQL is."""
    named = os.environ.get("BENCH_LANGGRAPH_PYTHON", sys.executable)
    asked = [named, "-c", "import langgraph.checkpoint.postgres, granian"]
    has = subprocess.run(asked, capture_output=True, check=False)  # noqa: S603  our own choice, no shell
    return named if where_server and has.returncode == 0 else ""


def serve_langgraph(
    processes: Processes, python: str, items: Sequence[Item], env: Mapping[str, str]
) -> Subject:
    """Serve the graph by as many processes as the others have, and return it as a subject."""
    module = [python, "-m", "benchmarks.langgraph_beside"]
    subprocess.run(module, env={**os.environ, **env}, check=True)  # noqa: S603  our own module, no shell
    port = free_port()
    processes.start(
        "langgraph-web",
        [
            *("-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
            *("--port", str(port), "--workers", str(langgraph_beside.WORKERS)),
            *("--blocking-threads", "16", "--no-ws", "--log-level", "warning"),
            "benchmarks.langgraph_beside:application",
        ],
        python=python,
    )
    url = f"http://127.0.0.1:{port}"
    processes.wait_until_answers(f"{url}/healthz")
    ready = iter([replace(item, case=str(uuid.uuid4()), token=LANGGRAPH) for item in items])
    return Subject(LANGGRAPH, url, Session("", ""), ready, counts={})


@contextmanager
def running(where: Place, items: Sequence[Item], langgraph: str) -> Iterator[list[Subject]]:
    """Start the store, prepare the subjects, and serve them until the block ends."""
    store_port, ours_port, plain_port = free_port(), free_port(), free_port()
    store_url = f"http://127.0.0.1:{store_port}"
    env = environments(where, store_url)
    logs = where.folder / "logs"
    with Processes(logs, env[OURS]) as ours, Processes(logs, env[PLAIN]) as plain:
        ours.start_store(store_port, where.folder / "store.journal")
        ours.wait_until_answers(f"{store_url}/healthz")
        subjects = []
        for name, port in ((OURS, ours_port), (PLAIN, plain_port)):
            note(f"preparing {len(items)} actions for {name} …")
            subject = prepare(name, env=env[name], where=where, store_url=store_url, items=items)
            subject.base_url = f"http://127.0.0.1:{port}"
            subjects.append(subject)
        ours.start_web(ours_port)
        ours.start_worker()
        ours.start_scheduler(where.folder / "beat" / "schedule")
        serve_plain(plain, plain_port)
        for subject, processes in zip(subjects, (ours, plain), strict=True):
            processes.wait_until_answers(f"{subject.base_url}/healthz")
        if not langgraph:
            yield subjects
            return
        with Processes(logs, env[LANGGRAPH]) as third:
            yield [*subjects, serve_langgraph(third, langgraph, items, env[LANGGRAPH])]


def measure(subjects: Sequence[Subject], actions: int) -> None:
    """Warm both up, then make the actions in blocks, the subjects in turn."""
    for subject in subjects:
        subject.run_block(clients=max(CLIENTS), actions=WARM_UP, keep=False)
    sizes = [actions // BLOCKS + (number < actions % BLOCKS) for number in range(BLOCKS)]
    for clients in CLIENTS:
        for number, size in enumerate(sizes):
            note(f"{clients} at once, block {number + 1} of {BLOCKS} …")
            # Each goes first as often as the other, so that a slower minute falls on both.
            for subject in subjects if number % 2 == 0 else reversed(subjects):
                subject.run_block(clients=clients, actions=size)


def figures(subjects: Sequence[Subject]) -> Iterator[Figure]:
    """Return every figure, the subjects of one measurement side by side."""
    for clients in CLIENTS:
        suffix = f"{clients}_client{'s' if clients > 1 else ''}"
        for subject in subjects:
            yield figure_of(
                bench=f"actions_per_second_{suffix}",
                subject=subject.name,
                unit="per_second",
                samples=subject.rates[clients],
                more_is_better=True,
            )
        for step, subject in itertools.product(("round_trip", *STEPS), subjects):
            yield figure_of(
                bench=f"{step}_{suffix}",
                subject=subject.name,
                unit="ms",
                samples=[1000 * seconds for seconds in subject.seconds[clients, step]],
            )


def figures_alone(subjects: Sequence[Subject], ratios: Sequence[float]) -> Iterator[Figure]:
    """Return what a proposal takes beside a bare view with the same inserts."""
    for subject in subjects:
        samples = [1000 * seconds for seconds in subject.seconds[1, ALONE]]
        yield figure_of(bench=ALONE, subject=subject.name, unit="ms", samples=samples)
    yield figure_of(bench=f"{ALONE}_by_bare", subject=OURS, unit="ratio", samples=ratios)


def costs(subjects: Sequence[Subject]) -> Iterator[Figure]:
    """Return what an action costs each subject's database; ``action`` is the whole."""
    stretches = ("action", *COUNTED_STRETCHES)
    for (name, unit), stretch, subject in itertools.product(UNITS.items(), stretches, subjects):
        value = _cost(subject.counts, stretch, name)
        yield Figure(f"{name}_{stretch}", subject.name, unit, value, value, COUNTED - 1)
    for name, subject in itertools.product(SERVER_COUNTS, subjects):
        if "server" in subject.counts:
            value = round(subject.counts["server"][name], 2)
            bench = f"server_{name}_action"
            yield Figure(bench, subject.name, "count", value, value, COUNTED - 1)


def _cost(counts: Mapping[str, Mapping[str, float]], stretch: str, name: str) -> float:
    if stretch == "action":
        return sum(counts[part][name] for part in COUNTED_STRETCHES)
    return counts[stretch][name]


def main() -> None:
    """Measure both subjects and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--actions", type=int, default=60, help="for each number of clients")
    parser.add_argument("--embedded", action="store_true", help="SQLite and a broker on files")
    options = parser.parse_args()
    if options.actions < BLOCKS:
        parser.error(f"--actions must be at least {BLOCKS}")
    os.chdir(ROOT)
    alone = BARE_WARM_UP + options.actions
    items = workload(COUNTED + WARM_UP + len(CLIENTS) * options.actions + alone)
    with place(subjects=(OURS, PLAIN, LANGGRAPH), embedded=options.embedded) as where:
        note(f"on {where.name}; {options.actions} actions a number of clients, after {WARM_UP}")
        with running(where, items, langgraph_python(where.server)) as subjects:
            measure(subjects, options.actions)
            ratios = beside_bare(subjects, options.actions)
            counted = [subject for subject in subjects if subject.counts]
            found = [
                *figures(subjects),
                *figures_alone(counted, ratios),
                *costs(counted),
            ]
    (print_lines if options.json else print_table)(found)


if __name__ == "__main__":
    main()
