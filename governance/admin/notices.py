"""A person's own notices: the bell, the page, and opening what one is about."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, fragment, page, render
from governance.notifications import selectors, services, wording
from governance.notifications.models import Notice
from governance.notifications.types import DeliveryState, SkipReason
from orchestra.core.errors import NotFoundError

SHOWN = 200
FAILED_SHOWN = 200


@page("notices/", name="notices")
def notices(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what the person was told, one block a subject, unread first."""
    found = list(selectors.list_notices(authority=visit.authority)[:SHOWN])
    groups = [_group(about) for about in _by_subject(found)]
    unread = [group for group in groups if group["is_unread"]]
    return render(
        request,
        "governance/notices.html",
        {
            "title": _("Notices"),
            "crumbs": [Crumb(_("Work")), Crumb(_("Notices"))],
            "headline": _headline(len(unread)),
            "unread": unread,
            "earlier": [group for group in groups if not group["is_unread"]],
            "is_full": len(found) == SHOWN,
            "lacks_address": any(group["lacks_address"] for group in groups),
            "may_manage": visit.may(Capability.ACCESS_MANAGE),
            "mail_fails_since": selectors.mail_fails_since(authority=visit.authority),
        },
    )


@page("notices/bell/", name="notice_bell")
def bell(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Answer how much is unread, for the bell of a page that asks again by itself."""
    count = selectors.count_unread(authority=visit.authority)
    context = {
        "count": count,
        "words": _headline(count),
        "mail_fails_since": selectors.mail_fails_since(authority=visit.authority),
    }
    return fragment(request, "governance/notice_bell.html", context)


@page("notices/<uuid:notice_id>/", name="notice_open")
def open_notice(request: HttpRequest, visit: Visit, notice_id: UUID) -> HttpResponse:
    """Mark a notice as read and go to what it is about; a link in a mail leads here.

    It answers to a link, so that it also works from a mail; asked again it changes nothing.
    """
    del request
    notice = selectors.get_notice(authority=visit.authority, notice_id=notice_id)
    services.mark_read(actor=visit.actor, now=visit.now, notice_id=notice_id)
    return HttpResponseRedirect(_page_of(notice))


@page("notices/read/", name="notices_read", methods=("POST",))
def read(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Mark all of the person's notices as read, or those about one subject."""
    wanted = request.POST.get("notice", "")
    if wanted and not _is_uuid(wanted):
        raise NotFoundError(_("There is no such notice."))
    services.mark_read(actor=visit.actor, now=visit.now, notice_id=UUID(wanted) if wanted else None)
    messages.success(request, _("Marked as read."))
    return HttpResponseRedirect(reverse("admin:notices"))


@page("notices/failed/", name="notices_failed", capability=Capability.ACCESS_MANAGE)
def failed(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the messages that did not arrive, and let them be sent again."""
    rows = list(selectors.list_failed(authority=visit.authority)[:FAILED_SHOWN])
    return render(
        request,
        "governance/notices_failed.html",
        {
            "title": _("Messages that failed"),
            "crumbs": [
                Crumb(_("Work")),
                Crumb(_("Notices"), reverse("admin:notices")),
                Crumb(_("Messages that failed")),
            ],
            "mail_fails_since": selectors.mail_fails_since(authority=visit.authority),
            "waiting": selectors.count_waiting_mail(now=visit.now),
            "rows": [
                {
                    "id": row.public_id,
                    "person": row.notice.person.label,
                    "title": wording.title_of(row.notice),
                    "risk": row.notice.risk,
                    "why": wording.error_word(row.error),
                    "attempts": row.attempts,
                    "tried_at": row.tried_at,
                }
                for row in rows
            ],
        },
    )


@page(
    "notices/failed/<uuid:delivery_id>/retry/",
    name="notice_retry",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def retry(request: HttpRequest, visit: Visit, delivery_id: UUID) -> HttpResponse:
    """Have a message that failed sent again."""
    error = attempt(
        request,
        lambda: services.retry_delivery(actor=visit.actor, now=visit.now, delivery_id=delivery_id),
        refusal=as_refusal("notification.retry", delivery_id),
    )
    if error is None:
        messages.success(request, _("It is being sent again."))
    return HttpResponseRedirect(reverse("admin:notices_failed"))


def _headline(unread: int) -> str:
    if not unread:
        return _("Nothing new")
    told = ngettext("%(count)d thing is new", "%(count)d things are new", unread)
    return told % {"count": unread}


def _by_subject(found: Iterable[Notice]) -> list[list[Notice]]:
    """Return notices, newest first, gathered by what they are about."""
    groups: dict[str, list[Notice]] = {}
    for notice in found:
        key = notice.subject_id or f"{notice.kind}:{notice.pk}"
        groups.setdefault(key, []).append(notice)
    return list(groups.values())


def _group(about: list[Notice]) -> dict[str, Any]:
    latest = about[0]
    rows = [_row(notice) for notice in about]
    return {
        "rows": rows,
        "latest": rows[0],
        "older": rows[1:],
        "risk": latest.risk,
        "queue": latest.queue.title if latest.queue else "",
        "is_unread": any(row["is_unread"] for row in rows),
        "is_over": latest.ended_at is not None,
        "lacks_address": any(row["lacks_address"] for row in rows),
    }


def _row(notice: Notice) -> dict[str, Any]:
    deliveries = list(notice.deliveries.all())
    return {
        "id": notice.public_id,
        "link": reverse("admin:notice_open", args=[notice.public_id]),
        "title": wording.title_of(notice),
        "why": wording.why_told(notice.why),
        "at": notice.at,
        "deadline_at": None if notice.ended_at else notice.deadline_at,
        "is_unread": not (notice.read_at or notice.ended_at or notice.is_silent),
        "is_silent": notice.is_silent,
        "messages": [wording.describe_delivery(each) for each in deliveries],
        "lacks_address": any(
            each.state == DeliveryState.SKIPPED and each.skipped_why == SkipReason.NO_ADDRESS
            for each in deliveries
        ),
    }


def _page_of(notice: Notice) -> str:
    try:
        return reverse(f"admin:{notice.page}", args=[notice.page_id] if notice.page_id else [])
    except NoReverseMatch:
        # A notice outlives the page it led to.
        return reverse("admin:notices")


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
