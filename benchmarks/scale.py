"""How long every page of the portal takes on a large centre's tables, for every role.

Makes a centre by playing the demonstration for a while on the database that ``DATABASE_URL``
names, multiplies its cases to the number asked for, and fills the ledger with invented entries.
Then signs in as each role and goes from the start page along every link, one address a kind
of page, and asks for each page in turns: time, queries, and, of every read, whether the planner
goes through a whole large table. Beside it, in the same run, stand the lists that Django's own
admin makes of the same tables: see ``stock.py``.

Needs PostgreSQL. What is there stays, so that a larger run goes on where the last one ended.

    python benchmarks/scale.py [--json] [--explain] [--cases 10000] [--entries 100000] [--runs 5]
        [--lean]
"""

# ruff: noqa: E402  Django is set up before its models can be imported

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.test")
os.environ.setdefault("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/orchestra_bench_scale")

from benchmarks.common import Figure, figure_of, note, print_lines, print_table
from benchmarks.explorer import fill
from benchmarks.pages import make_database

# isort: split

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve

from benchmarks.multiplying import multiply
from benchmarks.stock import compare
from cases.handoff.models import Handoff
from cases.memory.models import Case
from cases.tools.models import ToolCall
from governance.access.models import User
from governance.approvals.models import ApprovalRequest
from orchestra.core.serving import settle
from orchestra.management.processes import free_port

#: Logins of the demonstration, one a role.
PEOPLE = (
    "supervisor",
    "agent",
    "specialist",
    "compliance",
    "policy",
    "analyst",
    "lead",
    "operator",
)
#: The fewest rows that a played centre is multiplied from: the demonstration begins with the
#: closed cases of its past, and what waits for a person comes of its day's work.
PLAYED: dict[type[Any], int] = {Case: 40, ToolCall: 120, ApprovalRequest: 8, Handoff: 5}
PLAY_SECONDS = 900
OK = 200
#: Milliseconds from which one answer says enough.
SLOW = 10_000
#: Queries that a page may ask; one that asks more is named.
MOST_QUERIES = 12
#: Tables smaller than this may be gone through whole.
LARGE = 20_000
#: Where a person's way begins beside the start page: what nothing links to.
STARTS = (
    "/admin/approvals/live/",
    *(
        f"/api/v1/{name}/"
        for name in (
            *("cases", "journeys", "steps", "approvals", "unknown-outcomes", "ledger/entries"),
            *("change-requests", "policies", "tools", "cue-sheets", "knowledge", "samples"),
            *("findings", "reviews", "outcomes", "webhooks", "erasures", "legal-holds"),
        )
    ),
)
#: Pages link to each other, say which part is asked for again, and the API names its next page.
_LINK = re.compile(r'(?:href|data-[a-z]+)="(/admin/[^"#]*)"|"next":\s*"https?://[^/]*(/api/[^"]*)"')
#: Milliseconds at which the server gives a read up, so that one page does not hold up all.
GIVEN_UP = 20_000
_SCAN = re.compile(r"Seq Scan on (\w+)")
_SKIPPED = ("logout", "password_change", "second_factor", "export", "download", "evidence_file")


@dataclass
class Page:
    """One kind of page, as the role saw it that waits longest."""

    name: str
    address: str
    times: list[float] = field(default_factory=list)
    queries: int = 0
    scans: set[str] = field(default_factory=set)
    plans: dict[str, str] = field(default_factory=dict)
    person: str = ""

    @property
    def median(self) -> float:
        """Milliseconds of the middle run."""
        return median(self.times)

    def figures(self) -> Iterator[Figure]:
        """Yield time and queries, of the role that waits longest."""
        for unit, samples in (("ms", self.times), ("queries", [float(self.queries)])):
            yield figure_of(bench=self.name, subject=self.person, unit=unit, samples=samples)


def main() -> None:
    """Make the centre, go through its pages, print what they took."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cases", type=int, default=10_000)
    arguments.add_argument("--entries", type=int, default=100_000)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--lean", action="store_true", help="copies as lists read them")
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--explain", action="store_true", help="print the plans of our reads")
    arguments.add_argument("--people", default=",".join(PEOPLE), help="only as these")
    arguments.add_argument("--only", default="", help="only pages of such names")
    arguments.add_argument("--lists", action="store_true", help="only beside the stock admin's")
    options = arguments.parse_args()
    make_database()
    play()
    multiply(options.cases, is_lean=options.lean)
    fill_ledger(options.entries)
    settle()
    slowest = (
        {}
        if options.lists
        else go_through(options.people.split(","), options.runs, re.compile(options.only))
    )
    figures = [figure for page in slowest.values() for figure in page.figures()]
    for page in slowest.values():
        tell(page, explains=options.explain)
    if not options.only:
        figures += compare(options.runs)
    (print_lines if options.json else print_table)(figures)


def go_through(people: Sequence[str], runs: int, only: re.Pattern[str]) -> dict[str, Page]:
    """Return every kind of page, by name, as the role saw it that waits longest."""
    slowest, walk = dict[str, Page](), Walk(runs, only, large_tables())
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = %s", [GIVEN_UP])
    for person in people:
        note(f"going through the pages as {person}")
        for page in walk.pages(person):
            note(f"{page.name} as {person}: {page.median:,.0f} ms, {page.queries} queries")
            known = slowest.get(page.name)
            if known is None or page.median > known.median:
                page.person = person
                slowest[page.name] = page
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    return slowest


def tell(page: Page, *, explains: bool) -> None:
    """Say where a page asks too much, and with what plans where that is wanted."""
    for table in sorted(page.scans):
        note(f"{page.name} as {page.person} goes through all of {table}: {page.address}")
    if page.queries > MOST_QUERIES:
        note(f"{page.name} as {page.person} asks {page.queries} queries: {page.address}")
    if explains:
        print_plans(page)


def play() -> None:
    """Let the demonstration run until it has enough of everything; nothing if it has."""
    if is_played():
        return
    note("playing the demonstration")
    with tempfile.TemporaryDirectory(prefix="orchestra-bench-") as folder:
        process = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, str(ROOT / "manage.py"), "demo", "--port", str(free_port())],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "orchestra.settings.local",
                "ORCHESTRA_VAR": folder,
            },
            stdout=subprocess.DEVNULL,
        )
        ends = time.monotonic() + PLAY_SECONDS
        while not is_played():
            if process.poll() is not None or time.monotonic() > ends:
                raise SystemExit("The demonstration did not come to enough work.")
            # Until it ends by itself, which it should not, or it is time to count again.
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.5)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def is_played() -> bool:
    """Return whether there is enough of everything that lists show."""
    return all(model.objects.count() >= fewest for model, fewest in PLAYED.items())


def fill_ledger(wanted: int) -> None:
    """Bring the ledger to the number of entries, and let what is appended come after them."""
    fill(wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('governance_ledgerentry', 'id'), "
            "(SELECT max(id) FROM governance_ledgerentry))"
        )


def large_tables() -> dict[str, int]:
    """Return the tables with so many rows that no page may go through them, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples::bigint FROM pg_class WHERE relkind = 'r' AND "
            "reltuples >= %s AND relnamespace = 'public'::regnamespace",
            [LARGE],
        )
        return dict(cursor.fetchall())


