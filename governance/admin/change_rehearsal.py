"""What a policy's change would have done: begin, watch, read, and what it is bound to."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.access.models import Queue
from governance.access.types import Capability
from governance.admin.change_reading import ChangeRead
from governance.admin.rehearsed import describe_rehearsal, has_ended
from governance.admin.rehearsed_cases import read_look
from governance.admin.visit import Visit, as_refusal, attempt, page
from governance.policies import selectors, services
from governance.policies.changes import Filters
from governance.policies.loading import DOCUMENT_KIND, versions_among
from governance.policies.models import Rehearsal
from governance.policies.types import RiskLevel
from governance.reviews import rules
from governance.reviews.models import ChangeRequest
from governance.reviews.selectors import get_change, kind_of
from governance.reviews.types import ChangePurpose
from orchestra.core import words
from orchestra.core.errors import InvalidInputError

Json = Any

SPANS: Final = (7, 30, 90, 365)
DEFAULT_SPAN: Final = 30
_NONE_YET = gettext_lazy("Not rehearsed yet. Voting opens when it is.")
_NOTHING = gettext_lazy("There is nothing recorded to rehearse on.")


@page(
    "change-requests/<uuid:change_id>/rehearse/",
    name="change_rehearse",
    capability=Capability.CHANGE_READ,
    methods=("POST",),
)
def rehearse(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Begin to rehearse the text of a change as it stands now."""
    found = get_change(authority=visit.authority, change_id=change_id)
    span = request.POST.get("span", "")
    days = int(span) if span in {str(each) for each in SPANS} else DEFAULT_SPAN
    attempt(
        request,
        lambda: services.rehearse_change(
            actor=visit.actor,
            now=visit.now,
            change_id=found.public_id,
            since=visit.now - timedelta(days=days),
            filters=Filters(*(request.POST.get(name, "") for name in ("queue", "tool", "risk"))),
        ),
        refusal=as_refusal("rehearsal.start", change_id),
    )
    return HttpResponseRedirect(reverse("admin:change", args=[change_id]) + "#rehearsal")


def describe_change_rehearsal(
    request: HttpRequest, visit: Visit, change: ChangeRequest, read: ChangeRead
) -> dict[str, Any] | None:
    """Return what the page of a change says of its rehearsal; None for what is never rehearsed."""
    if change.kind != DOCUMENT_KIND:
        return None
    kind = kind_of(change)
    latest = next(iter(read.rehearsals), None)
    bound = selectors.find_bound_rehearsal(change=change, latest=latest)
    if latest is not None and latest.ended_at is not None and latest != bound:
        # It may have ended, and been bound, after the change was read.
        change.refresh_from_db(fields=["rehearsal_digest", "report_digest"])
        bound = selectors.find_bound_rehearsal(change=change, latest=latest)
    is_open = change.state in rules.OPEN
    may_draft = visit.may_on(kind.drafting, kind=change.kind, key=change.document_key) and is_open
    has_records = bool(read.records)
    look = read_look(request, visit)
    shown = describe_rehearsal(bound, look, known=read.known()) if bound else None
    is_stale = bound is not None and change.rehearsal_digest != change.digest
    running = _running(latest, may_draft=may_draft)
    return {
        "bound": {**shown, "is_stale": is_stale} if shown else None,
        "running": running,
        "failed": _failed(latest, bound),
        "is_stale": is_stale,
        "stale": _stale(change, bound) if is_stale and bound else None,
        "moved": _moved(bound, versions_among(read.in_force))
        if bound and is_open and not is_stale
        else (),
        "words": "" if bound or running else (_NONE_YET if has_records else _NOTHING),
        "form": _form(change, read.queues) if may_draft and has_records and not running else None,
        "link": _page_of(bound),
        "try_link": reverse("admin:policy_try", args=[change.document_key])
        + f"?change={change.public_id}",
        "may_try": change.purpose != ChangePurpose.RETIREMENT and visit.may(Capability.POLICY_READ),
    }


def _running(latest: Rehearsal | None, *, may_draft: bool) -> dict[str, Any] | None:
    if latest is None or has_ended(latest):
        return None
    return {**describe_rehearsal(latest), "may_cancel": may_draft}


def _failed(latest: Rehearsal | None, bound: Rehearsal | None) -> dict[str, Any] | None:
    """Return the newest rehearsal where it ended and the change is not bound to it."""
    if latest is None or latest == bound or not has_ended(latest):
        return None
    shown = describe_rehearsal(latest)
    return {**shown, "link": _page_of(latest), "why": shown["problem"] or _unbound(latest)}


def _unbound(latest: Rehearsal) -> str:
    if latest.result is None:
        return _("It was cancelled.")
    if not latest.result["compared"] + latest.result["lacking"]:
        return _("No recorded decision passes these filters. Choose others, or none.")
    return _("The text was edited, or voted on beside another report, while it ran.")


def _page_of(found: Rehearsal | None) -> str:
    if found is None:
        return ""
    return reverse("admin:rehearsal", args=[found.policy_key, found.public_id])


def _stale(change: ChangeRequest, bound: Rehearsal) -> dict[str, Any]:
    """Return the text that was rehearsed beside the one that stands, in words."""
    return {
        "rehearsed_at": bound.ended_at,
        "rehearsed": change.rehearsal_digest,
        "edited_at": change.history.latest().history_date,
        "stands": change.digest,
        "rows": _rows(change, bound.document),
    }


def _rows(change: ChangeRequest, rehearsed: Mapping[str, Json]) -> list[dict[str, str]]:
    try:
        found = kind_of(change).describe(rehearsed, change.document)
    except InvalidInputError:
        # The findings of the draft say what to correct before it can be compared.
        return []
    return [{"place": one.place, "before": one.before, "after": one.after} for one in found]


def _moved(bound: Rehearsal, in_force: Mapping[str, tuple[int, str]]) -> list[str]:
    """Return the policies of which another version is in force than it was compared with."""
    present = {key: list(held) for key, held in in_force.items()}
    keys = sorted(key for key in {*present, *bound.base} if present.get(key) != bound.base.get(key))
    return [words.plain(key) for key in keys]


def _form(change: ChangeRequest, queues: Iterable[Queue]) -> dict[str, Any]:
    scope = change.document.get("scope")
    tools = scope.get("tools") if isinstance(scope, dict) else []
    return {
        "link": reverse("admin:change_rehearse", args=[change.public_id]),
        "spans": [
            {
                "days": days,
                "words": ngettext("the last %(n)d day", "the last %(n)d days", days) % {"n": days},
                "on": days == DEFAULT_SPAN,
            }
            for days in SPANS
        ],
        "queues": [(queue.key, queue.title) for queue in queues],
        "tools": [(name, words.plain(name)) for name in tools or [] if isinstance(name, str)],
        "risks": [str(level) for level in RiskLevel],
        "again": bool(change.report_digest),
    }
