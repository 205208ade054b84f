"""The trial of a draft on a page: what is filled in, and what came of it in words."""

from datetime import datetime
from typing import Any, Final

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.admin.proposal_form import arguments_of, fields_of, typed_of
from cases.memory.types import Channel
from cases.tools import selectors as tools
from cases.tools.connecting import ConnectionSpec, parse_connection
from cases.tools.trying import Circumstances, Preview, Trial, try_draft
from cases.tools.types import ToolSpec
from governance.access.types import Role
from governance.admin import reads
from governance.policies.loading import policies_in_force
from governance.policies.types import Decision
from orchestra.core import words
from orchestra.core.errors import InvalidInputError, NotFoundError

ACTORS: Final = (
    ("agent", gettext_lazy("an AI agent")),
    ("human", gettext_lazy("a person")),
)
KNOWN: Final = (
    ("none", gettext_lazy("not verified")),
    ("basic", gettext_lazy("verified")),
    ("strong", gettext_lazy("strongly verified")),
)
PRIORITIES: Final = ("1", "2", "3", "4", "5")
_WHOLE: Final = 100
_ROLES: Final = {"agent": Role.AI_AGENT, "human": Role.HUMAN_AGENT}
_USUAL: Final = {
    "actor": "agent",
    "known": "basic",
    "sure": "95",
    "ahead": "50",
    "channel": "chat",
    "priority": "3",
}


def blank_trial(spec: ToolSpec) -> dict[str, Any]:
    """Return what the page shows before anything was tried."""
    chosen = {**_USUAL, "queue": _first_queue()}
    return {**_form(spec, chosen, {}, ()), "agreed": False}


def describe_trial(spec: ToolSpec, posted: QueryDict, *, now: datetime) -> dict[str, Any]:
    """Return the form as it was filled in, and what came of the trial.

    Args:
        spec: What the draft declares.
        posted: The form.
        now: When, UTC.
    """
    typed = typed_of(spec, posted)
    chosen = {name: posted.get(name, usual).strip() for name, usual in _USUAL.items()}
    chosen["queue"] = posted.get("queue", "") or _first_queue()
    trial = try_draft(
        spec=spec,
        arguments=arguments_of(spec, typed),
        given=_circumstances(chosen, agreed=bool(posted.get("agreed")), now=now),
        policies=policies_in_force(),
        connection=_connection(spec),
        now=now,
    )
    return {
        **_form(spec, chosen, typed, trial.errors),
        "agreed": bool(posted.get("agreed")),
        "holds": trial.decision is not None,
        "errors": [{"place": _place(one.field), "message": one.message} for one in trial.errors],
        "verdict": _verdict(trial.decision) if trial.decision is not None else None,
        "unknown": [words.plain(name) for name in trial.unknown],
        "sent": _sent(trial),
    }


def _form(
    spec: ToolSpec, chosen: dict[str, str], typed: dict[str, str], errors: Any
) -> dict[str, Any]:
    hidden = {path.removeprefix("$.") for path in spec.sensitive}
    fields = fields_of(spec, given=typed, errors=errors)
    for field in fields:
        # What is sensitive is not written back into the page.
        field["secret"] = field["name"].partition(".")[2] in hidden
        if field["secret"]:
            field["value"] = ""
    return {
        "fields": fields,
        "chosen": chosen,
        "actors": ACTORS,
        "known": KNOWN,
        **_queues(),
        **_places(),
    }


def _queues() -> dict[str, Any]:
    return {"queues": [(queue.key, queue.title) for queue in reads.list_all_queues()]}


def _places() -> dict[str, Any]:
    """Return where the customer may talk, and how urgent a case may be."""
    return {"channels": [str(one) for one in Channel], "priorities": PRIORITIES}


def _first_queue() -> str:
    """Return the queue that a trial begins with: the one for what fits no other, else any."""
    queues = list(reads.list_all_queues())
    found = [queue.key for queue in queues if queue.is_default] or [one.key for one in queues]
    return found[0] if found else ""


def _circumstances(chosen: dict[str, str], *, agreed: bool, now: datetime) -> Circumstances:
    actor = chosen["actor"] if chosen["actor"] in _ROLES else "agent"
    known = chosen["known"] if chosen["known"] in dict(KNOWN) else "none"
    urgent = chosen["priority"]
    return Circumstances(
        actor_kind=actor,
        roles=(str(_ROLES[actor]),),
        queue=chosen["queue"],
        verification=known,
        customer_confirmed=agreed,
        confidence=_share(chosen["sure"]),
        margin=_share(chosen["ahead"]),
        channel=chosen["channel"] if chosen["channel"] in set(Channel) else Channel.CHAT,
        priority=int(urgent if urgent in PRIORITIES else _USUAL["priority"]),
        local_hour=timezone.localtime(now, timezone.get_default_timezone()).hour,
    )


def _share(text: str) -> float | None:
    """Return a percentage as a share; None for what is none, which counts as not said."""
    if not text.isdecimal() or not text.isascii() or int(text[:4]) > _WHOLE:
        return None
    return int(text) / _WHOLE


def _connection(spec: ToolSpec) -> ConnectionSpec | None:
    try:
        row = tools.get_connection(key=spec.connection)
        return parse_connection(document=tools.connection_document(row))
    except (NotFoundError, InvalidInputError, LookupError):
        return None


def _verdict(decision: Decision) -> dict[str, Any]:
    return {
        "outcome": str(decision.outcome),
        "votes": decision.obligations.votes,
        "reasons": decision.reasons,
        "fired": [
            {
                "policy": words.plain(row.policy),
                "version": row.version,
                "reason": row.reason,
                "outcome": str(row.outcome),
            }
            for row in decision.fired
        ],
    }


def _sent(trial: Trial) -> dict[str, Any] | None:
    preview: Preview | None = trial.preview
    if preview is None:
        return None
    return {
        "method": preview.method,
        "address": preview.address,
        "headers": preview.headers,
        "body": [(place or _("the whole body"), text) for place, text in preview.body],
    }


def _place(field: str) -> str:
    return words.plain(field.removeprefix("arguments").lstrip(".")) or _("arguments")
