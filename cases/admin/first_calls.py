"""The first calls of an AI agent as they arrive, and what its last refusals ask to be mended."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.admin import reads
from cases.admin.first_acts import MOST_REFUSALS, FirstActs, read_first_acts
from cases.memory.models import Case
from cases.tools.models import ToolCall
from cases.tools.types import CallState
from governance.access.models import AgentIdentity
from governance.access.types import Capability
from governance.admin import reads as access
from governance.admin.in_ledger import in_ledger
from governance.admin.visit import Crumb, Visit, fragment, not_here, page, render
from orchestra.core.redaction import mask_text

_ROUTE = "agents/<uuid:agent_id>/first-calls/"

#: Code of a refusal, or how it begins, to what mends it; the first that fits.
_MENDS: tuple[tuple[str, Promise], ...] = (
    (
        "access.scope",
        gettext_lazy("Its token carries less than this needs. Issue one that carries it."),
    ),
    ("access.disabled", gettext_lazy("The agent was stopped. Another person starts it again.")),
    (
        "agent.budget_spent",
        gettext_lazy("A bound is used up. Wait until it frees, or set another bound."),
    ),
    (
        "not_permitted",
        gettext_lazy("It does not work the queue of this case. Grant it the queue."),
    ),
    (
        "not_found",
        gettext_lazy("What it named is not there, or not for it. Check the id and its queues."),
    ),
    ("conflict", gettext_lazy("The case moved on. It should read the case and its steps again.")),
    (
        CallState.DENIED,
        gettext_lazy("The policy said no. It should mend what the reason names, or hand off."),
    ),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that an agent does for the first time.

    Attributes:
        title: What.
        hint: How it comes about, shown until it does.
        at: When; None while it has not.
        what: What it was about; empty for nothing in particular.
        link: Where that is shown; empty where the reader may not see it.
    """

    title: str
    hint: str
    at: datetime | None = None
    what: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A request of the agent that was refused, and how that is mended."""

    at: datetime
    act: str
    code: str
    message: str
    mend: str


@page(_ROUTE, name="agent_first_calls", capability=Capability.ACCESS_READ)
def first_calls(request: HttpRequest, visit: Visit, agent_id: UUID) -> HttpResponse:
    """Show what an agent did for the first time, with how to connect it."""
    found = access.list_agents().filter(public_id=agent_id).first()
    if found is None:
        return not_here(request)
    return render(
        request,
        "cases/first_calls.html",
        {
            "title": _("First calls"),
            "crumbs": [
                Crumb(_("Agents"), reverse("admin:agents")),
                Crumb(found.name, reverse("admin:agent", args=[found.public_id])),
                Crumb(_("First calls")),
            ],
            "has_token": bool(found.credentials.all()),
            "lacks": _lacking_queue(found),
            "over_http": over_http(),
            "over_mcp": over_mcp(),
            "ledger_link": in_ledger(visit, stream=f"agent:{found.public_id}"),
            **_seen(visit, found),
        },
    )


@page(f"{_ROUTE}live/", name="agent_first_calls_live", capability=Capability.ACCESS_READ)
def first_calls_live(request: HttpRequest, visit: Visit, agent_id: UUID) -> HttpResponse:
    """Return the part that fills as calls arrive."""
    found = access.list_agents().filter(public_id=agent_id).first()
    if found is None:
        return not_here(request)
    return fragment(request, "cases/first_calls_seen.html", _seen(visit, found))


def over_http() -> str:
    """Return a first request over plain HTTP, ready for a shell; the token is not in it."""
    body = json.dumps({"channel": "chat", "text": "I want to return my lamp."})
    lines = (
        f"curl {_address()}/api/v1/cases/",
        '-H "Authorization: Bearer $ORCHESTRA_TOKEN"',
        '-H "Content-Type: application/json"',
        '-H "Idempotency-Key: first-call-1"',
        f"-d '{body}'",
    )
    return " \\\n  ".join(lines)


def over_mcp() -> str:
    """Return the server as clients of the protocol are told of it; the token is not in it."""
    server = {
        "type": "http",
        "url": f"{_address()}/mcp",
        "headers": {"Authorization": "Bearer ${ORCHESTRA_TOKEN}"},
    }
    return json.dumps({"mcpServers": {"orchestra": server}}, indent=2)


def _address() -> str:
    return str(settings.ORCHESTRA["PUBLIC_URL"]).rstrip("/")


def _lacking_queue(found: AgentIdentity) -> str:
    """Return the title of the queue where new contacts arrive, if the agent does not work it."""
    first = access.list_all_queues().filter(is_default=True).first()
    held = {grant.queue_id for grant in found.queue_grants}  # type: ignore[attr-defined]  # prefetched by list_agents
    return "" if first is None or first.pk in held else first.title


def _seen(visit: Visit, found: AgentIdentity) -> dict[str, object]:
    acts = read_first_acts(str(found.public_id))
    calls = list(reads.list_calls_named(acts.first | acts.last))
    marks = list(_marks(visit, found, acts, calls))
    count = sum(mark.at is not None for mark in marks)
    return {
        "agent": found,
        "marks": marks,
        "count": count,
        "total": len(marks),
        "refused": _refusals(acts, calls),
        "poll_link": reverse("admin:agent_first_calls_live", args=[found.public_id])
        if count < len(marks) and found.is_active
        else "",
    }


def _marks(
    visit: Visit, found: AgentIdentity, acts: FirstActs, calls: Sequence[ToolCall]
) -> Iterator[Mark]:
    opened_at = None if acts.opened is None else acts.opened.at
    yield Mark(
        _("A request with its token"),
        _("Send the token in the header Authorization. A wrong one is answered with 401."),
        at=_first_use(found, opened_at),
    )
    case = None if acts.opened is None else reads.find_case(acts.opened.subject_id)
    hint = _("Open one with the customer's first words.")
    yield _about(visit, Mark(_("A case"), hint, at=opened_at), case)
    hint = _("Orchestra finds out what the customer needs, and offers what comes next.")
    ready_at = None if acts.ready is None else acts.ready.at
    yield _about(visit, Mark(_("A step ready for it"), hint, at=ready_at), case)
    hint = _("Ask for its steps, over REST or with orchestra_next_step: it waits while it asks.")
    yield Mark(_("Its steps asked for"), hint, at=None if acts.read is None else acts.read.at)
    proposed_first = [call for call in calls if str(call.public_id) in acts.first]
    yield from _call_marks(visit, proposed_first)


def _call_marks(visit: Visit, calls: Sequence[ToolCall]) -> Iterator[Mark]:
    hint = _("Propose a tool call on the case; the policy decides.")
    yield _of_call(visit, Mark(_("A proposal decided"), hint), next(iter(calls), None))
    hint = _("Propose something risky, such as a return.")
    waiting = next((call for call in calls if call.approval_id_text), None)
    yield _of_call(visit, Mark(_("A call that waits for a person"), hint), waiting)
    hint = _("What is allowed or approved runs by itself.")
    ended = [call for call in calls if call.state == CallState.SUCCEEDED]
    done = min(ended, key=lambda call: (call.settled_at or visit.now, call.pk), default=None)
    done_at = None if done is None else done.settled_at
    yield _of_call(visit, Mark(_("A call carried out"), hint), done, at=done_at)


def _first_use(found: AgentIdentity, act_at: datetime | None) -> datetime | None:
    """Return the earliest moment at which a token of it is known to have been used."""
    used = [token.last_used_at for token in found.credentials.all() if token.last_used_at]
    return min([*used, *([act_at] if act_at else [])], default=None)


def _about(visit: Visit, mark: Mark, case: Case | None) -> Mark:
    if mark.at is None or case is None or not visit.may(Capability.CASE_READ, case.queue_id):
        return mark
    link = reverse("admin:case", args=[case.public_id])
    return Mark(mark.title, mark.hint, mark.at, case.label, link)


def _of_call(visit: Visit, mark: Mark, call: ToolCall | None, at: datetime | None = None) -> Mark:
    if call is None:
        return mark
    may_read = visit.may(Capability.CASE_READ, call.case.queue_id)
    link = reverse("admin:case", args=[call.case.public_id]) if may_read else ""
    return Mark(
        mark.title,
        mark.hint,
        at or call.created_at,
        call.tool.title,
        f"{link}#call-{call.public_id}" if link else "",
    )


def _refusals(acts: FirstActs, calls: Sequence[ToolCall]) -> list[Refused]:
    """Return the last refusals and denials, newest first."""
    told = []
    for act in acts.refused:
        code, message = str(act.payload.get("code", "")), str(act.payload.get("message", ""))
        what = str(act.payload.get("act", ""))
        told.append(Refused(act.at, what, code, mask_text(message), mend_of(code)))
    lately = [call for call in calls if str(call.public_id) in acts.last]
    denied = [call for call in reversed(lately) if call.state == CallState.DENIED]
    for call in denied[:MOST_REFUSALS]:
        code = CallState.DENIED.value
        reason = mask_text(call.state_reason)
        told.append(Refused(call.created_at, call.tool.title, code, reason, mend_of(code)))
    return sorted(told, key=lambda one: one.at, reverse=True)[:MOST_REFUSALS]


def mend_of(code: str) -> str:
    """Return what mends a refusal of a code; empty where its own words say it all."""
    return next((str(words) for start, words in _MENDS if code.startswith(start)), "")
