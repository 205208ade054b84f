"""How a governed document moves from draft to retired, and its digests; pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from governance.access.types import Role
from governance.reviews.types import (
    BoundRehearsal,
    ChangePurpose,
    ChangeState,
    DocumentState,
    Quorum,
    RiskLevel,
    Standing,
    Verdict,
)
from orchestra.core.canonical import digest
from orchestra.core.errors import ConflictError, NotPermittedError

Json = Any

#: State to the states that may follow. What was published is never edited, only retired.
MOVES: Mapping[DocumentState, frozenset[DocumentState]] = MappingProxyType(
    {
        DocumentState.DRAFT: frozenset({DocumentState.SUBMITTED}),
        DocumentState.SUBMITTED: frozenset({DocumentState.DRAFT, DocumentState.APPROVED}),
        DocumentState.APPROVED: frozenset({DocumentState.DRAFT, DocumentState.PUBLISHED}),
        DocumentState.PUBLISHED: frozenset({DocumentState.RETIRED}),
        DocumentState.RETIRED: frozenset(),
    }
)

#: The turn that everything coming into force, or going out of it, takes: what was checked
#: beside all else in force may not move meanwhile.
PUBLISHING = "publishing"

_S = ChangeState
#: States in which a change request may still become a version.
OPEN = frozenset({_S.DRAFT, _S.SUBMITTED, _S.CHANGES_ASKED, _S.APPROVED, _S.SCHEDULED})
#: States in which it lapses once its time is over; a planned one has its own time.
LAPSES = frozenset({_S.SUBMITTED, _S.CHANGES_ASKED, _S.APPROVED})
#: State to the states that may follow; saving an edit always leads back to the draft.
CHANGE_MOVES: Mapping[ChangeState, frozenset[ChangeState]] = MappingProxyType(
    {
        _S.DRAFT: frozenset({_S.DRAFT, _S.SUBMITTED, _S.WITHDRAWN}),
        _S.SUBMITTED: frozenset(
            {_S.DRAFT, _S.CHANGES_ASKED, _S.APPROVED, _S.REFUSED, _S.WITHDRAWN, _S.EXPIRED}
        ),
        _S.CHANGES_ASKED: frozenset({_S.DRAFT, _S.SUBMITTED, _S.REFUSED, _S.WITHDRAWN, _S.EXPIRED}),
        _S.APPROVED: frozenset(
            {
                _S.DRAFT,
                _S.CHANGES_ASKED,
                _S.SCHEDULED,
                _S.PUBLISHED,
                _S.REFUSED,
                _S.WITHDRAWN,
                _S.EXPIRED,
            }
        ),
        _S.SCHEDULED: frozenset(
            {
                _S.DRAFT,
                _S.CHANGES_ASKED,
                _S.APPROVED,
                _S.SCHEDULED,
                _S.PUBLISHED,
                _S.REFUSED,
                _S.WITHDRAWN,
            }
        ),
        _S.PUBLISHED: frozenset({_S.RETIRED, _S.ROLLED_BACK}),
        _S.RETIRED: frozenset(),
        _S.ROLLED_BACK: frozenset(),
        _S.WITHDRAWN: frozenset(),
        _S.REFUSED: frozenset(),
        _S.EXPIRED: frozenset(),
    }
)

#: Refusals that say the change moved on, not that this person may not.
_CONFLICTS = frozenset(
    {
        "change.state",
        "change.expired",
        "change.already_reviewed",
        "change.base_moved",
        "change.not_rehearsed",
        "change.rehearsal_stale",
        "change.no_quorum",
    }
)


def may_move(*, present: DocumentState, wanted: DocumentState) -> bool:
    """Return whether a version may move from one state to another."""
    return wanted in MOVES[present]


def document_digest(*, kind: str, document: Mapping[str, Json]) -> str:
    """Return the canonical digest that names a version's text.

    Args:
        kind: What it is, such as ``policy``; part of the digest's domain.
        document: The document as stored.

    Raises:
        InvalidInputError: The document has no canonical form.
    """
    return digest(f"orchestra.{kind}.v1", document)


def change_digest(*, kind: str, purpose: ChangePurpose, document: Mapping[str, Json]) -> str:
    """Return the digest that a ballot answers: the text's own, or that of taking it away.

    Raises:
        InvalidInputError: The document has no canonical form.
    """
    if purpose is ChangePurpose.RETIREMENT:
        return digest(f"orchestra.{kind}.retirement.v1", document)
    return document_digest(kind=kind, document=document)


def default_quorum(roles: frozenset[Role]) -> Mapping[RiskLevel, Quorum]:
    """Return whose approvals a change takes, by risk: two people from high on.

    A critical change takes two different roles; from high on, a reviewer proves who they are.
    """
    return MappingProxyType(
        {
            RiskLevel.LOW: Quorum(1, roles),
            RiskLevel.MEDIUM: Quorum(1, roles),
            RiskLevel.HIGH: Quorum(2, roles, step_up=True),
            RiskLevel.CRITICAL: Quorum(2, roles, distinct_roles=True, step_up=True),
        }
    )


def highest(risks: Iterable[RiskLevel]) -> RiskLevel:
    """Return the highest of some risks, low for none."""
    order = list(RiskLevel)
    return max(risks, key=order.index, default=RiskLevel.LOW)


def check_move(*, label: str, present: ChangeState, wanted: ChangeState) -> None:
    """Refuse a step that the workflow does not have.

    Raises:
        ConflictError: Code ``change.state``.
    """
    if wanted not in CHANGE_MOVES[present]:
        state = present.replace("_", " ")
        raise ConflictError(
            f"{label} is {state}; this is no longer possible.",
            code="change.state",
            data={"state": str(present)},
        )


def may_bind(*, standing: Standing, rehearsed: BoundRehearsal, report: str) -> bool:
    """Return whether a finished rehearsal becomes the one that a change is bound to.

    Votes answer the report that stood beside the text, so no other takes its place under them.

    Args:
        standing: The change as it stands now.
        rehearsed: What was rehearsed, and what came out.
        report: Digest of the report it is bound to already; empty for none.
    """
    is_same = rehearsed.text == standing.digest and rehearsed.base == standing.base_digest
    is_answered = bool(standing.reviews) and report not in {"", rehearsed.report}
    return standing.state in OPEN and is_same and not is_answered


def is_expired(standing: Standing, now: datetime) -> bool:
    """Return whether the time for review is over."""
    ends = standing.expires_at
    return standing.state in LAPSES and ends is not None and ends <= now


def may_resolve(*, actor_id: str, commenter_id: str, author_id: str) -> bool:
    """Return whether a person may mark a comment as settled: its own author, or the change's."""
    return actor_id in {commenter_id, author_id}


def check_verdict(verdict: Verdict) -> None:
    """Raise what a verdict that refuses means.

    Raises:
        ConflictError: The change moved on.
        NotPermittedError: This person may not do it.
    """
    if verdict.allowed:
        return
    if verdict.code in _CONFLICTS:
        raise ConflictError(verdict.sentence, code=verdict.code)
    raise NotPermittedError(verdict.sentence, code=verdict.code)