@dataclass(slots=True)
class Walk:
    """The way along every link, one address a kind of page.

    Attributes:
        only: What the names of the pages look like that are asked for.
        large: Rows of the tables that no page may go through.
        given_up: Pages that are not asked for again.
    """

    runs: int
    only: re.Pattern[str]
    large: dict[str, int]
    given_up: set[str] = field(default_factory=set)

    def pages(self, person: str) -> Iterator[Page]:
        """Go from the start page along every link, and measure each."""
        client = Client()
        client.force_login(
            User.objects.get(username=person), backend="django.contrib.auth.backends.ModelBackend"
        )
        # Without the start page, another one that has the sidebar.
        first = "/admin/" if self.only.search("index") else "/admin/cases/"
        waiting = deque([first, *STARTS])
        seen = {kind_of(address) for address in waiting}
        while waiting:
            page = Page(kind_of(waiting[0]), waiting.popleft())
            answer = None if page.name in self.given_up else self.ask(client, page, person)
            if answer is None:
                continue
            yield page
            for links in _LINK.findall(answer.content.decode(errors="replace")):
                found = "".join(links).replace("&amp;", "&")
                kind = kind_of(found)
                if kind and kind not in seen and self.only.search(kind):
                    seen.add(kind)
                    waiting.append(found)

    def ask(self, client: Client, page: Page, person: str) -> Any:
        """Measure a page; None where it is none, or none that can be measured."""
        try:
            return measure(client, page, self.runs, self.large)
        except Exception as error:  # noqa: BLE001  one page that fails is named and ends nothing
            note(f"{page.name} as {person} fails, {error!r}: {page.address}")
            self.given_up.add(page.name)
            return None


def kind_of(address: str) -> str:
    """Return the kind of page an address is, with whether it goes on in a list; empty for none."""
    path, _mark, query = address.partition("?")
    try:
        match = resolve(path)
        name = match.view_name if match.url_name else match.route
    except Resolver404:
        return ""
    if any(word in name for word in _SKIPPED):
        return ""
    goes_on = any(word in query for word in ("before=", "after=", "cursor="))
    return f"{name}{', further' if goes_on else ''}".removeprefix("admin:")


def measure(client: Client, page: Page, runs: int, large: dict[str, int]) -> Any:
    """Ask for a page in turns; None where it is no page for this person."""
    began = time.perf_counter()
    answer: Any = client.get(page.address)
    first = (time.perf_counter() - began) * 1000
    kind = answer.headers.get("Content-Type", "")
    is_page = answer.status_code == OK and kind.startswith(("text/html", "application/json"))
    if not is_page or answer.streaming:
        return None
    if first > SLOW:
        # Nobody doubts that it is slow; it is not asked for again to know how slow.
        page.times.append(first)
        runs = 0
    for _turn in range(runs):
        began = time.perf_counter()
        client.get(page.address)
        page.times.append((time.perf_counter() - began) * 1000)
    with CaptureQueriesContext(connection) as captured:
        client.get(page.address)
    page.queries = len(captured)
    for query in captured:
        plan = plan_of(query["sql"], large)
        page.scans |= {table for table in _SCAN.findall(plan) if table in large}
        if plan:
            page.plans[query["sql"]] = plan
    return answer


def plan_of(statement: str, large: dict[str, int]) -> str:
    """Return how the server would read from large tables; empty for any other statement."""
    is_read = statement.lstrip("(").startswith(("SELECT", "WITH RECURSIVE"))
    if not is_read or not any(name in statement for name in large):
        return ""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        return "\n".join(row[0] for row in cursor.fetchall())


def print_plans(page: Page) -> None:
    """Print how each read of a page goes through large tables."""
    print(f"\n{page.name} as {page.person}, {page.address}")
    for statement, plan in page.plans.items():
        tables = sorted(set(re.findall(r'(?:FROM|JOIN) "(\w+)"', statement)))
        print(f"\n  {' '.join(tables)}")
        print("\n".join(f"    {line}" for line in plan.splitlines()))


if __name__ == "__main__":
    main()
