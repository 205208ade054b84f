"""One rehearsal: what a draft would have done, the decisions behind it, and what it is bound to."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.types import Capability
from governance.admin.rehearsed_hours import describe_hours
from governance.admin.visit import Crumb, Visit, attempt, page, render
from governance.ledger.refusals import Refusal
from governance.policies import selectors, services
from governance.policies.models import DecisionRecord, Rehearsal, RehearsedDecision
from governance.policies.services.rehearsing import LACKING
from governance.policies.types import Outcome, RehearsalState
from orchestra.core import words

Json = Any

SHOWN = 50
_PERCENT = 100


@page(
    "policies/<str:key>/rehearsals/<uuid:rehearsal_id>/",
    name="rehearsal",
    capability=Capability.POLICY_READ,
)
def rehearsal(request: HttpRequest, visit: Visit, key: str, rehearsal_id: UUID) -> HttpResponse:
    """Show one rehearsal of a policy's draft."""
    found = selectors.get_rehearsal(rehearsal_id=rehearsal_id, policy_key=key)
    shown = describe_rehearsal(
        found,
        cell=request.GET.get("cell", ""),
        reads_decisions=visit.may(Capability.DECISION_READ),
    )
    return render(
        request,
        "governance/rehearsal_page.html",
        {
            "title": _("Rehearsal"),
            "crumbs": [
                Crumb(_("Govern")),
                Crumb(_("Policies"), reverse("admin:policies")),
                Crumb(found.policy_key, reverse("admin:policy", args=[key])),
                Crumb(_("Rehearsal")),
            ],
            "rehearsal": shown,
            "may_cancel": visit.may(Capability.POLICY_EDIT) and not shown["ended"],
            "try_link": reverse("admin:policy_try", args=[key]) + f"?rehearsal={found.public_id}",
        },
    )


@page(
    "policies/<str:key>/rehearsals/<uuid:rehearsal_id>/cancel/",
    name="rehearsal_cancel",
    capability=Capability.POLICY_EDIT,
    methods=("POST",),
)
def cancel(request: HttpRequest, visit: Visit, key: str, rehearsal_id: UUID) -> HttpResponse:
    """Stop a rehearsal."""
    found = selectors.get_rehearsal(rehearsal_id=rehearsal_id, policy_key=key)
    attempt(
        request,
        lambda: services.cancel_rehearsal(actor=visit.actor, now=visit.now, rehearsal_pk=found.pk),
        refusal=lambda error: Refusal(
            act="rehearsal.cancel",
            code=error.error_code,
            message=error.message,
            subject_id=str(rehearsal_id),
        ),
    )
    return HttpResponseRedirect(reverse("admin:rehearsal", args=[key, rehearsal_id]))


def describe_rehearsals(policy_key: str) -> list[dict[str, Any]]:
    """Return the newest rehearsals of a policy's drafts, as its page lists them."""
    return [
        {
            "link": reverse("admin:rehearsal", args=[policy_key, found.public_id]),
            "state": found.state,
            "at": found.created_at,
            "by": found.by_label,
            "done": found.done,
            "total": found.total,
        }
        for found in selectors.list_rehearsals(policy_key=policy_key)[:5]
    ]


def describe_rehearsal(
    found: Rehearsal, *, cell: str = "", reads_decisions: bool = True
) -> dict[str, Any]:
    """Return a rehearsal as ``governance/rehearsal.html`` places it.

    Args:
        found: The rehearsal, at its end or not.
        cell: The chosen cell, such as ``allow>approve``; empty for the largest that changes.
        reads_decisions: Whether the reader may see the decisions behind a cell.
    """
    result: Mapping[str, Json] = found.result or {}
    shown: dict[str, Any] = {
        "state": found.state,
        "ended": RehearsalState(found.state).is_terminal,
        "is_done": bool(result),
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
        "cancel_link": reverse("admin:rehearsal_cancel", args=[found.policy_key, found.public_id]),
    }
    if not result:
        return shown
    chosen = _chosen(result, cell)
    return {
        **shown,
        "headline": _headline(result),
        "engine": result["engine"],
        "compared": result["compared"],
        "lacking": result["lacking"],
        "left_out": result["left_out"],
        "decided_again": result["decided_again"],
        "matrix": _matrix(result, chosen),
        "outcomes": [str(outcome) for outcome in Outcome],
        "sums": _sums(result["matrix"]),
        "changes": _changes(result, chosen),
        "lacks": sorted(result["lacks"].items()),
        "lacking_link": _link(LACKING),
        "chosen": _describe_cell(found, result, chosen) if reads_decisions and chosen else None,
        "hours": describe_hours(result["hours"]),
        "exposure": [
            _exposed(currency, sums) for currency, sums in sorted(result["exposure"].items())
        ],
    }


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


