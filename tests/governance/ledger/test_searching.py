"""Pages of entries: the same as the plain reading of a selection, both ways, in bounded work."""

from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.ledger import searching
from governance.ledger.models import LedgerEntry
from governance.ledger.searching import Found, Place, search
from governance.ledger.selection import EntrySelection, select
from governance.ledger.services import append_entry, index_entries, sequence
from governance.ledger.standing import read_standing
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, ActorKind
from tests.factories.ledger import AT

pytestmark = pytest.mark.django_db
USES_LEDGER = pytest.mark.usefixtures("ledger")
DIGEST = "ab" * 32
ACTORS = [
    Actor(kind=ActorKind.HUMAN, id="u-1", label="Maren Osei"),
    Actor(kind=ActorKind.AGENT, id="a-1", label="Store assistant"),
]
FILTERS: dict[str, dict[str, Any]] = {
    "case": {"streams": ("case:c-1",)},
    "customer": {"customers": ("cu-1",)},
    "person": {"actor_ids": ("u-1",)},
    "agents": {"actor_kinds": ("agent",)},
    "tool": {"tools": ("cancel_order", "no_such_tool")},
    "policy": {"policies": (DIGEST,)},
    "risk": {"risks": ("high",)},
    "outcome": {"outcomes": ("deny",)},
    "kinds": {"kinds": ("act.", "ledger.read")},
    "text": {"text": "jacket -trousers"},
    "span": {"since": AT + timedelta(hours=1), "until": AT + timedelta(hours=9)},
}


@pytest.fixture
def ledger() -> None:
    """Sixty entries over ten hours in three cases; the last ten wait for the index."""
    put(0, "customer.bound", subject_kind="customer", subject_id="cu-1")
    for number in range(1, 50):
        put(number)
    sequence(now=AT)
    index_entries()
    for number in range(50, 60):
        put(number)
    assert read_standing().unread == 11


def put(number: int, kind: str = "", **changes: Any) -> None:
    payload = {
        "tool": ["cancel_order", "return_items"][number % 2],
        "risk": ["low", "high", "high"][number % 3],
        "outcome": ["allow", "deny"][number % 5 == 0],
        "message": ["warm jacket", "jacket and trousers", "shoes"][number % 3],
    }
    changes.setdefault("subject_id", f"s-{number % 7}")
    draft = EntryDraft(
        stream=f"case:c-{number % 3 + 1}",
        kind=kind or ["act.refused", "ledger.read"][number % 2],
        payload=payload,
        policy=DIGEST if number % 2 else "",
        **changes,
    )
    # Every seventh was stamped hours before its neighbours: time and key do not agree.
    at = AT + timedelta(minutes=10 * number) - timedelta(hours=3 if number % 7 == 0 else 0)
    with transaction.atomic():
        append_entry(actor=ACTORS[number % 2], now=at, draft=draft)


