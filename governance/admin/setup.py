"""What an administrator looks at first: who can vote, which agents can connect, who has a role."""

from collections.abc import Container, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access import rules
from governance.access.models import User
from governance.access.types import QueueGrant
from governance.admin import reads
from governance.admin.visit import Visit
from orchestra.core.together import Reading, all_of, read

#: How long before its end a token is spoken of.
SOON = timedelta(days=14)

#: Name of an AI agent, whether it is active, and when its token ends; None without one.
_Token = tuple[str, bool, datetime | None]


def describe_setup(visit: Visit) -> Reading[list[dict[str, Any]]]:
    """Come to the checks of the set-up, each with what follows from it and where to mend it."""
    voting = [str(role) for role in rules.VOTING_ROLES]
    found = yield from all_of(
        {
            "queues": read(reads.list_all_queues().values_list("title", flat=True)),
            "voted": reads.reading_voted_queues(roles=voting, grant=QueueGrant.VOTE),
            "tokens": read(reads.list_live_tokens(now=visit.now)),
            "people": read(reads.list_without_role()),
        }
    )
    return [
        _voters(found["queues"], found["voted"]),
        _connected(found["tokens"]),
        _tokens(found["tokens"], visit),
        _roles(found["people"]),
    ]


def _voters(queues: Sequence[str], voted: Container[str]) -> dict[str, Any]:
    without = [title for title in queues if title not in voted]
    if not queues:
        return _check(ok=False, text=_("There is no queue yet. A pack brings them."), page="access")
    if without:
        text = _("Nobody can vote on the approvals of: %(queues)s.") % {
            "queues": ", ".join(without)
        }
        return _check(ok=False, text=text, page="access")
    return _check(ok=True, text=_("Every queue has people who can vote."), page="access")


def _connected(tokens: Sequence[_Token]) -> dict[str, Any]:
    without = [name for name, is_active, ends_at in tokens if is_active and ends_at is None]
    if without:
        text = _("No token, so it cannot connect: %(names)s.") % {"names": ", ".join(without)}
        return _check(ok=False, text=text, page="agents")
    return _check(ok=True, text=_("Every active AI agent has a token."), page="agents")


def _tokens(tokens: Sequence[_Token], visit: Visit) -> dict[str, Any]:
    until = visit.now + SOON
    ending = sum(ends_at is not None and ends_at <= until for _name, _active, ends_at in tokens)
    if ending:
        text = ngettext(
            "%(count)d token ends within %(days)d days.",
            "%(count)d tokens end within %(days)d days.",
            ending,
        ) % {"count": ending, "days": SOON.days}
        return _check(ok=False, text=text, page="agents")
    return _check(ok=True, text=_("No token ends soon."), page="agents")


def _roles(people: Sequence[User]) -> dict[str, Any]:
    if people:
        text = _("May sign in, but holds no role: %(names)s.") % {
            "names": ", ".join(person.label for person in people)
        }
        return _check(ok=False, text=text, page="access")
    return _check(ok=True, text=_("Everybody who may sign in holds a role."), page="access")


def _check(*, ok: bool, text: str, page: str) -> dict[str, Any]:
    return {"ok": ok, "text": text, "link": reverse(f"admin:{page}")}
