"""What publishing does to approvals that wait: decide again, void only what changed.

A policy may decide otherwise. A tool is another one: an approval is bound to the digest of what
its tool declared, so it can only be voided, and its requester told to ask anew.

Publishing itself only rings. Every call that waits carries the name of the set of policies it
was decided under, and the digest of its tool, so a lost message, a dead worker, or a proposal
that was deciding during the publishing are all found by the next sweep.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import DatabaseError
from django.db.models import F, Q
from django.utils.translation import gettext as _

from cases.memory.selectors import lock_case
from cases.tools.gather import facts_again
from cases.tools.models import ToolCall
from cases.tools.selectors import call_by_pk, requester_of, spec_of_call
from cases.tools.services.claiming import asked_again, lock_approval, void_waiting
from cases.tools.services.entering import limit_keys, subject_of
from cases.tools.services.settling import EXECUTION
from cases.tools.services.standing import tool_differences
from cases.tools.types import CallState
from governance.access.selectors import authority_of
from governance.approvals.types import ApprovalState
from governance.ledger.services import one_act
from governance.policies.loading import policies_in_force
from governance.policies.models import PolicyVersion
from governance.policies.services import Reaffirmation, decide_again
from governance.policies.types import FactSet
from orchestra.core.actors import Actor
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import OrchestraError
from orchestra.core.locking import compare_and_set, lock_one

log = structlog.get_logger(__name__)

REAFFIRM_TASK = "cases.tools.reaffirm"
#: How many one task decides on before it rings for the next.
BATCH = 200


@dataclass(frozen=True, slots=True)
class Reaffirmed:
    """What deciding again on waiting calls came to.

    Attributes:
        stand: Approvals that go on waiting as they are.
        voided: Approvals that ended, because verdict, rows, votes or the tool are others.
        skipped: Calls that could not be decided on now, or no longer waited.
        more: Whether some are left.
    """

    stand: int = 0
    voided: int = 0
    skipped: int = 0
    more: bool = False

    @property
    def decided(self) -> int:
        """How many were decided on."""
        return self.stand + self.voided


def policy_published(version: PolicyVersion, actor: Actor, now: datetime) -> None:
    """Ring for whoever decides again on what waits, once the publishing has committed."""
    del version, actor, now
    enqueue(REAFFIRM_TASK)


def reaffirm_after_publishing(*, now: datetime, batch: int = BATCH) -> Reaffirmed:
    """Decide again on a batch of what waits, and ring for the next where some are left."""
    found = reaffirm_pending(now=now, batch=batch)
    # Where nothing could be decided on, the sweep tries again later; a ring would spin.
    if found.more and found.decided:
        enqueue(REAFFIRM_TASK)
    return found


def reaffirm_pending(*, now: datetime, batch: int = BATCH) -> Reaffirmed:
    """Decide again on calls that wait for an approval under other policies, or on another tool.

    Each in a transaction of its own; one that fails is logged and does not hold up the others.
    Must not be called inside a transaction.

    Args:
        now: The moment of the decisions.
        batch: How many at most.
    """
    present = policies_in_force().name
    rows = ToolCall.objects.filter(state=CallState.AWAITING_APPROVAL)
    other_tool = ~Q(tool_digest=F("tool__digest")) | Q(tool__retired_at__isnull=False)
    waiting = rows.filter(~Q(decided_under=present) | other_tool).order_by("pk")
    keys = list(waiting.values_list("pk", flat=True)[: batch + 1])
    ends = [_reaffirm_one(pk, now) for pk in keys[:batch]]
    return Reaffirmed(
        stand=ends.count(True),
        voided=ends.count(False),
        skipped=ends.count(None),
        more=len(keys) > batch,
    )


def _reaffirm_one(call_id: int, now: datetime) -> bool | None:
    """Return whether an approval stands; None where that was not decided."""
    try:
        return _reaffirm(call_id, now)
    except (OrchestraError, DatabaseError, LookupError) as error:
        log.warning("tools.reaffirm_failed", call=call_id, error=type(error).__name__)
        return None


def _reaffirm(call_id: int, now: datetime) -> bool | None:
    seen = call_by_pk(call_id)
    with one_act(durable=True):
        case = lock_case(seen.case.public_id)
        approval = lock_approval(seen)
        call = lock_one(
            ToolCall.objects.select_related("tool__connection", "decision").filter(pk=call_id)
        )
        call.case = case
        # A vote may have been faster; what it made ready is decided again when it is claimed.
        if call.state != CallState.AWAITING_APPROVAL or approval is None:
            return None
        if approval.state != ApprovalState.PENDING:
            return None
        if differences := tool_differences(call):
            void_waiting(call, approval, now, differences)
            return False
        again = _decide(call, now)
        if again.same:
            compare_and_set(
                call,
                expected={"state": CallState.AWAITING_APPROVAL},
                changes={"decided_under": again.policy_set},
                actor=EXECUTION,
            )
            return True
        void_waiting(call, approval, now, (_why(call, again), *again.differences))
    return False


def _decide(call: ToolCall, now: datetime) -> Reaffirmation:
    requester, case = requester_of(call), call.case
    asked = asked_again(call, spec_of_call(call), authority_of(requester))
    recorded = FactSet(
        values=call.facts.get("values", {}), unknown=frozenset(call.facts.get("unknown", ()))
    )
    return decide_again(
        actor=EXECUTION,
        now=now,
        subject=subject_of(call_id=str(call.public_id), case=case),
        facts=facts_again(asked=asked, case=case, recorded=recorded, now=now),
        keys=limit_keys(actor=requester, case=case),
        sources=call.facts.get("sources", {}),
        previous=call.decision,
        runs=False,
    )


def _why(call: ToolCall, again: Reaffirmation) -> str:
    """Return which policies are others than when the approval was asked for, in one sentence."""
    before = {key: tuple(held) for key, held in call.facts.get("policies", {}).items()}
    now = dict(again.decision.policies)
    changed = [
        _("%(policy)s, version %(number)d") % {"policy": key, "number": version}
        for key, (version, digest) in sorted(now.items())
        if before.get(key) != (version, digest)
    ]
    changed += [
        _("%(policy)s, no longer in force") % {"policy": key} for key in sorted(before.keys() - now)
    ]
    if not changed:
        return _("Policies were published while this waited, so it was decided again.")
    return _("This was decided again under other policies: %(policies)s.") % {
        "policies": "; ".join(changed)
    }
