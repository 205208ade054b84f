"""Ask for approval of one action."""

import secrets
from datetime import datetime

from django.utils.translation import gettext as _

from governance.access import rules as access
from governance.approvals import entries, rules
from governance.approvals.agreement import likeness
from governance.approvals.inbox_query import told_by
from governance.approvals.models import ApprovalRequest
from governance.approvals.registry import handlers
from governance.approvals.services.locked import record
from governance.approvals.services.timing import next_turn_at
from governance.approvals.types import VIGILANCE, ApprovalDraft, ApprovalState
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.canonical import canonical_bytes
from orchestra.core.clock import rfc3339
from orchestra.core.errors import FieldError, InvalidInputError


def request_approval(*, actor: Actor, now: datetime, draft: ApprovalDraft) -> ApprovalRequest:
    """Ask for votes on exactly one action.

    Args:
        actor: In whose name it is asked.
        now: The moment of the act.
        draft: All that the request is made of.

    Raises:
        InvalidInputError: No vote is asked for, the deadline has passed, or a role never votes.
        LookupError: Nobody handles this kind of subject.
    """
    with one_act():
        request = create_request(now=now, draft=draft)
        record(
            request,
            actor=actor,
            now=now,
            kind=entries.REQUESTED,
            payload={
                "action_digest": request.action_digest,
                "view_digest": request.view_digest,
                "nonce": request.nonce,
                "risk": str(request.risk),
                "votes_needed": request.votes_needed,
                "roles": request.roles,
                "distinct_roles": request.distinct_roles,
                "step_up": request.step_up,
                "deadline_at": rfc3339(request.deadline_at),
                "tool": request.tool,
                "rule": request.rule,
                "requester": draft.requester.as_payload(),
            },
        )
    return request


def create_request(*, now: datetime, draft: ApprovalDraft) -> ApprovalRequest:
    """Make the row of a request in the running transaction; who calls it records it.

    Raises:
        InvalidInputError: No vote is asked for, the deadline has passed, or a role never votes.
        LookupError: Nobody handles this kind of subject.
    """
    _check_draft(draft, now)
    handlers.get(draft.subject_kind)
    request = ApprovalRequest(
        queue_id=draft.queue_id,
        subject_kind=draft.subject_kind,
        subject_id=draft.subject_id,
        case_public_id=draft.case_public_id,
        case_label=draft.case_label,
        stream=draft.stream,
        title=draft.title,
        detail=draft.detail,
        risk=draft.risk,
        amount_minor=draft.amount_minor,
        currency=draft.currency,
        requester_kind=draft.requester.kind,
        requester_id=draft.requester.id,
        requester_label=draft.requester.label,
        barred=_barred(draft),
        action_digest=draft.action_digest,
        view=canonical_bytes(dict(draft.view)),
        view_digest=rules.view_digest(draft.view),
        nonce=secrets.token_hex(32),
        votes_needed=draft.votes_needed,
        roles=sorted(set(draft.roles)),
        distinct_roles=draft.distinct_roles,
        step_up=draft.step_up,
        state=ApprovalState.PENDING,
        created_at=now,
        deadline_at=draft.deadline_at,
        tool=draft.tool[:200],
        rule=draft.rule[:300],
        journey=draft.journey[:200],
        **told_by(draft.view),
        likeness=likeness(
            view=draft.view, amount_minor=draft.amount_minor, currency=draft.currency
        ),
    )
    if draft.subject_kind != VIGILANCE:
        # A test of attention runs out quietly: nobody is reminded, no further role asked.
        request.next_turn_at = next_turn_at(request, now)
    request.save(force_insert=True)
    return request


def _barred(draft: ApprovalDraft) -> dict[str, str]:
    own = {draft.requester.id: rules.YOU_ASKED} if draft.requester.is_human else {}
    return {**draft.barred, **own}


def _check_draft(draft: ApprovalDraft, now: datetime) -> None:
    errors = []
    if draft.votes_needed < 1:
        errors.append(FieldError("votes_needed", "range", _("Ask for at least one vote.")))
    if draft.deadline_at <= now:
        errors.append(FieldError("deadline_at", "range", _("The deadline has passed already.")))
    errors.extend(
        FieldError("roles", "never_votes", _("The role %(role)s never votes.") % {"role": role})
        for role in sorted(set(draft.roles) - {str(one) for one in access.VOTING_ROLES})
    )
    if errors:
        raise InvalidInputError(_("The approval cannot be asked for."), errors=errors)
