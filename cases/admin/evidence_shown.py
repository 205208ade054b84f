"""Evidence exports in words: where one stands, its gaps, and what it leaves out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from cases.reconciliation.selectors import case_labels
from governance.evidence import rules, selectors
from governance.evidence.models import EvidenceExport
from governance.evidence.types import ExportState, FieldGroup, Gap, ScopeKind, Withheld
from governance.ledger.envelope import CASE_PREFIX
from orchestra.core import words

GROUPS: Final = {
    FieldGroup.CUSTOMER: _lazy("Customer names, e-mail, addresses"),
    FieldGroup.ORDER: _lazy("Order numbers"),
    FieldGroup.PAYMENT: _lazy("Payment method ids"),
    FieldGroup.MESSAGE: _lazy("Message texts"),
    FieldGroup.STAFF: _lazy("Names of staff who proposed or voted"),
}
#: Why a payload stays out whatever is chosen; none of it is a gap.
OUT: Final = {
    Withheld.ERASED: _lazy("Erased on request; the entry still verifies"),
    Withheld.NOT_PERMITTED: _lazy("Of cases that are not yours to read"),
}
_SHOWN_MISSING: Final = 50
_STATES: Final = {
    ExportState.EXPLAINING: ("is-bad", _lazy("waits for explanations")),
    ExportState.QUEUED: ("is-run", _lazy("waits for a worker")),
    ExportState.RUNNING: ("is-run", _lazy("building")),
    ExportState.DONE: ("is-ok", _lazy("verified")),
    ExportState.FAILED: ("is-bad", _lazy("could not be built")),
    ExportState.CANCELLED: ("is-off", _lazy("cancelled")),
    ExportState.DELETED: ("is-off", _lazy("file deleted")),
}


def describe_lines(exports: Sequence[EvidenceExport]) -> list[dict[str, Any]]:
    """Return exports as lines of a list; one query names their cases."""
    titles = case_labels(
        found.scope["key"] for found in exports if found.scope_kind == ScopeKind.CASE
    )
    return [_line(found, titles) for found in exports]


def describe_gaps(gaps: Iterable[Gap], typed: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the lines of a report of gaps, the complete ones too.

    Args:
        gaps: The lines.
        typed: What was typed to explain them, by code, and not taken yet.
    """
    found = list(gaps)
    named = {gap.code: [one for one in gap.missing if one != "-"] for gap in found}
    streams = (one.rpartition(" ")[0] for each in named.values() for one in each[:_SHOWN_MISSING])
    ids = (one.removeprefix(CASE_PREFIX) for one in streams if one.startswith(CASE_PREFIX))
    titles = case_labels(ids)
    return [
        {
            "code": gap.code,
            "title": gap.title,
            "complete": gap.complete,
            "total": gap.total,
            "is_none": not gap.total,
            "is_complete": gap.complete >= gap.total,
            "is_open": gap.is_open,
            "note": gap.note,
            "missing": [_reference(one, titles) for one in named[gap.code][:_SHOWN_MISSING]],
            "more": max(0, len(named[gap.code]) - _SHOWN_MISSING),
            "explanation": gap.explanation,
            "explained_by": gap.explained_by,
            "typed": typed.get(gap.code, ""),
        }
        for gap in found
    ]


def _line(found: EvidenceExport, titles: Mapping[str, str]) -> dict[str, Any]:
    scope, state = rules.read_scope(found.scope), ExportState(found.state)
    case = titles.get(scope.key, "")
    sign, word = _STATES[state]
    waiting = state is ExportState.EXPLAINING
    return {
        "title": _("Case %(case)s") % {"case": case} if case else found.title,
        "since": scope.since,
        "until": scope.until - timedelta(microseconds=1) if scope.until else None,
        "created_at": found.created_at,
        "verified_at": found.verified_at,
        "sign": sign,
        "state": selectors.unexplained(selectors.gaps_of(found)).rstrip(".") if waiting else word,
        "entries": found.done,
        "bytes": found.file_bytes,
        "is_done": state is ExportState.DONE,
        "is_waiting": waiting,
        "link": reverse("admin:evidence_one", args=[found.public_id]),
        "take_link": reverse("admin:evidence_file", args=[found.public_id]),
    }


def _reference(text: str, titles: Mapping[str, str]) -> dict[str, str]:
    """Return the name of a record, and for an entry the way to its stream in the ledger."""
    stream, _space, seq = text.rpartition(" ")
    if not stream or not seq.isdigit():
        return {"title": text, "link": ""}
    kind, _colon, key = stream.partition(":")
    name = titles.get(key, "") or words.plain(kind)
    title = _("entry %(seq)s of %(stream)s") % {"seq": seq, "stream": name}
    return {"title": title, "link": f"{reverse('admin:ledger')}?{urlencode({'stream': stream})}"}
