"""What the last check of the ledger found: where, what differs, what is known and what not."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, page, render
from governance.ledger import selectors, services
from governance.ledger.models import LedgerEntry
from governance.ledger.types import OutsideCopy, ProblemKind, Verification

_ENTRY = re.compile(r"entry (\d+)(?: \(.*\))?")
_IN_STREAM = re.compile(r"(.+)#(\d+)")
_WIDTH = 960
_SIGNED = frozenset(
    {
        ProblemKind.CHECKPOINT_ALTERED,
        ProblemKind.CHECKPOINT_DIFFERS,
        ProblemKind.CHECKPOINT_MISSING,
        ProblemKind.TRUNCATED,
    }
)


@page("ledger/finding/", name="ledger_finding", capability=Capability.LEDGER_READ)
def finding(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what the last check found; looking at it is recorded, nothing is repaired."""
    services.record_read(actor=visit.actor, now=visit.now, what=_("what the last check found"))
    last = selectors.latest_verification()
    passed = selectors.last_clean_verification()
    rows = _rows(last.findings) if last else []
    return render(
        request,
        "governance/finding.html",
        {
            "title": _("Finding"),
            "crumbs": [
                Crumb(_("Prove")),
                Crumb(_("Ledger"), reverse("admin:ledger")),
                Crumb(_("Last check")),
            ],
            "headline": _headline(last),
            "last": last,
            "passed": passed,
            "rows": rows,
            "more": last.problems - len(rows) if last else 0,
            "places": [_place(row["index"], last) for row in rows if row["index"] is not None],
            "width": _WIDTH,
            "known": _known(last, passed) if last and not last.ok else [],
            "may_verify": visit.may(Capability.LEDGER_VERIFY),
        },
    )


def _headline(last: Verification | None) -> str:
    if last is None:
        return _("No check has run yet")
    if last.ok:
        return _("The last check found nothing")
    return ngettext(
        "The ledger does not verify: %(count)d finding",
        "The ledger does not verify: %(count)d findings",
        last.problems,
    ) % {"count": last.problems}


def _rows(findings: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    return [_row(found, _find_entry(found["where"])) for found in findings]


def _row(found: Mapping[str, str], entry: LedgerEntry | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "where": found["where"],
        "message": found["message"],
        "signed": found["kind"] in _SIGNED,
        "index": None,
    }
    if entry is None:
        return row
    return {
        **row,
        "index": entry.leaf_index,
        "at": entry.at,
        "kind": entry.kind,
        "link": f"{reverse('admin:ledger')}?entry={entry.pk}#entry",
        "stream_link": f"{reverse('admin:ledger')}?stream={entry.stream}",
    }


def _find_entry(where: str) -> LedgerEntry | None:
    """Return the entry that a finding names by its place in the tree or in its stream."""
    rows = LedgerEntry.objects.all()
    by_index = _ENTRY.fullmatch(where)
    if by_index:
        return rows.filter(leaf_index=int(by_index[1])).first()
    in_stream = _IN_STREAM.fullmatch(where)
    if in_stream:
        return rows.filter(stream=in_stream[1], seq=int(in_stream[2])).first()
    return None


def _place(index: int, last: Verification | None) -> str:
    size = max(last.size if last else 1, 1)
    return f"{min(index / size, 1) * (_WIDTH - 4):.1f}"


def _known(last: Verification, passed: Verification | None) -> list[dict[str, Any]]:
    known = [
        {"sign": "is-ok", "at": passed.at, "text": _("Last check that passed; it came after that.")}
        if passed
        else {"sign": "is-wait", "text": _("No earlier check passed, so since when is not known.")},
        {
            "sign": "is-wait",
            "text": _("Triggers that refuse changes were missing: %(names)s.")
            % {"names": ", ".join(last.guards_missing)},
        }
        if last.guards_missing
        else {"sign": "is-ok", "text": _("Triggers that refuse changes were in place.")},
    ]
    outside = {
        OutsideCopy.AGREES: ("is-ok", _("The copy kept outside agrees with the checkpoints here.")),
        OutsideCopy.DIFFERS: ("is-bad", _("The copy kept outside does not agree.")),
        OutsideCopy.MISSING: ("is-bad", _("The copy kept outside is gone.")),
        OutsideCopy.NOT_KEPT: ("is-wait", _("No copy is kept outside to compare with.")),
    }
    if last.outside in outside:
        sign, text = outside[OutsideCopy(last.outside)]
        known.append({"sign": sign, "text": text})
    unknown = [
        _("Who did it is not known. It took rights on the database."),
        _("What it said before is not in the ledger: a hash cannot give it back. A backup may."),
    ]
    return [*known, *({"sign": "is-wait", "text": text} for text in unknown)]
