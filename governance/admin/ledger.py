"""The ledger page: has the record been altered, what happened, and one entry opened."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.types import Capability
from governance.admin.entry_shown import describe_entry, reading_of, shown_payload
from governance.admin.ledger_choices import (
    count_words,
    describe_choices,
    page_links,
    reading_moment,
)
from governance.admin.ledger_day import describe_day
from governance.admin.ledger_filters import (
    describe_actors,
    describe_chosen,
    describe_kinds,
    is_narrowed,
    kept,
    link_to,
    read_wanted,
)
from governance.admin.ledger_searches import describe_searches
from governance.admin.ledger_wanted import place_of, selection_of
from governance.admin.seal import describe_seal
from governance.admin.visit import Crumb, Visit, page, render
from governance.ledger import selectors, services
from governance.ledger.models import LedgerEntry
from governance.ledger.searching import LARGEST_KEY, Found, reading_search
from orchestra.core import words
from orchestra.core.errors import InvalidInputError
from orchestra.core.together import Reading, all_of, answer, read

PAGE_SIZE = 40


@page("ledger/", name="ledger", capability=Capability.LEDGER_READ)
def ledger(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the ledger, newest first; looking at it is itself recorded."""
    wanted = read_wanted(request.GET)
    found, opened, refused = _find(wanted)
    unmasked = bool(wanted["unmasked"]) and visit.may(Capability.LEDGER_VERIFY)
    services.record_read(
        actor=visit.actor,
        now=visit.now,
        what=_("a search that was refused")
        if refused
        else _what(wanted, opened, unmasked=unmasked),
    )
    parts: dict[str, Reading[Any]] = {
        "entries": read(found.list_entries()),
        "seal": describe_seal(visit),
        "choices": describe_choices(wanted),
        "searches": describe_searches(visit, wanted),
        "day": describe_day(wanted, visit.now),
        "looked_to": reading_moment(found),
    }
    if not refused:
        parts["chosen"] = describe_chosen(wanted)
    if opened is not None:
        parts["opened"] = describe_entry(opened, visit=visit, unmasked=unmasked)
    told = answer(all_of(parts))
    entries = told.pop("entries")
    return render(
        request,
        "governance/ledger.html",
        {
            "title": _("Ledger"),
            "crumbs": [Crumb(_("Prove")), Crumb(_("Ledger"))],
            **told,
            "may_verify": visit.may(Capability.LEDGER_VERIFY),
            "rows": [_row(entry, wanted, opened, unmasked=unmasked) for entry in entries],
            "refused": refused,
            "count": found.count,
            "count_words": count_words(found),
            "unread": told["seal"]["unread"],
            "may_save": is_narrowed(wanted) and not refused,
            "said": {name: text for name, text in wanted.items() if text},
            "mask_link": link_to(wanted, unmasked="" if unmasked else "1"),
            "unmasked": unmasked,
            "groups": describe_kinds(wanted),
            "actors": describe_actors(wanted),
            "wanted": wanted,
            "from": wanted["from"],
            "kept": kept(wanted),
            "is_filtered": is_narrowed(wanted),
            **page_links(found, wanted),
            "clear_link": reverse("admin:ledger"),
        },
    )


@page(
    "ledger/verify/", name="ledger_verify", capability=Capability.LEDGER_VERIFY, methods=("POST",)
)
def verify(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Check the whole ledger now, and record the result."""
    report = services.verify(now=visit.now)
    if report.ok:
        messages.success(
            request,
            ngettext(
                "%(count)d entry verified in %(seconds)s s; nothing altered.",
                "%(count)d entries verified in %(seconds)s s; nothing altered.",
                report.size,
            )
            % {"count": report.size, "seconds": report.seconds},
        )
    else:
        count = len(report.problems) + report.more_problems
        messages.error(
            request,
            ngettext("%(count)d finding.", "%(count)d findings.", count) % {"count": count},
        )
        return HttpResponseRedirect(reverse("admin:ledger_finding"))
    return HttpResponseRedirect(reverse("admin:ledger"))


def _find(wanted: dict[str, str]) -> tuple[Found, LedgerEntry | None, str]:
    """Return the page of entries, the one opened, and why the search was refused; then none."""
    parts: dict[str, Reading[Any]] = {"opened": _reading_opened(wanted["entry"])}
    try:
        selection, unread = selection_of(wanted)
        parts["found"] = reading_search(
            selection, unread=unread, place=place_of(wanted), size=PAGE_SIZE
        )
        told = answer(all_of(parts))
    except InvalidInputError as error:
        words_of_it = " ".join(one.message for one in error.errors) or error.message
        return Found(), answer(_reading_opened(wanted["entry"])), words_of_it
    return told["found"], told["opened"], ""


def _reading_opened(text: str) -> Reading[LedgerEntry | None]:
    if not (text.isascii() and text.isdigit() and int(text) <= LARGEST_KEY):
        return None
    rows = selectors.list_entries().filter(pk=int(text))
    return next(iter((yield from read(rows))), None)


def _what(wanted: dict[str, str], opened: LedgerEntry | None, *, unmasked: bool) -> str:
    if opened is not None:
        return reading_of(opened, unmasked=unmasked)
    filters = [f"{name} {value}" for name, value in wanted.items() if value]
    return ", ".join(filters) or _("the newest entries")


def _row(
    entry: LedgerEntry, wanted: dict[str, str], opened: LedgerEntry | None, *, unmasked: bool
) -> dict[str, Any]:
    payload = shown_payload(entry, unmasked=unmasked)
    return {
        "key": entry.pk,
        "at": entry.at,
        "actor_kind": entry.actor_kind,
        "sentence": words.with_clock(selectors.entry_sentence(entry=entry, payload=payload)),
        "erased": payload is None,
        "kind": entry.kind,
        "index": entry.leaf_index,
        "open": opened is not None and opened.pk == entry.pk,
        "link": link_to(wanted, entry=entry.pk) + "#entry",
    }