def _matrix(result: Mapping[str, Json], chosen: str) -> list[dict[str, Any]]:
    return [
        {
            "before": str(before),
            "cells": [_cell(f"{before}>{after}", result["matrix"], chosen) for after in Outcome],
        }
        for before in Outcome
    ]


def _cell(cell: str, matrix: Mapping[str, int], chosen: str) -> dict[str, Any]:
    kind = _kind(cell)
    return {
        "count": matrix.get(cell, 0),
        "kind": kind if cell in matrix else "",
        "word": {"tight": _("stricter"), "loose": _("looser")}.get(kind, ""),
        "on": cell == chosen,
        "link": _link(cell),
    }


def _link(cell: str) -> str:
    return f"?{urlencode({'cell': cell})}#behind"


def _chosen(result: Mapping[str, Json], cell: str) -> str:
    known = result["matrix"]
    if cell in known or (cell == LACKING and result["lacking"]):
        return cell
    changed = [each for each in known if _kind(each) != "same"]
    return max(changed, key=lambda each: (known[each], each), default="")


def _cell_words(cell: str) -> str:
    return _("could not be decided") if cell == LACKING else cell.replace(">", " → ")


def _changes(result: Mapping[str, Json], chosen: str) -> list[dict[str, Any]]:
    """Return what lies behind each cell that changes: which rows, how often."""
    cells = sorted(result["rows"], key=lambda cell: (-result["matrix"].get(cell, 0), cell))
    return [
        {
            "title": _cell_words(cell),
            "count": sum(result["rows"][cell].values()),
            "on": cell == chosen,
            "link": _link(cell),
            "rows": [
                {"words": _rows_words(together), "count": count}
                for together, count in sorted(
                    result["rows"][cell].items(), key=lambda item: (-item[1], item[0])
                )[:5]
            ],
        }
        for cell in cells
    ]


def _rows_words(together: str) -> str:
    gained = [name[1:] for name in together.split() if name.startswith("+")]
    lost = [name[1:] for name in together.split() if name.startswith("-")]
    parts = []
    if gained:
        parts.append(_("%(rows)s would fire") % {"rows": ", ".join(gained)})
    if lost:
        parts.append(_("%(rows)s would not") % {"rows": ", ".join(lost)})
    return "; ".join(parts) or _("the same rows, other votes")


def _describe_cell(found: Rehearsal, result: Mapping[str, Json], chosen: str) -> dict[str, Any]:
    listed = selectors.list_rehearsed(rehearsal=found, cell=chosen)
    rows = [_row(case.record, case) for case in listed[:SHOWN]]
    total = result["lacking"] if chosen == LACKING else result["matrix"][chosen]
    if not rows:
        ids = result["samples"].get(chosen, [])[:SHOWN]
        rows = [_row(record, None) for record in selectors.list_by_ids(ids)]
    return {
        "title": _cell_words(chosen),
        "total": total,
        "rows": rows,
        "more": total - len(rows),
        "lacking": chosen == LACKING,
    }


def _row(record: DecisionRecord, case: RehearsedDecision | None) -> dict[str, Any]:
    value = selectors.record_as_value(record)
    facts = value.get("facts", {}).get("values", {})
    amount, currency = facts.get("amount_minor"), str(facts.get("currency") or "")
    row = {
        "link": reverse("admin:decision", args=[record.public_id]),
        "at": record.at,
        "tool": words.plain(str(facts.get("tool", ""))),
        "queue": words.plain(str(facts.get("queue", ""))),
        "amount": words.money(minor=amount, currency=currency) if isinstance(amount, int) else "",
        "rows": "",
        "votes": "",
    }
    if case is None:
        return row
    together = [f"+{name}" for name in case.gained] + [f"-{name}" for name in case.lost]
    row["rows"] = ", ".join(case.lacks) if case.lacks else _rows_words(" ".join(together))
    if case.votes_before != case.votes_after:
        row["votes"] = _("votes: %(before)d, then %(after)d") % {
            "before": case.votes_before,
            "after": case.votes_after,
        }
    return row


def _exposed(currency: str, sums: Mapping[str, int]) -> dict[str, Any]:
    difference = sums["after"] - sums["before"]
    return {
        "currency": currency or _("no currency"),
        "before": words.money(minor=sums["before"], currency=currency),
        "after": words.money(minor=sums["after"], currency=currency),
        "difference": words.money(minor=difference, currency=currency),
        "kind": "same" if not difference else ("loose" if difference > 0 else "tight"),
    }
