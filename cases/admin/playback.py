"""A case as it was: what had happened, was known, was shown and was in force at a moment."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.admin.playback_line import LOOKS, draw_line, happenings
from cases.admin.playback_reading import read_playback
from cases.admin.playback_shown import describe
from cases.memory import selectors as memory
from cases.memory import services as memory_services
from cases.memory.models import Case
from cases.memory.types import CaseEntry, TimelineItem
from cases.playback.fold import until
from cases.playback.selectors import find_by_label
from cases.playback.services import rerun_case
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, page, render
from orchestra.core.clock import parse_rfc3339, rfc3339
from orchestra.core.errors import NotFoundError

DECISIONS = "decisions"
_DECIDED = ("decision.", "approval.voted", "approval.granted", "approval.rejected")
_WHOLE_SECOND = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?")


@page("cases/<str:case_id>/playback/", name="case_playback", capability=Capability.LEDGER_READ)
def case_playback(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Show one case as it stood at a moment; looking is an entry of its record."""
    case, rows = memory.get_case_with_entries(authority=visit.authority, case_id=case_id)
    entries = memory.as_entries(rows)
    moment, error = _moment(request.GET.get("at", ""), visit.now)
    only = request.GET.get("only", "") == DECISIONS
    memory_services.record_read(authority=visit.authority, now=visit.now, case=case, moment=moment)
    before = until(entries, moment)
    read = read_playback(before, moment)
    items = memory.as_timeline(authority=visit.authority, entries=rows[: len(before)])
    steps = _Steps(case, entries, moment, only=only)
    return render(
        request,
        "cases/playback.html",
        {
            "title": _("%(case)s as it was") % {"case": case.label},
            "crumbs": [
                Crumb(_("Prove")),
                Crumb(_("Ledger"), reverse("admin:ledger")),
                Crumb(case.label, reverse("admin:case", args=[case.public_id])),
                Crumb(f"{timezone.localtime(moment):%d %b %H:%M:%S}"),
            ],
            "case": case,
            "moment": moment,
            "zone": timezone.get_current_timezone_name(),
            "field": f"{timezone.localtime(moment):%Y-%m-%dT%H:%M:%S}",
            "error": error,
            "only": only,
            "steps": steps.links(),
            "line": draw_line(entries, moment=moment, count=len(before), link=steps.link),
            "looks": len(before) - len(happenings(before)),
            "count": len(before),
            "later": len(entries) - len(before),
            "told": [
                _told(item)
                for item in items
                if item.kind not in LOOKS and (not only or item.kind.startswith(_DECIDED))
            ],
            "shown": describe(before, read, moment=moment, visit=visit) if read else None,
            "rerun": _rerun(case) if "rerun" in request.GET else None,
            "today_link": reverse("admin:case", args=[case.public_id]),
            "copy": request.build_absolute_uri(steps.link(moment)),
            "rerun_link": f"{steps.link(moment)}&rerun=1#rerun",
        },
        status=422 if error else 200,
    )


