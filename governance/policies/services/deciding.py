"""Decide on an action, keep the record, and decide again before it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.policies import entries
from governance.policies.conditions import FactTypeError
from governance.policies.decision import CompiledPolicies, decide, scope_of
from governance.policies.loading import policies_in_force
from governance.policies.models import DecisionRecord
from governance.policies.records import (
    obligations_value,
    record_body,
    record_digest,
    recordable,
)
from governance.policies.replay import RecordError, read_record
from governance.policies.services.limits import Measured, measure_limits, own_totals, take_limits
from governance.policies.types import Decision, FactSet, Limit, LimitKeys, Outcome, Subject
from orchestra.core.actors import Actor, system
from orchestra.core.canonical import digest
from orchestra.core.clock import rfc3339

Json = Any

#: Whose act a decision is: no person and no agent judges.
JUDGE = system("policy")
#: With these a call goes on to run, so it uses its limits.
_RUNS = frozenset({Outcome.ALLOW, Outcome.APPROVE})
#: What a vote already cast would not have satisfied if it changed.
_VOTES = ("votes", "roles", "distinct_roles", "step_up")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision and the row that keeps it.

    Attributes:
        policy_set: Names all policies in force when it was made.
    """

    decision: Decision
    record: DecisionRecord
    policy_set: str


@dataclass(frozen=True, slots=True)
class Reaffirmation:
    """Whether deciding again came to the same.

    Attributes:
        same: Outcome, fired rows and required votes are what they were.
        differences: One sentence for each thing that is not.
        decision: The verdict now.
        record: The row that keeps it.
        policy_set: Names all policies in force now.
    """

    same: bool
    differences: tuple[str, ...]
    decision: Decision
    record: DecisionRecord
    policy_set: str


@one_act()
def decide_and_record(
    *,
    actor: Actor,
    now: datetime,
    subject: Subject,
    facts: FactSet,
    keys: LimitKeys,
    sources: Mapping[str, str],
) -> Recorded:
    """Decide on an action under the policies in force and record it.

    Limits in scope are locked, measured and, where the outcome is allow, used here.

    Args:
        actor: Who proposes.
        now: When, UTC.
        subject: What is decided on.
        facts: All facts but the totals of limits.
        keys: For whom limits count.
        sources: Name of each answer read before to its digest.
    """
    judged = _decide(now, subject, facts, keys, sources, takes_on=frozenset({Outcome.ALLOW}))
    if judged.decision.outcome is Outcome.ALLOW:
        take_limits(measured=judged.measured, subject_id=subject.id, now=now)
    _append(now, subject, entries.DECISION_RECORDED, judged, _asked(actor))
    return Recorded(judged.decision, judged.record, judged.policies.name)


