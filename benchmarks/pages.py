"""How long the approvals inbox takes on a full table, beside the stock admin's list of it.

The pages are asked for in turns in one process, whole: for ours the test client goes through
every middleware, for Django's own ``ModelAdmin`` on its own ``AdminSite`` the view is called
straight, with the columns of the inbox, related rows fetched ahead, as many rows a page as ours,
and the table freshly vacuumed: all in its favour. So is that decided rows carry an empty view,
which it would have to pass by. The stock list is asked for as it opens, by deadline, and once
more narrowed to what is pending, where it goes over the very indexes that ours brought.

Needs PostgreSQL. Fills the database that ``DATABASE_URL`` names, which it makes where it is
missing; rows are made by INSERT from one real request and stay, so that a broken or a larger
run goes on where the last one ended.

    python benchmarks/pages.py [--json] [--pending 10000] [--decided 1000000] [--explain]
"""

# ruff: noqa: E402  Django is set up before its models can be imported

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.test")
os.environ.setdefault("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/orchestra_bench_pages")

import django

django.setup()

import psycopg
from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from psycopg import sql

from benchmarks.common import Figure, figure_of, note, print_lines, print_table
from governance.access import services as access
from governance.access.models import Queue, User
from governance.access.types import QueueGrant, Role
from governance.approvals import inbox
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.services import request_approval
from governance.approvals.types import ApprovalDraft
from governance.policies.types import RiskLevel
from orchestra.core import clock
from orchestra.core.actors import Actor, ActorKind, system
from orchestra.core.history import save_as

OURS, STOCK, NARROWED = "orchestra", "stock admin", "stock admin, pending only"
PATH = "/admin/approvals/"
SUBJECT = "tool_call"
QUEUES = 8
BATCH = 100_000
WARM_UP = 2
OK = 200
PERSON = "bench"


