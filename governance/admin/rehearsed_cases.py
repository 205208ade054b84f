"""The decisions behind one cell of a rehearsal: page by page, or some drawn from a seed."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from governance.access.types import Authority, Capability
from governance.admin.rehearsed_rows import SAME_ROWS, RowNames
from governance.admin.visit import Visit
from governance.policies import selectors
from governance.policies.models import DecisionRecord, Rehearsal, RehearsedDecision
from governance.policies.registry import AskedFor, describe_subjects
from governance.policies.services.rehearsing import LACKING
from orchestra.core import words

Json = Any

SHOWN: Final = 10
DRAWN: Final = 20
_MAX_SEED: Final = 10


@dataclass(frozen=True, slots=True)
class Look:
    """What a reader asks to see of a rehearsal.

    Attributes:
        cell: Such as ``allow>approve``; empty for the largest that changes.
        page: From 1.
        seed: What some decisions are drawn with; empty to go through all.
        reader: Who looks; None for whoever may not see decisions.
        at: Path of the page that shows the decisions; empty for the page that is shown.
    """

    cell: str = ""
    page: int = 1
    seed: str = ""
    reader: Authority | None = None
    at: str = ""

    def link(self, cell: str, **more: str | int) -> str:
        """Return the address of a cell."""
        return f"{self.at}?{urlencode({'cell': cell, **more})}#behind"


UNASKED: Final = Look()


def read_look(request: HttpRequest, visit: Visit) -> Look:
    """Return what the address of a page asks to see; what is no number counts as not asked."""
    page, seed = request.GET.get("page", ""), request.GET.get("seed", "")
    return Look(
        cell=request.GET.get("cell", ""),
        page=max(1, int(page)) if page.isdecimal() and len(page) < _MAX_SEED else 1,
        seed=seed if seed.isdecimal() and len(seed) <= _MAX_SEED else "",
        reader=visit.authority if visit.may(Capability.DECISION_READ) else None,
    )


def cell_words(cell: str) -> str:
    """Return a cell as people read it."""
    return _("could not be decided") if cell == LACKING else cell.replace(">", " → ")


def describe_cell(
    found: Rehearsal, tally: Mapping[str, Json], cell: str, look: Look, names: RowNames
) -> dict[str, Any]:
    """Return the decisions behind a cell, as the page lists them.

    Args:
        found: The rehearsal.
        tally: What it added up.
        cell: One that is in the tally.
        look: Which of them, and for whom.
        names: How rows read.
    """
    total = tally["lacking"] if cell == LACKING else tally["matrix"][cell]
    keys = selectors.list_rehearsed_keys(rehearsal=found, cell=cell)
    kept = [] if keys else tally["samples"].get(cell, [])
    seed = look.seed if len(keys) > DRAWN else ""
    rows = (
        _changed(look, _drawn(keys, seed) if seed else _paged(keys, look.page), names)
        if keys
        else _same(look, kept)
    )
    return {
        "title": cell_words(cell),
        "total": total,
        "rows": rows,
        "lacking": cell == LACKING,
        "kept": bool(kept) and len(kept) < total,
        "seed": seed,
        "all_link": look.link(cell) if seed else "",
        "draw_link": look.link(cell, seed=_seed_of(found)) if len(keys) > DRAWN else "",
        "draw_seed": _seed_of(found),
        "draws": DRAWN,
        **({} if seed else _pages(cell, len(keys), look)),
    }


def _seed_of(found: Rehearsal) -> int:
    # The number of the change, so that everybody who reads it draws the same.
    return int(found.change_id or found.pk)


def _drawn(keys: list[int], seed: str) -> list[int]:
    drawn = random.Random(int(seed)).sample(sorted(keys), DRAWN)  # noqa: S311  anybody can draw it again
    return sorted(drawn, reverse=True)


def _paged(keys: list[int], page: int) -> list[int]:
    return keys[(page - 1) * SHOWN : page * SHOWN]


def _pages(cell: str, count: int, look: Look) -> dict[str, Any]:
    page = look.page
    last = max(1, -(-count // SHOWN))
    if count <= SHOWN or page > last:
        return {}
    return {
        "page": page,
        "pages": last,
        "newer_link": look.link(cell, page=page - 1) if page > 1 else "",
        "older_link": look.link(cell, page=page + 1) if page < last else "",
    }


def _changed(look: Look, keys: list[int], names: RowNames) -> list[dict[str, Any]]:
    cases = list(selectors.list_rehearsed_by_keys(keys))
    asked = _asked(look, (case.record for case in cases))
    return [
        {**_row(case.record, asked.get(case.record.subject_id)), **_change(case, names)}
        for case in cases
    ]


def _same(look: Look, ids: list[str]) -> list[dict[str, Any]]:
    records = list(selectors.list_by_ids(ids[:SHOWN]))
    asked = _asked(look, records)
    return [_row(record, asked.get(record.subject_id)) for record in records]


def _asked(look: Look, records: Iterable[DecisionRecord]) -> dict[str, AskedFor]:
    if look.reader is None:
        return {}
    return describe_subjects(look.reader, {record.subject_id for record in records})


def _row(record: DecisionRecord, asked: AskedFor | None) -> dict[str, Any]:
    facts = selectors.record_as_value(record).get("facts", {}).get("values", {})
    amount, currency = facts.get("amount_minor"), str(facts.get("currency") or "")
    known = asked or AskedFor(words=words.plain(str(facts.get("tool", ""))))
    return {
        "link": reverse("admin:decision", args=[record.public_id]),
        "case": known.case,
        "case_link": reverse("admin:case", args=[known.case_id]) if known.case_id else "",
        "thing": known.thing,
        "customer": known.customer,
        "words": known.words,
        "queue": words.plain(str(facts.get("queue", ""))),
        "amount": words.money(minor=amount, currency=currency) if isinstance(amount, int) else "",
        "currency": currency if isinstance(amount, int) else "",
        "at": record.at,
    }


def _change(case: RehearsedDecision, names: RowNames) -> dict[str, Any]:
    votes = ""
    before, _sign, after = case.cell.partition(">")
    if before == after and case.votes_before != case.votes_after:
        votes = _("votes: %(before)d, then %(after)d") % {
            "before": case.votes_before,
            "after": case.votes_after,
        }
    return {
        "fires": [(names.short(name), names.long(name)) for name in case.gained],
        "fires_no_more": [(names.short(name), names.long(name)) for name in case.lost],
        "lacks": ", ".join(words.plain(name) for name in case.lacks),
        "votes": votes,
        "same": "" if case.gained or case.lost or case.lacks else SAME_ROWS,
    }
