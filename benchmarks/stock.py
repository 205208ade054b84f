"""The lists that Django's own admin makes of our tables, asked for beside ours.

A stock site is mounted beside the portal: below the same middleware, signed in like it, drawn by
Django's own templates. Each of its lists has the columns, the search box, the filters and the
order that our list of the same table offers, as many rows a page, and is else as Django makes
it. Both are asked in turns for the first page, for a search, and for a page half-way down.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import django
from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import include, path

from benchmarks.common import Figure, figure_of, note
from cases.handoff.models import Handoff
from cases.memory.models import Case
from governance.access.models import User
from governance.approvals.inbox_query import Place, format_place
from governance.approvals.models import ApprovalRequest
from governance.ledger.models import LedgerEntry
from governance.policies.models import DecisionRecord
from orchestra.core.serving import settle

#: Milliseconds from which one answer says enough.
SLOW = 20_000
OK = 200
FIRST, SEARCH, HALF = "first page", "a search", "half-way down"
NOBODY_SAYS = "zqxjk"


@dataclass(frozen=True, slots=True)
class Rival:
    """One table, as the stock admin lists it.

    Attributes:
        options: Of its ``ModelAdmin``, so that it offers what our list offers.
        ours: Address of our list below the admin.
        narrowed: What our list leaves out, as the stock list's filter.
        texts: Of a search: our parameter, and the text.
    """

    model: type[Any]
    options: dict[str, Any]
    ours: str
    narrowed: dict[str, str] = field(default_factory=dict)
    texts: tuple[str, str] | None = None


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def rivals() -> dict[str, Rival]:
    """Return the tables, by name."""
    subject = DecisionRecord.objects.order_by("pk").values_list("subject_id", flat=True)[1]
    return {
        "cases": Rival(
            Case,
            {
                "list_display": _words(
                    "id priority customer verification subject channel risk_flags status queue "
                    "holder opened_at"
                ),
                "list_filter": ("status", "queue"),
                "list_select_related": ("customer", "queue", "holder"),
                "search_fields": _words(
                    "customer__name customer__ref__exact claimed_name external_ref__exact subject "
                    "tool_calls__effect_text"
                ),
                "ordering": ("-id",),
                "list_per_page": 50,
            },
            "cases/",
            texts=("q", NOBODY_SAYS),
        ),
        "handoffs": Rival(
            Handoff,
            {
                "list_display": _words(
                    "id case queue reason_code note from_label state accepted_by offered_at "
                    "reply_due_at"
                ),
                "list_filter": ("state",),
                "list_select_related": ("case", "queue", "accepted_by"),
                "ordering": ("reply_due_at", "id"),
                "list_per_page": 130,
            },
            "handoffs/",
        ),
        "approvals": Rival(
            ApprovalRequest,
            {
                "list_display": _words(
                    "deadline_at risk title detail amount_minor requester_label queue "
                    "votes_needed claimed_by"
                ),
                "list_filter": ("state", "risk", "queue"),
                "list_select_related": ("queue", "claimed_by"),
                "search_fields": ("title", "detail", "case_label"),
                "ordering": ("deadline_at", "id"),
                "list_per_page": 50,
            },
            "approvals/",
            narrowed={"state__exact": "pending"},
            texts=("text", NOBODY_SAYS),
        ),
        "decisions": Rival(
            DecisionRecord,
            {
                "list_display": ("id", "at", "outcome", "subject_kind", "subject_id"),
                "list_filter": ("outcome",),
                "ordering": ("-id",),
                "list_per_page": 50,
            },
            "decisions/",
        ),
        "ledger": Rival(
            LedgerEntry,
            {
                "list_display": ("id", "kind", "stream", "actor_kind", "actor_id", "at"),
                "list_filter": ("actor_kind",),
                "search_fields": ("stream__exact", "actor_id__exact", "subject_id__exact"),
                "date_hierarchy": "at",
                "list_select_related": ("payload",),
                "ordering": ("-id",),
                "list_per_page": 40,
            },
            "ledger/",
            texts=("subject", subject),
        ),
    }


class Stock(ModelAdmin):  # type: ignore[type-arg]
    """A list of Django's own making."""

    change_list_template = "change_list.html"