@pytest.fixture(params=["whole", "pieces"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways a list is read: as one that is short, and as one that may be long."""
    if request.param == "pieces":
        monkeypatch.setattr(searching, "CAP", 0)
        monkeypatch.setattr(searching, "PIECES", (3, 7))
    return str(request.param)


def keys(found: Found) -> list[int]:
    return [entry.pk for entry in found.entries]


def walk(selection: EntrySelection, *, size: int, is_newer: bool = False) -> list[list[int]]:
    pages, place = [], Place(key=0, is_newer=True) if is_newer else Place()
    for _turn in range(100):
        found = search(selection, place=place, size=size)
        pages.append(keys(found))
        key = found.newer if is_newer else found.older
        if key is None:
            return pages
        place = Place(key=key, is_newer=is_newer)
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize(
    "names", [*combinations(FILTERS, 1), *combinations(FILTERS, 2), tuple(FILTERS)]
)
def test_pages_both_ways_hold_what_a_plain_reading_finds(
    monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    wanted: dict[str, Any] = {}
    for name in names:
        wanted |= FILTERS[name]
    selection = EntrySelection(**wanted)
    plain = list(select(selection).order_by("-id").values_list("pk", flat=True))
    found = search(selection, place=Place(), size=4)
    assert (found.count, keys(found)) == (len(plain), plain[:4])
    for _way in ("whole", "pieces"):
        assert [key for page in walk(selection, size=4) for key in page] == plain
        newer = walk(selection, size=4, is_newer=True)
        assert [key for page in reversed(newer) for key in page] == plain
        monkeypatch.setattr(searching, "CAP", 0)
        monkeypatch.setattr(searching, "PIECES", (3, 7))


@USES_LEDGER
def test_everything_is_paged_and_counted(way: str) -> None:
    every = list(LedgerEntry.objects.order_by("-id").values_list("pk", flat=True))
    pages = walk(EntrySelection(), size=25)
    assert [key for page in pages for key in page] == every
    found = search(EntrySelection(), place=Place(), size=25)
    assert (found.newer, found.count) == (None, len(every) if way == "whole" else None)
    second = search(EntrySelection(), place=Place(key=found.older), size=25)
    assert second.newer == every[25]
    back = search(EntrySelection(), place=Place(key=second.newer, is_newer=True), size=25)
    assert keys(back) == every[:25]


@USES_LEDGER
def test_a_page_that_does_not_fill_says_how_far_it_looked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(searching, "CAP", 0)
    monkeypatch.setattr(searching, "PIECES", (5,))
    selection = EntrySelection(kinds=("act.",), actor_kinds=("agent",))
    found = search(selection, place=Place(), size=4)
    refused = LedgerEntry.objects.filter(kind="act.refused").order_by("-id")
    assert found.entries == ()
    assert found.looked_to == found.older == refused[4].pk
    assert found.count is None


@USES_LEDGER
@pytest.mark.parametrize(
    "wanted",
    [
        {"customers": ("nobody",)},
        {"kinds": ("no.such.",)},
        {"kinds": ("no.such_kind",)},
        {"text": "the"},
        {"text": "💥"},
        {"text": "-jacket"},
        {"until": AT - timedelta(days=30)},
        {"since": AT + timedelta(days=3000)},
    ],
)
def test_what_matches_nothing_is_an_empty_page(wanted: dict[str, Any]) -> None:
    found = search(EntrySelection(**wanted), place=Place(), size=4)
    assert (found.entries, found.count, found.older, found.newer) == ((), 0, None, None)


def test_an_empty_ledger_has_an_empty_page() -> None:
    assert search(EntrySelection(), place=Place(), size=4).entries == ()


@USES_LEDGER
@pytest.mark.parametrize("key", [0, -5, 2**62, 2**63 - 1])
def test_a_forged_place_is_a_place_like_any_other(key: int) -> None:
    every = LedgerEntry.objects.count()
    for selection in (EntrySelection(), EntrySelection(**FILTERS["tool"])):
        older = search(selection, place=Place(key=key), size=100)
        newer = search(selection, place=Place(key=key, is_newer=True), size=100)
        assert len(older.entries) + len(newer.entries) <= every
        assert bool(older.entries) is (key > every)


def plans(selection: EntrySelection, place: Place) -> str:
    """How the database would carry out every statement of a page."""
    with CaptureQueriesContext(connection) as queries:
        search(selection, place=place, size=40)
    said = []
    with connection.cursor() as cursor:
        for query in queries.captured_queries:
            assert "OFFSET" not in query["sql"].upper()
            explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
            if connection.vendor == "postgresql":
                # On a small table any plan is cheap: what is asked is whether an index can serve.
                cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"{explain} {query['sql']}".replace("%", "%%"), None)
            said += [" ".join(str(part) for part in row) for row in cursor.fetchall()]
    return "\n".join(said)


#: Says how far the index has come, in one row: reading it whole is reading that row.
ONE_ROW = "governance_entryindex"


@USES_LEDGER
@pytest.mark.parametrize("name", [*FILTERS, "nothing"])
@pytest.mark.parametrize("other", ["text", "tool", "nothing"])
def test_no_statement_of_a_page_reads_a_whole_table_or_counts_over_rows(
    monkeypatch: pytest.MonkeyPatch, name: str, other: str
) -> None:
    monkeypatch.setattr(searching, "CAP", 0)
    selection = EntrySelection(**{**FILTERS.get(other, {}), **FILTERS.get(name, {})})
    for place in (Place(), Place(key=40), Place(key=10, is_newer=True)):
        plan = plans(selection, place)
        for line in plan.splitlines():
            bare = line.strip().removeprefix("->").strip()
            assert not bare.startswith("Seq Scan on governance_ledger"), plan
            if ONE_ROW in bare.split():
                continue
            assert not bare.startswith("Seq Scan on governance_entry"), plan
            if "SCAN" in line.split() and "governance" in line:
                assert "INDEX" in line or "PRIMARY KEY" in line, plan


@USES_LEDGER
def test_a_page_takes_the_same_queries_however_many_filters_and_entries() -> None:
    every: dict[str, Any] = {}
    for wanted in FILTERS.values():
        every |= wanted
    with CaptureQueriesContext(connection) as queries:
        search(EntrySelection(**every), place=Place(), size=40)
    assert len(queries) <= 10
