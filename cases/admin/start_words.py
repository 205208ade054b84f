"""Checks of a journey in plain words: what each is, what follows while it fails, what mends it."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from cases.readiness.types import Check, CheckCode, JourneySeen, ToolSeen, ToolTrouble
from orchestra.core import words


@dataclass(frozen=True, slots=True)
class Said:
    """One check as the page says it; without a link there is nothing to open."""

    title: str
    detail: str
    act: str = ""
    link: str = ""


def say(check: Check, seen: JourneySeen) -> dict[str, Any]:
    """Return one check as a page shows it."""
    said = _SAYING[check.code](check, seen)
    return {"passed": check.passed, "said": said}


def _in_force(check: Check, seen: JourneySeen) -> Said:
    link = reverse("admin:cue_sheet", args=[seen.key])
    if check.passed:
        return Said(seen.title, _("Version %(n)s is in force.") % {"n": seen.number})
    return Said(
        seen.title,
        _("No version is in force, so no case can begin it."),
        _("Bring it through review"),
        link,
    )


def _recognised(check: Check, seen: JourneySeen) -> Said:
    title = _("Intake recognises the need")
    if check.passed:
        return Said(
            title,
            ngettext(
                "%(n)s intent leads to it: %(names)s.",
                "%(n)s intents lead to it: %(names)s.",
                len(check.names),
            )
            % {"n": len(check.names), "names": ", ".join(check.names)},
        )
    if not seen.intents:
        return Said(title, _("No intent leads to it, so no case begins it by itself."))
    return Said(
        title,
        _("Too few examples of how customers say it: %(names)s.") % {"names": _listed(check)},
    )


def _proved(check: Check, seen: JourneySeen) -> Said:
    title = seen.says or _("What is true once the need is met")
    if check.passed:
        return Said(
            title,
            _("Read back from the system of record with %(names)s.")
            % {"names": _tools(check, seen)},
        )
    if not check.names:
        detail = _("No tool step proves it, so a case could only be assumed to be resolved.")
    else:
        detail = _("%(names)s declares no confirming read, so nobody sees the effect.") % {
            "names": _tools(check, seen)
        }
    return Said(
        title, detail, _("Change the cue sheet"), reverse("admin:cue_sheet", args=[seen.key])
    )


def _window(check: Check, seen: JourneySeen) -> Said:
    title = _("The customer does not come back about it")
    if check.passed:
        days, hours = divmod(seen.window_hours, 24)
        span = (
            ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
            if not hours
            else ngettext("%(n)s hour", "%(n)s hours", seen.window_hours) % {"n": seen.window_hours}
        )
        return Said(title, _("Watched for %(span)s after it was resolved.") % {"span": span})
    return Said(
        title,
        _("No time is set in which the return of a customer counts."),
        _("Change the cue sheet"),
        reverse("admin:cue_sheet", args=[seen.key]),
    )


_TROUBLES = {
    ToolTrouble.MISSING: _lazy("There is no such tool, so its step can never be done."),
    ToolTrouble.RETIRED: _lazy("It was taken out of force; its step can never be done."),
    ToolTrouble.SWITCHED_OFF: _lazy("It is switched off: every call of it is denied."),
    ToolTrouble.STOPPED: _lazy("A stop stands on it: no call of it runs."),
    ToolTrouble.NO_RISK: _lazy("Its risk was not set by a person: every call of it is denied."),
    ToolTrouble.NEVER_ANSWERED: _lazy(
        "It never answered. Propose it once on a trial case; reading changes nothing."
    ),
}


def _tool(check: Check, seen: JourneySeen) -> Said:
    tool = next(one for one in seen.tools if one.name == check.names[0])
    title = tool.title or tool.name
    if check.passed:
        return Said(title, _tool_words(tool))
    detail = str(_TROUBLES[ToolTrouble(check.trouble)])
    if check.trouble == ToolTrouble.STOPPED:
        return Said(title, detail, _("Open the stops"), reverse("admin:stops"))
    if not tool.exists:
        return Said(title, detail, _("Import or add it"), reverse("admin:connections"))
    return Said(title, detail, _("Open the tool"), reverse("admin:tool", args=[tool.name]))


def _tool_words(tool: ToolSeen) -> str:
    parts = [
        _("changes a system of record") if tool.is_write else _("only reads"),
        _("%(risk)s risk") % {"risk": words.plain(tool.risk)},
    ]
    if tool.answered_at is not None:
        at = date_format(localtime(tool.answered_at), "j M, H:i")
        parts.append(_("last worked %(at)s") % {"at": at})
    else:
        parts.append(_("first used by the first case"))
    return " · ".join(parts)


def _repeats(check: Check, seen: JourneySeen) -> Said:
    title = _("A lost answer can be asked for again without a second effect")
    if check.passed:
        return Said(title, _("Every tool that changes something takes a repeated key."))
    return Said(
        title,
        _(
            "Not declared for %(names)s. Without it a lost answer is never tried again; a person "
            "looks it up each time."
        )
        % {"names": _tools(check, seen)},
        _("Declare"),
        reverse("admin:tool", args=[check.names[0]]),
    )


def _policy(check: Check, seen: JourneySeen) -> Said:
    title = _("A policy is in force for every tool")
    if check.passed:
        return Said(title, _("No tool of this journey goes unjudged."))
    detail = _("None for %(names)s: every call is denied.") % {"names": _tools(check, seen)}
    return Said(title, detail, _("Open the policies"), reverse("admin:policies"))


def _limits(check: Check, seen: JourneySeen) -> Said:
    title = _("Medium risk has a limit")
    if check.passed:
        return Said(title, _("What a medium tool may do in a row is bounded."))
    detail = _("No limit counts %(names)s: it is not allowed without one.") % {
        "names": _tools(check, seen)
    }
    return Said(title, detail, _("Set a limit"), reverse("admin:policies"))


def _verified_first(check: Check, seen: JourneySeen) -> Said:
    title = _("The customer is verified before anything changes")
    if check.passed and check.names:
        return Said(title, _("By %(names)s.") % {"names": _tools(check, seen)})
    if check.passed:
        return Said(title, _("Nothing in it needs that."))
    return Said(
        title,
        _("No step verifies the customer, so %(names)s waits for a person each time.")
        % {"names": _tools(check, seen)},
        _("Change the cue sheet"),
        reverse("admin:cue_sheet", args=[seen.key]),
    )


def _approver(check: Check, seen: JourneySeen) -> Said:
    title = _("Somebody may approve what is risky")
    if check.passed and check.names:
        return Said(title, _listed(check))
    if check.passed:
        return Said(title, _("Nothing in it needs an approval."))
    if seen.voters:
        detail = _(
            "%(names)s may vote here, but owns the AI agent; owners never vote on what it asks. "
            "Add another person."
        ) % {"names": _listed(check)}
    else:
        detail = _("Nobody may vote in %(queue)s, so what is risky expires unheard.") % {
            "queue": seen.queue or _("its queue")
        }
    return Said(title, detail, _("Add a person"), reverse("admin:access"))


def _handoff(check: Check, seen: JourneySeen) -> Said:
    title = _("A handoff goes somewhere")
    if check.passed:
        return Said(
            title,
            ngettext(
                "%(queue)s, %(n)s person, with the bundle of seven parts.",
                "%(queue)s, %(n)s people, with the bundle of seven parts.",
                seen.workers,
            )
            % {"queue": seen.queue, "n": seen.workers},
        )
    detail = _("Nobody works %(queue)s: a case handed over would wait for ever.") % {
        "queue": seen.queue or _("its queue")
    }
    return Said(title, detail, _("Add a person"), reverse("admin:access"))


def _stop(check: Check, seen: JourneySeen) -> Said:
    title = _("The work can be stopped")
    if check.passed and seen.drilled_at is not None:
        at = date_format(localtime(seen.drilled_at), "j M Y, H:i")
        return Said(title, _("Drilled %(at)s: new work ended in time.") % {"at": at})
    detail = _("Not drilled in the last 90 days. Practise it: manage.py drill --by your login.")
    return Said(title, detail, _("Open the stops"), reverse("admin:stops"))


def _agent(check: Check, seen: JourneySeen) -> Said:
    title = _("An AI agent is connected")
    if not check.passed:
        detail = _("No AI agent with a live token works %(queue)s; its steps would wait.") % {
            "queue": seen.queue or _("its queue")
        }
        return Said(title, detail, _("Connect an agent"), reverse("admin:agents"))
    return Said(title, _listed(check) or _("Every step belongs to a person."))


def _listed(check: Check) -> str:
    return ", ".join(check.names)


def _tools(check: Check, seen: JourneySeen) -> str:
    titles = {one.name: one.title or one.name for one in seen.tools}
    return ", ".join(f"“{titles.get(name, name)}”" for name in check.names)


_SAYING = {
    CheckCode.IN_FORCE: _in_force,
    CheckCode.RECOGNISED: _recognised,
    CheckCode.PROVED: _proved,
    CheckCode.WINDOW: _window,
    CheckCode.TOOL: _tool,
    CheckCode.REPEATS: _repeats,
    CheckCode.POLICY: _policy,
    CheckCode.LIMITS: _limits,
    CheckCode.VERIFIED_FIRST: _verified_first,
    CheckCode.APPROVER: _approver,
    CheckCode.HANDOFF: _handoff,
    CheckCode.STOP: _stop,
    CheckCode.AGENT: _agent,
}