def main() -> None:
    """Fill the table, ask for both pages in turns, print what it took."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--pending", type=int, default=10_000)
    arguments.add_argument("--decided", type=int, default=1_000_000)
    arguments.add_argument("--runs", type=int, default=15)
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--explain", action="store_true", help="print the plans of our reads")
    options = arguments.parse_args()
    make_database()
    fill(options.pending, options.decided)
    figures = measure(options.runs, f"{options.pending:,} of {ApprovalRequest.objects.count():,}")
    (print_lines if options.json else print_table)(figures)
    if options.explain:
        explain()


def make_database() -> None:
    """Make the database, if it is not there, and its tables."""
    place = settings.DATABASES["default"]
    if "postgresql" not in place["ENGINE"]:
        raise SystemExit("This benchmark needs PostgreSQL: set DATABASE_URL.")
    server = {"host": place["HOST"], "port": place["PORT"] or 5432, "user": place["USER"]}
    if place.get("PASSWORD"):
        server["password"] = place["PASSWORD"]
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as maintenance:
        known = maintenance.execute("SELECT 1 FROM pg_database WHERE datname = %s", [place["NAME"]])
        if known.fetchone() is None:
            name = sql.Identifier(place["NAME"])
            maintenance.execute(sql.SQL("CREATE DATABASE {}").format(name))
    call_command("migrate", verbosity=0)
    settings.ALLOWED_HOSTS.append("testserver")


def fill(pending: int, decided: int) -> None:
    """Bring the table to the numbers asked for; what is there already stays."""
    first = ApprovalRequest.objects.order_by("pk").first() or first_request()
    added = 0
    for state, wanted in (("used", decided), ("pending", pending)):
        missing = wanted - ApprovalRequest.objects.filter(state=state).count()
        while missing > 0:
            size = min(BATCH, missing)
            note(f"adding {size:,} {state} requests, {missing:,} missing")
            with connection.cursor() as cursor:
                cursor.execute(insert_requests(state), [size, first.pk])
                if state == "used":
                    cursor.execute(INSERT_VOTES)
            missing -= size
            added += size
    # What waits in this benchmark never runs out, however old the rows are.
    late = clock.now() + timedelta(minutes=5)
    if added or ApprovalRequest.objects.filter(state="pending", deadline_at__lt=late).exists():
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE governance_approvalrequest SET deadline_at = now() + "
                "interval '5 minutes' + ((id % 6000) || ' seconds')::interval * 6 "
                "WHERE state = 'pending'"
            )
            for model in (ApprovalRequest, ApprovalVote):
                cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")  # noqa: SLF001  Django's documented entry


def insert_requests(state: str) -> str:
    """Return the statement that copies one request so many times, spread over queues and time."""
    is_pending = state == "pending"
    ago = "now() - ((n %% 260000) || ' minutes')::interval"
    changed = {
        "public_id": "gen_random_uuid()",
        "nonce": "md5(random()::text) || md5(n::text)",
        "state": f"'{state}'",
        "queue_id": "(SELECT min(id) FROM governance_queue) + n %% "
        "(SELECT count(*) FROM governance_queue)",
        "subject_id": "gen_random_uuid()::text",
        "case_label": "'C-' || n",
        "risk": "(ARRAY['medium', 'high', 'critical'])[1 + n %% 3]",
        "amount_minor": "(n * 37) %% 250000",
        "deadline_at": "now()" if is_pending else ago,
        "created_at": "now() - interval '20 minutes'" if is_pending else ago,
        "decided_at": "NULL" if is_pending else f"{ago} + interval '9 minutes'",
        "next_turn_at": "NULL",
        **({} if is_pending else {"view": "'\\x7b7d'::bytea"}),
    }
    fields = ApprovalRequest._meta.concrete_fields  # noqa: SLF001  Django's documented entry
    columns = [each.column for each in fields if not (each.generated or each.primary_key)]
    names = ", ".join(f'"{each}"' for each in columns)
    values = ", ".join(changed.get(each, f'one."{each}"') for each in columns)
    return (
        f"INSERT INTO governance_approvalrequest ({names}) SELECT {values} "  # noqa: S608  names of our own columns
        "FROM generate_series(1, %s) AS n, governance_approvalrequest AS one WHERE one.id = %s"
    )


INSERT_VOTES = f"""
    INSERT INTO governance_approvalvote
        (request_id, voter_id, choice, roles, reason, reason_code, discounted_reason,
        action_digest, view_digest, at)
    SELECT one.id, person.id, 'approve', '["supervisor"]'::jsonb, '', '', '', one.action_digest,
        one.view_digest, one.decided_at
    FROM governance_approvalrequest AS one, governance_user AS person
    WHERE person.username = '{PERSON}' AND one.state = 'used' AND one.id >
        (SELECT coalesce(max(request_id), 0) FROM governance_approvalvote)
