"""Who may decide about a grant, how it stands now, and who could still vote without it; pure."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from governance.access.rules import VOTING_ROLES, capabilities_of
from governance.access.types import Capability, QueueGrant, Role
from governance.access_reviews.types import (
    Given,
    GrantKind,
    HeldGrant,
    Holdings,
    ItemFacts,
    ItemFilter,
    ItemState,
    Present,
    Use,
    Used,
)
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotPermittedError

#: A grant that nobody used for so long is shown for it.
UNUSED_AFTER = timedelta(days=60)
LONGEST_TITLE = 200
LONGEST_REASON = 500

NOBODY_REVIEWS_THEMSELVES = "Nobody reviews themselves. Another reviewer decides this one."


def check_start(
    *, title: str, due_at: datetime, now: datetime, reviewers: int, ineligible: Collection[str]
) -> tuple[FieldError, ...]:
    """Return everything that keeps a review from being started; none where it may be.

    Args:
        title: Its name.
        due_at: When it is to be done.
        now: The moment.
        reviewers: How many reviewers are named.
        ineligible: Names of those who may not review access.
    """
    errors = []
    if not title.strip():
        errors.append(FieldError("title", "required", "Give the review a title."))
    elif len(title) > LONGEST_TITLE:
        message = f"Keep the title within {LONGEST_TITLE} characters."
        errors.append(FieldError("title", "range", message))
    if due_at <= now:
        errors.append(FieldError("due_at", "range", "It has to be due after now."))
    if not reviewers:
        errors.append(FieldError("reviewers", "required", "Name at least one reviewer."))
    if ineligible:
        message = f"These people may not review access: {', '.join(sorted(ineligible))}."
        errors.append(FieldError("reviewers", "not_eligible", message))
    return tuple(errors)


def check_reviewer(
    *, actor_id: str, reviewer_ids: Collection[str], subject_ids: Collection[str]
) -> None:
    """Refuse whoever may not decide about this grant.

    Raises:
        NotPermittedError: They are not named as a reviewer, or the grant is theirs.
    """
    if actor_id in subject_ids:
        raise NotPermittedError(NOBODY_REVIEWS_THEMSELVES, code="access_review.own")
    if actor_id not in reviewer_ids:
        raise NotPermittedError(
            "You are not a reviewer of this review. Ask a compliance officer to name you.",
            code="access_review.not_reviewer",
        )


def check_decision(
    *, state: ItemState, wanted: ItemState, frozen: str, seen: str, present: HeldGrant | None
) -> None:
    """Refuse a decision about what was decided before, is gone, or is no longer what was seen.

    Args:
        state: What was decided so far.
        wanted: What is to be decided.
        frozen: The mark of the grant as the list was frozen.
        seen: The mark of the grant as the reviewer saw it.
        present: The grant as it stands now; None where it does not.

    Raises:
        ConflictError: Any of that.
    """
    if state is ItemState.REVOKED or state is wanted:
        raise ConflictError(f"It was {state.value} already.", code="access_review.decided")
    if present is None:
        raise ConflictError(
            "It is gone already: somebody took it since the list was frozen. There is nothing "
            "to decide.",
            code="access_review.gone",
        )
    if present.mark != (seen or frozen):
        raise ConflictError(
            "It changed since you looked: it was given again, or its end is another. Look again "
            "and decide on what stands now.",
            code="access_review.changed",
        )


def check_reason(reason: str) -> None:
    """Refuse a revocation without a reason.

    Raises:
        InvalidInputError: None is given, or it is too long.
    """
    if not reason.strip():
        message = "Say why it is revoked; the reason is kept."
        raise InvalidInputError(message, errors=[FieldError("reason", "required", message)])
    if len(reason) > LONGEST_REASON:
        message = f"Keep the reason within {LONGEST_REASON} characters."
        raise InvalidInputError(message, errors=[FieldError("reason", "range", message)])


def stands(*, frozen: str, present: HeldGrant | None) -> Present:
    """Return how a grant stands now, beside the mark it had when the list was frozen."""
    if present is None:
        return Present.GONE
    return Present.SAME if present.mark == frozen else Present.CHANGED


def is_unused(*, given: Given, used: Used, at: datetime) -> bool:
    """Return whether a grant was not used for so long that it should be asked about.

    One that is younger than that, and one whose use nobody records, is not.
    """
    if used.how is Use.NOT_RECORDED:
        return False
    latest = max((moment for moment in (given.at, used.at) if moment is not None), default=None)
    return latest is None or at - latest > UNUSED_AFTER


def matches(only: ItemFilter, facts: ItemFacts) -> bool:
    """Return whether a filter shows a grant."""
    return {
        ItemFilter.ALL: True,
        ItemFilter.LEFT: facts.state is ItemState.OPEN,
        ItemFilter.CONFLICTS: facts.has_conflict,
        ItemFilter.UNUSED: facts.is_unused,
        ItemFilter.AGENTS: facts.is_agents,
        ItemFilter.CHANGED: facts.is_changed,
    }[only]


def voters_by_queue(
    holdings: Holdings, *, without: Collection[str] = ()
) -> Mapping[str, frozenset[str]]:
    """Return who may vote on each queue, by their public ids.

    That takes a voting role, and the grant there of their own or through any role.

    Args:
        holdings: All that stands.
        without: Keys of grants to look past, for what would remain without them.
    """
    grants = [one for one in holdings.grants if one.key not in without]
    roles = roles_by_person(grants)
    voting = [one for one in grants if one.code == QueueGrant.VOTE]
    by_queue: dict[str, set[str]] = {queue: set() for queue in holdings.queues}
    for one in voting:
        if one.kind is GrantKind.PERSON_QUEUE:
            by_queue[one.place_id].add(one.holder_id)
        elif one.kind is GrantKind.ROLE_QUEUE:
            holders = (person for person, held in roles.items() if one.holder_id in held)
            by_queue[one.place_id].update(holders)
    return {
        queue: frozenset(
            person
            for person in people
            if roles.get(person, frozenset()) & VOTING_ROLES and holdings.people[person].active
        )
        for queue, people in by_queue.items()
    }


def roles_by_person(grants: Iterable[HeldGrant]) -> Mapping[str, frozenset[str]]:
    """Return the codes of the roles that each person holds, by public id."""
    found: dict[str, set[str]] = {}
    for one in grants:
        if one.kind is GrantKind.ROLE:
            found.setdefault(one.holder_id, set()).add(one.code)
    return {person: frozenset(held) for person, held in found.items()}


def queues_left_without(holdings: Holdings, key: str) -> tuple[str, ...]:
    """Return the titles of the queues that would have nobody left who may vote, by title."""
    before = voters_by_queue(holdings)
    after = voters_by_queue(holdings, without=[key])
    left = [queue for queue, people in before.items() if people and not after[queue]]
    return tuple(sorted(holdings.queues[queue] for queue in left))


def queues_touched(holdings: Holdings, key: str) -> Mapping[str, frozenset[str]]:
    """Return who could still vote on each queue whose voters would become fewer, by title."""
    before = voters_by_queue(holdings)
    after = voters_by_queue(holdings, without=[key])
    return {
        holdings.queues[queue]: after[queue]
        for queue, people in before.items()
        if people != after[queue]
    }


def is_last_manager(holdings: Holdings, key: str) -> bool:
    """Return whether nobody would be left who manages access without a grant."""
    before, after = (
        _managers(holdings, [one for one in holdings.grants if one.key != gone])
        for gone in ("", key)
    )
    return bool(before) and not after


def _managers(holdings: Holdings, grants: Iterable[HeldGrant]) -> frozenset[str]:
    return frozenset(
        person
        for person, roles in roles_by_person(grants).items()
        if holdings.people[person].active
        and Capability.ACCESS_MANAGE in capabilities_of(Role(code) for code in roles)
    )
