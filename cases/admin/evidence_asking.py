"""Ask for an export of evidence: what it would hold, what it would leave out, and its gaps."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.admin import evidence_shown
from cases.playback.selectors import find_by_label
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from governance.evidence import registry, selectors, services
from governance.evidence.models import EvidenceExport
from governance.evidence.preview import foresee
from governance.evidence.types import ExportScope, FieldGroup, Preview, ScopeKind
from governance.ledger.saved import list_searches
from governance.ledger.services import reading_published_key, record_read
from orchestra.core.days import begin_of, end_of, read_day
from orchestra.core.errors import InvalidInputError, NotFoundError
from orchestra.core.together import Reading, all_of, answer, read
from orchestra.core.words import in_words

SHOWN: Final = 30
_MOST_DIGITS: Final = 18
_TYPED: Final = "explain_"


@page("evidence/", name="evidence", capability=Capability.LEDGER_READ)
def evidence(request: HttpRequest, visit: Visit) -> HttpResponse:
    """See what an export would hold before asking for it, and the earlier ones."""
    return _form(request, visit, request.GET)


@page(
    "evidence/request/",
    name="evidence_request",
    capability=Capability.LEDGER_READ,
    methods=("POST",),
)
def ask(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for an export; what was typed stays where it is refused."""
    made: list[EvidenceExport] = []
    posted = request.POST
    try:
        attempt(
            request,
            lambda: made.append(
                services.request_export(
                    actor=visit.actor,
                    now=visit.now,
                    scope=_scope(posted),
                    leave_out=[one for one in FieldGroup if posted.get(f"leave_{one}") == "out"],
                    explanations={code: text for code, text in _typed(posted).items() if text},
                    must_explain=True,
                )
            ),
            refusal=as_refusal("evidence.request"),
        )
    except NotFoundError as error:
        # The page is here; what was asked for on it is not.
        messages.error(request, error.message)
    if not made:
        return _form(request, visit, posted, is_refused=True)
    return HttpResponseRedirect(reverse("admin:evidence_one", args=[made[0].public_id]))


def _form(
    request: HttpRequest, visit: Visit, given: Mapping[str, str], *, is_refused: bool = False
) -> HttpResponse:
    case = given.get("case", "")[:40]
    today = timezone.localdate(visit.now)
    before = _cursor(request.GET.get("before", ""))
    exports = selectors.list_exports(authority=visit.authority, before=before)[: SHOWN + 1]
    searches = list_searches(owner_pk=visit.actor.pk or 0)
    parts: dict[str, Reading[Any]] = {
        "exports": read(exports),
        "searches": read(searches),
        "key": reading_published_key(),
    }
    kept = answer(all_of(parts))
    chosen = {
        "prove": given.get("prove", "case" if case else ""),
        "case": case,
        "search": given.get("search", "")[:40],
        "from": given.get("from", f"{today - timedelta(days=30):%Y-%m-%d}")[:40],
        "to": given.get("to", f"{today:%Y-%m-%d}")[:40],
    }
    return render(
        request,
        "cases/evidence.html",
        {
            "title": _("Evidence exports"),
            "crumbs": [Crumb(_("Prove")), Crumb(_("Evidence exports"))],
            "controls": [_control(code) for code in registry.controls],
            **chosen,
            "prove": chosen["prove"] or "span",
            "searches": [{"id": str(one.public_id), "name": one.name} for one in kept["searches"]],
            "zone": timezone.get_current_timezone_name(),
            "found": _preview(request, visit, chosen, given, is_refused=is_refused),
            **_earlier(kept["exports"], is_first=before is None),
            "vkey": kept["key"].text(),
        },
        status=422 if is_refused else 200,
    )


def _control(code: str) -> dict[str, Any]:
    control = registry.controls.get(code)
    return {
        "code": code,
        "title": in_words(str(control.title)),
        "about": str(getattr(control, "about", "")),
        "requirements": ", ".join(control.requirements),
    }


def _preview(
    request: HttpRequest,
    visit: Visit,
    chosen: Mapping[str, str],
    given: Mapping[str, str],
    *,
    is_refused: bool,
) -> dict[str, Any] | None:
    """Return what the export would hold; None where nothing is chosen or it makes no sense."""
    if not chosen["prove"]:
        return None
    try:
        found = foresee(authority=visit.authority, scope=_scope(chosen), now=visit.now)
    except (NotFoundError, InvalidInputError) as error:
        if not is_refused:
            messages.error(request, error.in_full)
        return None
    what = _("what an export of evidence would hold: %(title)s") % {"title": found.title}
    record_read(actor=visit.actor, now=visit.now, what=what)
    return _describe(found, given, has_typed=is_refused)


def _describe(found: Preview, given: Mapping[str, str], *, has_typed: bool) -> dict[str, Any]:
    gaps = evidence_shown.describe_gaps(found.gaps, _typed(given))
    lacking = [gap for gap in gaps if not gap["is_complete"]]
    return {
        "title": found.title,
        "entries": found.entries,
        "is_more": found.is_more,
        "looked_at": found.looked_at if found.looked_at < found.entries else 0,
        "is_empty": not found.entries,
        "is_covering": found.is_covering,
        "altered_at": found.altered_at,
        "gaps": gaps,
        "gap_words": ngettext("%(count)s gap", "%(count)s gaps", len(lacking))
        % {"count": len(lacking)},
        "has_gaps": bool(lacking),
        "groups": [
            {
                "code": str(group),
                "title": title,
                "times": found.groups.get(group, 0),
                "is_out": given.get(f"leave_{group}") == "out"
                if has_typed
                else group in services.LEFT_OUT_BY_DEFAULT,
            }
            for group, title in evidence_shown.GROUPS.items()
        ],
        "withheld": [
            {"title": title, "times": found.withheld[reason]}
            for reason, title in evidence_shown.OUT.items()
            if found.withheld.get(reason)
        ],
    }


def _earlier(rows: list[EvidenceExport], *, is_first: bool) -> dict[str, Any]:
    shown, address = rows[:SHOWN], reverse("admin:evidence")
    older = f"{address}?{urlencode({'before': shown[-1].pk})}" if len(rows) > SHOWN else ""
    return {
        "earlier": evidence_shown.describe_lines(shown),
        "older_link": older,
        "newest_link": "" if is_first else address,
    }


def _cursor(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise NotFoundError(_("The list of exports has no such page."))
    return int(text)


def _typed(posted: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(_TYPED): posted.get(name, "").strip()
        for name in posted
        if name.startswith(_TYPED)
    }


def _scope(given: Mapping[str, str]) -> ExportScope:
    prove = given.get("prove", "")
    if prove == "case":
        text = given.get("case", "").strip()
        found = find_by_label(text)
        return ExportScope(ScopeKind.CASE, str(found.public_id) if found else text)
    if prove == "ledger":
        return ExportScope(ScopeKind.LEDGER)
    if prove == "search":
        return ExportScope(ScopeKind.SEARCH, given.get("search", ""))
    first, last = read_day(given.get("from", "")), read_day(given.get("to", ""))
    try:
        since = begin_of(first) if first else None
        until = end_of(last) if last else None
    except OverflowError:
        since = until = None
    if prove == "span":
        return ExportScope(ScopeKind.SPAN, since=since, until=until)
    return ExportScope(ScopeKind.CONTROL, prove, since=since, until=until)