"""  # noqa: S608  a name of our own


def first_request() -> ApprovalRequest:
    """Make the queues, a supervisor of all of them, and one request with a view of usual size."""
    builder, now = system("benchmark"), clock.now()
    access.ensure_roles(actor=builder, now=now)
    queues = [Queue(key=f"bench-{number}", title=f"Queue {number}") for number in range(QUEUES)]
    person = User.objects.create(username=PERSON, is_staff=True, is_superuser=True)
    access.give_role(actor=builder, now=now, user=person, role=Role.SUPERVISOR, reason="Benchmark")
    for queue in queues:
        save_as(queue, actor=builder)
        for grant in QueueGrant:
            access.grant_queue(
                actor=builder,
                now=now,
                user=person,
                queue=queue,
                grant=grant,
                reason="Benchmark",
            )
    agent = Actor(kind=ActorKind.AGENT, id="0" * 32, label="Returns assistant", pk=None)
    return request_approval(
        actor=agent,
        now=now,
        draft=ApprovalDraft(
            queue_id=queues[0].pk,
            subject_kind=SUBJECT,
            subject_id="0" * 32,
            case_public_id="0" * 32,
            case_label="C-1",
            stream="case:bench",
            title="Take back robotic vacuum and air purifier, #W9502127, and refund to PayPal",
            detail="Daiki Johnson · 2 of 5 items · to PayPal, which paid",
            risk=RiskLevel.HIGH,
            amount_minor=112_604,
            currency="USD",
            requester=agent,
            action_digest="0" * 64,
            view=view_of_usual_size(),
            deadline_at=now + timedelta(hours=10),
            roles=("supervisor",),
            journey="Return delivered items",
        ),
    )


def view_of_usual_size() -> dict[str, Any]:
    """Return a view of the size that a refund of a few items has, about 4 kB."""
    row = {"id": "R7", "reason": "A refund above 500.00 USD needs a supervisor.", "saw": "1,126.04"}
    fact = {"name": "status", "text": "delivered", "source": "get_order_details", "at": "14:02"}
    return {
        "effect": {"title": "Take back robotic vacuum and air purifier, #W9502127"},
        "money": {"direction": "to_customer"},
        "before_after": [{"name": f"item {n}", "now": "kept", "after": "back"} for n in range(8)],
        "rows": [row] * 6,
        "evidence": [fact] * 20,
        "customer": "I have requested the return; it takes 5 to 7 business days." * 3,
    }


def measure(runs: int, size: str) -> list[Figure]:
    """Return time and queries of both pages, asked for in turns."""
    pages = {OURS: ours(), STOCK: stock(), NARROWED: stock(state__exact="pending")}
    times: dict[str, list[float]] = {name: [] for name in pages}
    counts = {name: count_queries(ask) for name, ask in pages.items()}
    for turn in range(runs + WARM_UP):
        for name, ask in pages.items():
            began = time.perf_counter()
            ask()
            took = (time.perf_counter() - began) * 1000
            if turn >= WARM_UP:
                times[name].append(took)
    for name in (STOCK, NARROWED):
        ratio = statistics.median(times[name]) / statistics.median(times[OURS])
        note(f"the inbox is {ratio:.1f} times as fast as the {name}")
    bench = f"first page of approvals, {size} pending"
    return [
        *(figure_of(bench=bench, subject=n, unit="ms", samples=t) for n, t in times.items()),
        *(
            figure_of(bench=bench, subject=n, unit="queries", samples=[c])
            for n, c in counts.items()
        ),
    ]


def count_queries(ask: Callable[[], Any]) -> int:
    """Return how many queries a page asks, once it is warm."""
    ask()
    with CaptureQueriesContext(connection) as captured:
        answer = ask()
    if answer.status_code != OK:
        raise SystemExit(f"the page answered {answer.status_code}")
    return len(captured)


def ours() -> Callable[[], Any]:
    """Return what asks for the inbox."""
    client = Client()
    person = User.objects.get(username=PERSON)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return lambda: client.get(PATH)


class Stock(ModelAdmin):
    """The list as Django makes it of the columns of the inbox."""

    list_display = (
        *("deadline_at", "risk", "title", "detail", "amount_minor", "currency"),
        *("requester_label", "queue", "votes_needed", "claimed_by"),
    )
    list_filter = ("state", "risk", "queue")
    list_select_related = ("queue", "claimed_by")
    search_fields = ("title", "detail", "case_label")
    ordering = ("deadline_at",)
    list_per_page = inbox.PAGE


def stock(**narrowed: str) -> Callable[[], Any]:
    """Return what asks for the stock list, narrowed by its own filters."""
    admin = Stock(ApprovalRequest, AdminSite(name="admin"))
    person = User.objects.get(username=PERSON)

    def ask() -> Any:
        request = RequestFactory().get("/admin/", narrowed)
        request.user = person
        return admin.changelist_view(request).render()

    return ask


def explain() -> None:
    """Print what the server does for each read of requests on our page."""
    with CaptureQueriesContext(connection) as captured:
        ours()()
    read: Sequence[str] = [query["sql"] for query in captured]
    for each in read:
        if "governance_approvalrequest" in each and each.startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {each}")
                print(f"\n{each[:160]} …")
                print("\n".join(row[0] for row in cursor.fetchall()))


if __name__ == "__main__":
    main()
