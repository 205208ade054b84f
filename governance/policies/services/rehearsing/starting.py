"""Begin to rehearse a draft, and stop."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from governance.policies import entries, registry
from governance.policies.changes import Filters
from governance.policies.loading import DOCUMENT_KIND, versions_in_force
from governance.policies.models import Rehearsal
from governance.policies.parsing import parse_policy
from governance.policies.selectors import list_rehearsable
from governance.policies.services.rehearsing.shared import OPEN, REHEARSE_TASK, append
from governance.policies.tally import new_tally
from governance.policies.types import PolicyTable, RehearsalState
from governance.reviews.rules import document_digest
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotPermittedError,
)
from orchestra.core.locking import compare_and_set, lock_one

Json = Any


def start_rehearsal(
    *,
    actor: Actor,
    now: datetime,
    policy_key: str,
    document: Mapping[str, Json],
    since: datetime,
    until: datetime | None = None,
    filters: Filters | None = None,
) -> Rehearsal:
    """Begin to rehearse a draft over the decisions of a span; a worker runs it.

    Args:
        actor: Who asks; a person who may edit policies, or a part of the system.
        now: When, UTC.
        policy_key: Key of the policy; one that is not there yet is rehearsed beside the others.
        document: The draft.
        since: From this moment on.
        until: Before this moment; None for now.
        filters: Which decisions; None for all.

    Raises:
        InvalidInputError: The draft or the span is wrong, with every error at once.
        NotPermittedError: The actor may not edit policies.
    """
    _check_actor(actor)
    until = min(until or now, now)
    held = document_digest(kind=DOCUMENT_KIND, document=document)
    catalogue = registry.present_catalogue()
    table = parse_policy(document=document, version=1, digest=held, catalogue=catalogue)
    _check(table, policy_key, since, until)
    with one_act():
        rehearsal = Rehearsal.objects.create(
            policy_key=policy_key,
            document=dict(document),
            document_digest=held,
            base={key: list(version) for key, version in versions_in_force().items()},
            since_at=since,
            until_at=until,
            filters=asdict(filters or Filters()),
            total=list_rehearsable(since=since, until=until).count(),
            tally=new_tally(),
            by_kind=actor.kind,
            by_id=actor.id,
            by_label=actor.label,
            created_at=now,
        )
        more = {"total": rehearsal.total, "since": rfc3339(since), "until": rfc3339(until)}
        append(actor, now, rehearsal, entries.REHEARSAL_STARTED, more)
        enqueue(REHEARSE_TASK, rehearsal.pk)
    return rehearsal


@one_act()
def cancel_rehearsal(*, actor: Actor, now: datetime, rehearsal_pk: int) -> Rehearsal:
    """Stop a rehearsal; what it found so far is no result.

    Raises:
        ConflictError: It has ended.
        NotPermittedError: The actor may not edit policies.
    """
    _check_actor(actor)
    rehearsal = lock_one(Rehearsal.objects.filter(pk=rehearsal_pk))
    if rehearsal.state not in OPEN:
        raise ConflictError(_("The rehearsal has ended already."), code="rehearsal.ended")
    changes = {"state": RehearsalState.CANCELLED, "ended_at": now, "lease_until_at": None}
    compare_and_set(rehearsal, expected={"state": rehearsal.state}, changes=changes, actor=actor)
    append(actor, now, rehearsal, entries.REHEARSAL_CANCELLED, {"done": rehearsal.done})
    return rehearsal


def _check_actor(actor: Actor) -> None:
    if actor.is_agent:
        raise NotPermittedError(_("An AI agent rehearses no policy."), code="policy.agent")
    if actor.is_human:
        require(authority=authority_of(actor), capability=Capability.POLICY_EDIT)


def _check(table: PolicyTable, policy_key: str, since: datetime, until: datetime) -> None:
    errors = []
    if table.key != policy_key:
        message = f"the document is that of {table.key}, not of {policy_key}"
        errors.append(FieldError("draft.key", "other_policy", message))
    if since >= until:
        errors.append(FieldError("since", "range", _("The span holds no time.")))
    if errors:
        raise InvalidInputError(
            _("The draft cannot be rehearsed; see the errors."),
            code="rehearsal.invalid",
            errors=errors,
        )
