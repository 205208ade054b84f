"""How a person is told: what by which way, digests, quiet hours, a test, and last week's mail."""

import zoneinfo
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.rules import capabilities_of
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from governance.notifications import rules, selectors, services, wording
from governance.notifications.models import Notice
from governance.notifications.services.wanting import Wanted
from governance.notifications.types import (
    Channel,
    Manner,
    Planned,
    Preferences,
    QuietHours,
    Topic,
)
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.numbers import read_whole

WEEK = timedelta(days=7)
LOOKED_AT = 1_000
SHOWN = 12


@page("notices/settings/", name="notice_settings")
def settings_page(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show how the person is told, and what that would have meant last week."""
    return _show(request, visit)


@page("notices/settings/save/", name="notice_settings_save", methods=("POST",))
def save(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Keep how the person wants to be told; what is wrong keeps what was chosen."""
    error = attempt(
        request,
        lambda: services.save_preferences(
            actor=visit.actor, now=visit.now, wanted=_read(request.POST)
        ),
        refusal=as_refusal("notification.settings", visit.actor.id),
    )
    if error is None:
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("admin:notice_settings"))
    return _show(request, visit, status=422)


@page("notices/settings/test/", name="notice_test", methods=("POST",))
def test(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Send the person a test message."""
    error = attempt(
        request,
        lambda: services.send_test(actor=visit.actor, now=visit.now),
        refusal=as_refusal("notification.test", visit.actor.id),
    )
    if error is None:
        messages.success(request, _("A test message is on its way. Notices say whether it left."))
    return HttpResponseRedirect(reverse("admin:notice_settings"))


def _show(request: HttpRequest, visit: Visit, *, status: int = 200) -> HttpResponse:
    person = request.user
    row = selectors.find_preference(authority=visit.authority)
    preferences = selectors.read_preferences(person, row, visit.authority.roles)  # type: ignore[arg-type]  # a page has a person
    typed = request.POST if status != 200 else {}  # noqa: PLR2004  what was wrong is shown again
    offered = set(rules.topics_for(capabilities_of(visit.authority.roles)))
    quiet = preferences.quiet or QuietHours(time(0), time(0))
    return render(
        request,
        "governance/notice_settings.html",
        {
            "title": _("How you are told"),
            "crumbs": [
                Crumb(_("Work")),
                Crumb(_("Notices"), reverse("admin:notices")),
                Crumb(_("How you are told")),
            ],
            "address": person.email,  # type: ignore[union-attr]  # a page has a person
            "rows": [_row(topic, preferences, typed) for topic in Topic if topic in offered],
            "risks": [wording.risk_word(column) for column in rules.columns_of(Topic.DECIDE)],
            "digest_times": typed.get("digest_times")
            or ", ".join(f"{one:%H:%M}" for one in preferences.digest_times),
            "quiet_begins": typed.get("quiet_begins") or f"{quiet.begins:%H:%M}",
            "quiet_ends": typed.get("quiet_ends") or f"{quiet.ends:%H:%M}",
            "zone": typed.get("zone", row.zone if row else ""),
            "zones": sorted(zoneinfo.available_timezones()),
            "revision": typed.get("revision") or (row.revision if row else 0),
            **_last_week(visit, preferences),
        },
        status=status,
    )


def _row(topic: Topic, preferences: Preferences, typed: Mapping[str, str]) -> dict[str, Any]:
    title, about = wording.TOPICS[topic]
    return {
        "title": title,
        "about": about,
        "cells": [
            _cell(topic, column, preferences.manners[topic, column], typed)
            for column in rules.columns_of(topic)
        ],
    }


def _cell(topic: Topic, column: str, chosen: Manner, typed: Mapping[str, str]) -> dict[str, Any]:
    name = _name(topic, column)
    chosen_code = typed.get(name, str(chosen))
    return {
        "name": name,
        "label": wording.risk_word(column) or _("any"),
        "options": [
            {"code": str(code), "words": words, "is_on": str(code) == chosen_code}
            for code, words in wording.MANNERS.items()
        ],
    }


def _name(topic: Topic, column: str) -> str:
    return f"{topic}-{column or 'any'}"


def _last_week(visit: Visit, preferences: Preferences) -> dict[str, Any]:
    """Return what would have left last week under what is chosen now."""
    told = selectors.list_since(authority=visit.authority, at=visit.now - WEEK, most=LOOKED_AT)
    planned = [(notice, _planned(notice, preferences)) for notice in told]
    mails = [(notice, one) for notice, one in planned if one and one.channel is Channel.EMAIL]
    digests = {one.due_at for _notice, one in planned if one and one.channel is Channel.DIGEST}
    mails.sort(key=lambda pair: pair[1].due_at, reverse=True)
    lines = [
        {"at": one.due_at, "title": wording.title_of(notice), "risk": notice.risk}
        for notice, one in mails
    ]
    return {
        "week_told": len(told),
        "week_mails": len(mails),
        "week_digests": len(digests),
        "week_in_digests": sum(one is not None for _n, one in planned) - len(mails),
        "week_lines": lines[:SHOWN],
        "week_is_cut": len(told) == LOOKED_AT,
    }


def _planned(notice: Notice, preferences: Preferences) -> Planned | None:
    found = rules.plan(news=selectors.news_of(notice), preferences=preferences, now=notice.at)
    return found[0] if found else None


def _read(posted: Mapping[str, str]) -> Wanted:
    """Return what was posted.

    Raises:
        InvalidInputError: A time or a manner cannot be read; all at once.
    """
    errors: list[FieldError] = []
    manners = {
        (topic, column): Manner(posted[_name(topic, column)])
        for topic in Topic
        for column in rules.columns_of(topic)
        if posted.get(_name(topic, column)) in set(Manner)
    }
    digests = tuple(_times(posted.get("digest_times", ""), "digest_times", errors))
    quiet = [
        next(iter(_times(posted.get(name, ""), name, errors)), time(0))
        for name in ("quiet_begins", "quiet_ends")
    ]
    if errors:
        raise InvalidInputError(_("Nothing was saved."), errors=errors)
    revision = posted.get("revision", "")
    return Wanted(
        manners=manners,
        digest_times=digests,
        quiet=QuietHours(*quiet),
        zone=posted.get("zone", "").strip(),
        revision=read_whole(revision) or 0,
    )


def _times(text: str, field: str, errors: list[FieldError]) -> Iterable[time]:
    for part in text.replace(",", " ").split():
        try:
            yield datetime.strptime(part, "%H:%M").time()  # noqa: DTZ007  a time of day on the wall
        except ValueError:
            message = _("“%(text)s” is no time of day; write it like 09:00.") % {"text": part[:20]}
            errors.append(FieldError(field, "format", message))
