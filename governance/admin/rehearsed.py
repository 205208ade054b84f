"""What a rehearsal came to, as its page and the page of a change place it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.admin.rehearsed_cases import UNASKED, Look, cell_words, describe_cell
from governance.admin.rehearsed_hours import describe_hours
from governance.admin.rehearsed_rows import NO_DOCUMENTS, Documents, RowNames
from governance.policies.decision import ENGINE
from governance.policies.models import Rehearsal
from governance.policies.services.rehearsing import LACKING
from governance.policies.types import Outcome, RehearsalState
from orchestra.core import words

Json = Any

_PERCENT = 100
#: Fewer than these say little about what a draft would do.
FEW = 100


def has_ended(found: Rehearsal) -> bool:
    """Return whether a rehearsal goes on no more."""
    return RehearsalState(found.state).is_terminal


def describe_rehearsal(
    found: Rehearsal, look: Look = UNASKED, *, known: Documents = NO_DOCUMENTS
) -> dict[str, Any]:
    """Return a rehearsal as ``governance/rehearsal.html`` places it.

    Args:
        found: The rehearsal, at its end or not.
        look: Which decisions the reader wants to see.
        known: Documents of versions of its policy by number, where some are at hand.
    """
    shown = describe_course(found)
    if found.result is None:
        return shown
    return {**shown, **describe_report(found, found.result, look, known=known)}


def describe_course(found: Rehearsal) -> dict[str, Any]:
    """Return how far a rehearsal is, without what it found."""
    return {
        "state": found.state,
        "ended": has_ended(found),
        "is_done": found.result is not None,
        "problem": found.problem,
        "progress": _progress(found),
        "done": found.done,
        "total": found.total,
        "by": found.by_label,
        "since": found.since_at,
        "until": found.until_at,
        "ended_at": found.ended_at,
        "filters": [
            f"{words.plain(name)}: {value}" for name, value in found.filters.items() if value
        ],
        "draft_digest": found.document_digest,
        "digest": found.result_digest,
        "policy": found.policy_key,
        "base_number": found.base.get(found.policy_key, (0, ""))[0],
        "poll_link": reverse("admin:rehearsal_progress", args=[found.policy_key, found.public_id]),
        "stop_link": reverse("admin:rehearsal_cancel", args=[found.policy_key, found.public_id]),
    }


def describe_report(
    found: Rehearsal,
    result: Mapping[str, Json],
    look: Look,
    *,
    known: Documents = NO_DOCUMENTS,
) -> dict[str, Any]:
    """Return what was added up so far, or in the end, as the same template places it.

    Args:
        found: The rehearsal.
        result: Its result, or its tally while it goes on.
        look: Which decisions the reader wants to see.
        known: As of ``describe_rehearsal``.
    """
    chosen, names = _chosen(result, look.cell), RowNames(found, known)
    looked_at = result["compared"] + result["lacking"]
    return {
        "headline": _headline(result),
        "engine": result.get("engine", ENGINE),
        "too_few": _too_few(looked_at) if looked_at < FEW else "",
        "compared": result["compared"],
        "lacking": result["lacking"],
        "left_out": result["left_out"],
        "decided_again": result["decided_again"],
        "matrix": _matrix(result, chosen, look),
        "outcomes": [str(outcome) for outcome in Outcome],
        "sums": _sums(result["matrix"]),
        "changes": _changes(result, chosen, names, look),
        "lacks": sorted(result["lacks"].items()),
        "lacking_link": look.link(LACKING),
        "chosen": describe_cell(found, result, chosen, look, names)
        if look.reader and chosen
        else None,
        "hours": describe_hours(result["hours"], days=_days(found)),
        "exposure": [
            _exposed(currency, sums) for currency, sums in sorted(result["exposure"].items())
        ],
    }


def _too_few(count: int) -> str:
    return ngettext(
        "Only %(count)s recorded decision in this span. Choose a longer one.",
        "Only %(count)s recorded decisions in this span. Choose a longer one.",
        count,
    ) % {"count": count}


def _days(found: Rehearsal) -> int:
    return max(1, round(((found.read_at or found.until_at) - found.since_at) / timedelta(days=1)))


def _progress(found: Rehearsal) -> str:
    return _("%(done)s of %(total)s decisions.") % {
        "done": f"{found.done:,}",
        "total": f"{found.total:,}",
    }


def _kind(cell: str) -> str:
    """Return ``same``, ``tight`` or ``loose``."""
    before, after = (Outcome(name) for name in cell.split(">"))
    if before is after:
        return "same"
    return "tight" if after.strictness > before.strictness else "loose"


def _sums(matrix: Mapping[str, int]) -> dict[str, int]:
    sums = {"same": 0, "tight": 0, "loose": 0}
    for cell, count in matrix.items():
        sums[_kind(cell)] += count
    return sums


def _headline(result: Mapping[str, Json]) -> str:
    sums, compared = _sums(result["matrix"]), result["compared"]
    if not compared:
        return _("No recorded decision could be compared. Choose a longer span.")
    changed = sums["tight"] + sums["loose"]
    verdicts = ngettext(
        "This would have changed %(changed)s of %(all)s verdict (%(share)s %%)",
        "This would have changed %(changed)s of %(all)s verdicts (%(share)s %%)",
        compared,
    ) % {
        "changed": f"{changed:,}",
        "all": f"{compared:,}",
        "share": f"{changed * _PERCENT / compared:.1f}",
    }
    parts = _("%(tight)s stricter, %(loose)s looser") % {
        "tight": f"{sums['tight']:,}",
        "loose": f"{sums['loose']:,}",
    }
    return f"{verdicts}: {parts}. {_approvals(result['matrix'])}"


def _approvals(matrix: Mapping[str, int]) -> str:
    before = sum(count for cell, count in matrix.items() if cell.startswith("approve>"))
    after = sum(count for cell, count in matrix.items() if cell.endswith(">approve"))
    return _("Approvals: %(before)s become %(after)s.") % {
        "before": f"{before:,}",
        "after": f"{after:,}",
    }


def _matrix(result: Mapping[str, Json], chosen: str, look: Look) -> list[dict[str, Any]]:
    return [
        {
            "before": str(before),
            "cells": [
                _cell(f"{before}>{after}", result["matrix"], chosen, look) for after in Outcome
            ],
        }
        for before in Outcome
    ]


def _cell(cell: str, matrix: Mapping[str, int], chosen: str, look: Look) -> dict[str, Any]:
    kind = _kind(cell)
    return {
        "count": matrix.get(cell, 0),
        "kind": kind if cell in matrix else "",
        "word": {"tight": _("stricter"), "loose": _("looser")}.get(kind, ""),
        "on": cell == chosen,
        "link": look.link(cell),
        "label": _cell_label(cell, matrix.get(cell, 0)),
    }


def _cell_label(cell: str, count: int) -> str:
    word = {"tight": _("stricter"), "loose": _("looser")}.get(_kind(cell), _("same verdict"))
    return f"{count:,} {cell_words(cell)}, {word}"


def _chosen(result: Mapping[str, Json], cell: str) -> str:
    known = result["matrix"]
    if cell in known or (cell == LACKING and result["lacking"]):
        return cell
    changed = [each for each in known if _kind(each) != "same"]
    return max(changed, key=lambda each: (known[each], each), default="")


def _change_words(cell: str) -> str:
    """Return a cell in words; where the outcome stays, it is the votes that change."""
    before, _sign, after = cell.partition(">")
    return (
        _("%(outcome)s, with other votes") % {"outcome": before}
        if before == after
        else (cell_words(cell))
    )


def _changes(
    result: Mapping[str, Json], chosen: str, names: RowNames, look: Look
) -> list[dict[str, Any]]:
    """Return what lies behind each cell that changes: which rows, how often."""
    cells = sorted(result["rows"], key=lambda cell: (-result["matrix"].get(cell, 0), cell))
    return [
        {
            "title": _change_words(cell),
            "count": sum(result["rows"][cell].values()),
            "on": cell == chosen,
            "link": look.link(cell),
            "rows": [
                {"words": names.sentence(together), "count": count}
                for together, count in sorted(
                    result["rows"][cell].items(), key=lambda item: (-item[1], item[0])
                )[:5]
            ],
        }
        for cell in cells
    ]


def _exposed(currency: str, sums: Mapping[str, int]) -> dict[str, Any]:
    difference = sums["after"] - sums["before"]
    return {
        "currency": currency or _("no currency"),
        "before": words.money(minor=sums["before"], currency=currency),
        "after": words.money(minor=sums["after"], currency=currency),
        "difference": words.money(minor=difference, currency=currency),
        "newly_alone": _amount(sums, "newly_alone", currency),
        "newly_waits": _amount(sums, "newly_waits", currency),
        "kind": "same" if not difference else ("loose" if difference > 0 else "tight"),
    }


def _amount(sums: Mapping[str, int], name: str, currency: str) -> str:
    # A report from before this was added up does not say it.
    return words.money(minor=sums[name], currency=currency) if name in sums else ""