@one_act()
def decide_again(
    *,
    actor: Actor,
    now: datetime,
    subject: Subject,
    facts: FactSet,
    keys: LimitKeys,
    sources: Mapping[str, str],
    previous: DecisionRecord,
    runs: bool = True,
) -> Reaffirmation:
    """Decide once more, before an action runs, and say whether the earlier decision stands.

    Limits are measured without the subject's own use, and used where the decision stands
    and lets the action run.

    Args:
        actor: Who asks, mostly a part of the system.
        now: When, UTC.
        subject: What was decided on.
        facts: All facts as they are now, but the totals of limits.
        keys: For whom limits count.
        sources: Name of each answer read again to its digest.
        previous: The record of the decision that the action rests on.
        runs: Whether the action runs next; one that goes on waiting uses no limit.
    """
    takes_on = _RUNS if runs else frozenset[Outcome]()
    judged = _decide(now, subject, facts, keys, sources, takes_on=takes_on)
    differences = _differences(previous, judged)
    if runs and not differences and judged.decision.outcome in _RUNS:
        take_limits(measured=judged.measured, subject_id=subject.id, now=now)
    kind = entries.DECISION_RECORDED if differences else entries.DECISION_REAFFIRMED
    more = {
        "previous": str(previous.public_id),
        "differences": list(differences),
        **_asked(actor),
    }
    _append(now, subject, kind, judged, more)
    return Reaffirmation(
        same=not differences,
        differences=differences,
        decision=judged.decision,
        record=judged.record,
        policy_set=judged.policies.name,
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """A decision as it was made, with the limits it measured and the policies in force."""

    decision: Decision
    record: DecisionRecord
    measured: Measured
    policies: CompiledPolicies


def _decide(
    now: datetime,
    subject: Subject,
    facts: FactSet,
    keys: LimitKeys,
    sources: Mapping[str, str],
    *,
    takes_on: frozenset[Outcome],
) -> _Judged:
    """Decide and store the record.

    Limits may be taken with the outcomes of ``takes_on``, so only then are their counters
    locked; any other outcome is decided on what stands committed, and lets nothing run.
    """
    facts = recordable(facts)
    policies = policies_in_force()
    limits = _limits(facts, policies)

    def measure(*, locks: bool) -> tuple[Measured, FactSet, Decision]:
        measured = measure_limits(
            limits=limits, keys=keys, facts=facts, subject_id=subject.id, now=now, locks=locks
        )
        whole = recordable(measured.add_to(facts))
        return measured, whole, decide(facts=whole, policies=policies)

    # Where even its own use alone would not let it run, no counter needs a lock.
    alone = own_totals(limits=limits, keys=keys, facts=facts)
    at_best = decide(facts=recordable(alone.add_to(facts)), policies=policies)
    measured, whole, decision = measure(locks=at_best.outcome in takes_on)
    if measured.counters is None and measured.claims and decision.outcome in takes_on:
        measured, whole, decision = measure(locks=True)
    body = record_body(at=rfc3339(now), facts=whole, sources=sources, decision=decision)
    record = DecisionRecord.objects.create(
        subject_kind=subject.kind,
        subject_id=subject.id,
        stream=subject.stream,
        outcome=decision.outcome,
        at=now,
        body=body,
        digest=record_digest(body),
    )
    return _Judged(decision, record, measured, policies)


def _limits(facts: FactSet, policies: CompiledPolicies) -> tuple[Limit, ...]:
    try:
        scope = scope_of(facts)
    except FactTypeError:
        # Deciding meets the same fact and denies; there is nothing to count.
        return ()
    return policies.in_scope(scope).limits if scope else ()


def _asked(actor: Actor) -> dict[str, Json]:
    return {"asked_by": actor.as_payload()}


def _append(
    now: datetime,
    subject: Subject,
    kind: str,
    judged: _Judged,
    more: Mapping[str, Json],
) -> None:
    decision, record = judged.decision, judged.record
    draft = EntryDraft(
        stream=subject.stream,
        kind=kind,
        payload={
            "outcome": str(decision.outcome),
            "reasons": " ".join(decision.reasons),
            "rules": list(decision.rule_ids),
            "decision": str(record.public_id),
            "digest": record.digest,
            "policies": {key: list(pair) for key, pair in decision.policies.items()},
            **more,
        },
        subject_kind=subject.kind,
        subject_id=subject.id,
        policy=policies_digest(decision.policies),
    )
    append_entry(actor=JUDGE, now=now, draft=draft)


def _limit_rows(policies: CompiledPolicies) -> frozenset[tuple[str, str]]:
    """Return policy and key of every limit in force."""
    return frozenset((table.key, limit.key) for table in policies.tables for limit in table.limits)


def policies_digest(policies: Mapping[str, tuple[int, str]]) -> str:
    """Return the digest that names the policies in scope; that of the one where it is one.

    Args:
        policies: Policy key to (version, digest); empty gives an empty text.
    """
    if len(policies) < 2:  # noqa: PLR2004  none or one
        return next((held for _version, held in policies.values()), "")
    return digest("orchestra.policies.v1", {key: held for key, (_v, held) in policies.items()})


def _differences(previous: DecisionRecord, judged: _Judged) -> tuple[str, ...]:
    """Return what differs from an earlier decision, in words.

    A limit that others have used up, or that they no longer use, is not among it as long as
    outcome and votes are the same: whoever approved has looked at this action already, and
    what others did in the meantime changes nothing about it.
    """
    decision, limits = judged.decision, _limit_rows(judged.policies)
    body = bytes(previous.body)
    try:
        value = read_record(body).value
        before = {
            "outcome": value["outcome"],
            "fired": {(row[0], row[2], row[3]) for row in value["fired"]},
            "votes": [value["obligations"][name] for name in _VOTES],
        }
    except (RecordError, KeyError, IndexError, TypeError):
        return (_("The record of the earlier decision cannot be read."),)
    if record_digest(body) != previous.digest:
        return (_("The record of the earlier decision was altered."),)
    obligations = obligations_value(decision.obligations)
    found = []
    if before["outcome"] != decision.outcome:
        found.append(
            _("The outcome was %(before)s and is %(now)s.")
            % {"before": before["outcome"], "now": decision.outcome}
        )
    rows = {(row.policy, row.rule, str(row.outcome)) for row in decision.fired}
    changed = [
        f"{policy}:{rule}"
        for policy, rule, _o in sorted(before["fired"] ^ rows)
        if (policy, rule) not in limits
    ]
    if changed:
        found.append(_("Other rows fired: %(rows)s.") % {"rows": ", ".join(dict.fromkeys(changed))})
    if before["votes"] != [obligations[name] for name in _VOTES]:
        found.append(_("Other votes are required."))
    return tuple(found)