@page("ledger/case-at/", name="case_at_moment", capability=Capability.LEDGER_READ)
def case_at_moment(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for a case and a moment, and lead to the case as it stood then."""
    label, at = request.GET.get("case", "").strip()[:40], request.GET.get("at", "")
    if label:
        found = find_by_label(label)
        try:
            case = memory.get_case(
                authority=visit.authority, case_id=found.public_id if found else label
            )
        except NotFoundError:
            messages.warning(
                request, _("No case that you may read is called “%(text)s”.") % {"text": label}
            )
        else:
            link = reverse("admin:case_playback", args=[case.public_id])
            return HttpResponseRedirect(f"{link}?{urlencode({'at': at})}" if at else link)
    return render(
        request,
        "cases/case_at_moment.html",
        {
            "title": _("Case at a moment"),
            "crumbs": [
                Crumb(_("Prove")),
                Crumb(_("Ledger"), reverse("admin:ledger")),
                Crumb(_("Case at a moment")),
            ],
            "label": label,
            "field": at or f"{timezone.localtime(visit.now):%Y-%m-%dT%H:%M:%S}",
            "zone": timezone.get_current_timezone_name(),
        },
        status=422 if label else 200,
    )


def read_moment(text: str) -> datetime:
    """Return the moment that a text names.

    A time with an offset is that instant. A time of day without one is in the reader's zone and
    means the end of its second, so that what happened in it counts.

    Raises:
        ValueError: It names none.
    """
    if _WHOLE_SECOND.fullmatch(text):
        local = datetime.fromisoformat(text).replace(tzinfo=timezone.get_current_timezone())
        return local + timedelta(microseconds=999_999)
    return parse_rfc3339(text)


def _moment(text: str, now: datetime) -> tuple[datetime, str]:
    if not text:
        return now, ""
    try:
        moment = read_moment(text)
    except (ValueError, OverflowError):
        return now, _("“%(text)s” is no date and time. This is the case as it stands now.") % {
            "text": text[:40]
        }
    return min(moment, now), ""


class _Steps:
    """The ways from one moment of a case to the next."""

    def __init__(
        self, case: Case, entries: Sequence[CaseEntry], moment: datetime, *, only: bool
    ) -> None:
        self._base = reverse("admin:case_playback", args=[case.public_id])
        self._only = only
        self._moment = moment
        self._all = sorted({entry.at for entry in happenings(entries)})
        self._decided = sorted({e.at for e in entries if e.kind.startswith(_DECIDED)})

    def link(self, at: datetime, **more: str) -> str:
        """Return the address of a moment."""
        query = {"at": rfc3339(at), **({"only": DECISIONS} if self._only else {}), **more}
        return f"{self._base}?{urlencode(query)}"

    def links(self) -> dict[str, str]:
        """Return where the buttons and keys lead; empty where there is nothing further."""
        told = self._decided if self._only else self._all
        here = {"at": rfc3339(self._moment)}
        decisions = {**here, "only": DECISIONS}
        return {
            "previous": self._before(told),
            "next": self._after(told),
            "previous_decision": self._before(self._decided),
            "next_decision": self._after(self._decided),
            "first": self.link(self._all[0]) if self._all else "",
            "last": self.link(self._all[-1]) if self._all else "",
            "each": f"{self._base}?{urlencode(here)}",
            "decisions": f"{self._base}?{urlencode(decisions)}",
        }

    def _before(self, moments: Sequence[datetime]) -> str:
        # The moment shown stands for the last entry not after it; before that is the step back.
        known = [at for at in moments if at <= self._moment]
        shown = [at for at in self._all if at <= self._moment]
        earlier = [at for at in known if at < shown[-1]] if shown else []
        if earlier:
            return self.link(earlier[-1])
        return ""

    def _after(self, moments: Sequence[datetime]) -> str:
        later = next((at for at in moments if at > self._moment), None)
        return self.link(later) if later else ""


_LANES = {"agent": "is-ai", "human": "is-human"}


def _told(item: TimelineItem) -> dict[str, Any]:
    by_customer = item.kind == "message.added" and item.payload.get("speaker") == "customer"
    return {
        "at": item.at,
        "seq": item.seq,
        "sign": "is-cust" if by_customer else _LANES.get(item.actor_kind, ""),
        "who": "customer" if by_customer else item.actor_kind,
        "erased": item.erased,
        "text": item.sentence,
        "words": item.payload.get("text") if item.kind == "message.added" else "",
    }


def _rerun(case: Case) -> dict[str, Any]:
    found = rerun_case(case=case)
    counts = ngettext(
        "%(moves)d move of the engine, fed with what was recorded",
        "%(moves)d moves of the engine, fed with what was recorded",
        found.moves,
    ) % {"moves": found.moves}
    return {
        "verdict": str(found.verdict),
        "first": found.first,
        "lacks": ", ".join(found.lacks),
        "counts": counts,
    }