def compare(runs: int) -> Iterator[Figure]:
    """Ask both for the pages of every table in turns, say who is how much faster, and yield it."""
    places, site = rivals(), AdminSite(name="stock")
    for rival in places.values():
        site.register(rival.model, type("Stock", (Stock,), rival.options))
    routes = (path("stock/", site.urls), path("", include("orchestra.urls")))
    with override_settings(ROOT_URLCONF=routes, TEMPLATES=[*settings.TEMPLATES, _own_drawing()]):
        settle()
        ours = _signed_in(User.objects.get(username="supervisor"))
        theirs = _signed_in(_keeper())
        for name, rival in places.items():
            for what, (here, there) in _addresses(rival).items():
                yield from _side_by_side(f"{name}, {what}", (ours, here), (theirs, there), runs)


def _side_by_side(
    bench: str, ours: tuple[Client, str], theirs: tuple[Client, str], runs: int
) -> Iterator[Figure]:
    """Ask in turns; a page that takes very long is not asked again to know how long."""
    subjects = {"orchestra": ours, "stock admin": theirs}
    times: dict[str, list[float]] = {subject: [] for subject in subjects}
    counts = {}
    for subject, (client, address) in subjects.items():
        with CaptureQueriesContext(connection) as asked:
            times[subject].append(_ask(client, address))
        counts[subject] = len(asked)
    for _turn in range(runs):
        for subject, (client, address) in subjects.items():
            if times[subject][0] < SLOW:
                times[subject].append(_ask(client, address))
    # The first is a warm-up where there are others.
    taken = {subject: found[1:] or found for subject, found in times.items()}
    ratio = median(taken["stock admin"]) / median(taken["orchestra"])
    note(f"{bench}: {ratio:.1f} times as fast as the stock list")
    for subject, samples in taken.items():
        yield figure_of(bench=bench, subject=subject, unit="ms", samples=samples)
    for subject, count in counts.items():
        yield figure_of(bench=bench, subject=subject, unit="queries", samples=[count])


def _ask(client: Client, address: str) -> float:
    began = time.perf_counter()
    answer = client.get(address)
    taken = (time.perf_counter() - began) * 1000
    if answer.status_code != OK:
        raise SystemExit(f"{address} answered {answer.status_code}")
    return taken


def _addresses(rival: Rival) -> dict[str, tuple[str, str]]:
    """Return our address and that of the stock list, by what is asked for."""
    meta = rival.model._meta  # noqa: SLF001  Django's documented entry
    here, there = f"/admin/{rival.ours}", f"/stock/{meta.app_label}/{meta.model_name}/"
    kept = "".join(f"&{name}={value}" for name, value in rival.narrowed.items())
    found = {FIRST: (here, f"{there}?{kept[1:]}")}
    if rival.texts:
        name, text = rival.texts
        found[SEARCH] = (f"{here}?{name}={text}", f"{there}?q={text}{kept}")
    place, number = _half_way(rival)
    if place:
        found[HALF] = (f"{here}?{place}", f"{there}?p={number}{kept}")
    return found


def _half_way(rival: Rival) -> tuple[str, int]:
    """Return how our list and which page of the stock list begins half-way down."""
    if rival.model is Handoff:
        return "", 0  # Ours has one page.
    rows = rival.model.objects.filter(**rival.narrowed).order_by(*rival.options["ordering"])
    middle = rows.count() // 2
    number = middle // rival.options["list_per_page"] + 1
    if rival.model is ApprovalRequest:
        row = rows.defer("view")[middle]
        at = Place(deadline_at=row.deadline_at, risk_rank=row.risk_rank, pk=row.pk)
        return f"after={format_place(at)}", number
    return f"before={rows.values_list('pk', flat=True)[middle]}", number


def _own_drawing() -> dict[str, Any]:
    """Return Django's own templates of its admin; the portal's come first and have other names."""
    django_at = Path(django.__file__).parent
    return {
        "NAME": "stock",
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            django_at / "contrib/admin/templates",
            # The list's own page, by a name that the portal's templates do not have.
            django_at / "contrib/admin/templates/admin",
        ],
        "OPTIONS": settings.TEMPLATES[0]["OPTIONS"],
    }


def _keeper() -> User:
    """Return who may do everything in the stock admin."""
    person, _made = User.objects.get_or_create(
        username="stock", defaults={"is_staff": True, "is_superuser": True}
    )
    return person


def _signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client
