"""Who may review a change, what a vote must carry, and when a change may be published; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from governance.access import rules as access
from governance.access.delegation import stands_after
from governance.access.types import Authority, Capability, Delegation, Role
from governance.reviews.rules import is_expired
from governance.reviews.types import (
    Ballot,
    ChangeState,
    GivenReview,
    Quorum,
    ReviewChoice,
    Standing,
    Verdict,
)
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotPermittedError

YOU_WROTE = "You wrote this; you may not vote on it."
YOU_EDITED = "You edited this last; you may not vote on it."
MAY_REVIEW = Verdict(allowed=True, code="change.may_review")
MAY_PUBLISH = Verdict(allowed=True, code="change.may_publish")

_S = ChangeState
_STANDS: Mapping[ChangeState, str] = MappingProxyType(
    {
        _S.DRAFT: "it is a draft",
        _S.SUBMITTED: "it is in review",
        _S.CHANGES_ASKED: "changes were asked for",
        _S.APPROVED: "it is approved",
        _S.SCHEDULED: "it is approved, and its time is planned",
        _S.PUBLISHED: "it is in force",
        _S.RETIRED: "it was in force and is no longer",
        _S.ROLLED_BACK: "it was rolled back",
        _S.WITHDRAWN: "it was withdrawn",
        _S.REFUSED: "it was refused",
        _S.EXPIRED: "it lapsed",
    }
)
_APPROVED = frozenset({_S.APPROVED, _S.SCHEDULED})
#: The states in which each choice may be made; refusing is possible while it is under review.
_OPEN_TO: Mapping[ReviewChoice, frozenset[ChangeState]] = MappingProxyType(
    {
        ReviewChoice.APPROVE: frozenset({_S.SUBMITTED}),
        ReviewChoice.ASK_FOR_CHANGES: frozenset({_S.SUBMITTED}) | _APPROVED,
        ReviewChoice.REFUSE: frozenset({_S.SUBMITTED, _S.CHANGES_ASKED}) | _APPROVED,
    }
)
_NEEDS_REASON: Mapping[ReviewChoice, str] = MappingProxyType(
    {
        ReviewChoice.ASK_FOR_CHANGES: (
            "Say what has to change; the reason is kept and told to the author."
        ),
        ReviewChoice.REFUSE: "Say why it is refused; the reason is kept and told to the author.",
    }
)


def name_delegates(
    *,
    author_id: str,
    editor_id: str,
    opened_at: datetime,
    delegations: Iterable[Delegation] = (),
) -> dict[str, str]:
    """Return who was let act in the place of whoever wrote a change, and the sentence on it.

    Whatever was handed over counts, and from the day the change was opened: otherwise a
    colleague would be given the pen, write, and vote once the delegation is ended.

    Args:
        author_id: Public id of whoever opened it.
        editor_id: Public id of whoever saved it last.
        opened_at: When it was opened.
        delegations: What these two, and perhaps others, handed over.
    """
    writers = {author_id, editor_id}
    return {
        one.delegate_id: (
            f"{one.giver_label} wrote this and let you act in their place; you may not vote on it."
        )
        for one in delegations
        if one.giver_id in writers and stands_after(one, opened_at)
    }


def barred_people(
    *, author_id: str, editor_id: str, delegates: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """Return who may not review a change, and why.

    Args:
        author_id: Public id of whoever opened it.
        editor_id: Public id of whoever saved it last.
        delegates: Public id of each person whom either of them let act in their place, to
            the sentence that says so.
    """
    return {**delegates, editor_id: YOU_EDITED, author_id: YOU_WROTE}


def may_review(
    *,
    standing: Standing,
    authority: Authority,
    now: datetime,
    choice: ReviewChoice = ReviewChoice.APPROVE,
) -> Verdict:
    """Return whether a person may review a change, and in one sentence why not.

    The one answer for pages, API and commands. Superusers are not excepted. Asking for
    changes and refusing are possible until it is published; approving only while votes are
    missing.
    """
    for refusal in (
        _refuse_state(standing, now, choice),
        _refuse_principal(authority),
        _refuse_interest(standing, authority),
        _refuse_role(standing, authority),
        _refuse_repeat(standing, authority, choice),
        _refuse_rehearsal(standing) if choice is ReviewChoice.APPROVE else None,
    ):
        if refusal is not None:
            return refusal
    return MAY_REVIEW


def _no(code: str, sentence: str) -> Verdict:
    return Verdict(allowed=False, code=code, sentence=sentence)


def _refuse_state(standing: Standing, now: datetime, choice: ReviewChoice) -> Verdict | None:
    if standing.state not in _OPEN_TO[choice]:
        words = _STANDS[standing.state]
        return _no("change.state", f"There is nothing to vote on: {words}.")
    if is_expired(standing, now):
        return _no("change.expired", "Its time for review is over; nothing was published.")
    return None


def _refuse_principal(authority: Authority) -> Verdict | None:
    if not authority.actor.is_human:
        return _no("change.not_a_person", "Only a person may review, never an AI or the system.")
    if not authority.active:
        return _no("access.disabled", "Your access is disabled.")
    if Capability.CHANGE_REVIEW in authority.withheld:
        return _no("access.second_factor_required", access.NEEDS_FACTOR)
    return None


def _refuse_interest(standing: Standing, authority: Authority) -> Verdict | None:
    sentence = standing.barred.get(authority.actor.id)
    return _no("change.own", sentence) if sentence is not None else None


def _refuse_role(standing: Standing, authority: Authority) -> Verdict | None:
    if not access.may(authority, Capability.CHANGE_REVIEW):
        return _no("change.not_your_role", "Your role does not review changes.")
    if not access.may_on(authority, Capability.CHANGE_REVIEW, standing.kind, standing.document_key):
        return _no("change.not_your_document", "You review only the documents granted to you.")
    if not usable_roles(standing.quorum, authority):
        names = " or ".join(sorted(role.replace("_", " ") for role in standing.quorum.roles))
        return _no("change.other_role", f"It needs the vote of one of these roles: {names}.")
    return None


def _refuse_repeat(
    standing: Standing, authority: Authority, choice: ReviewChoice
) -> Verdict | None:
    mine = [one for one in standing.reviews if one.reviewer_id == authority.actor.id]
    if any(one.choice is choice for one in mine):
        return _no("change.already_reviewed", "You already voted on this text.")
    if choice is not ReviewChoice.APPROVE or not standing.quorum.distinct_roles:
        return None
    given = _approving(standing.reviews)
    new = GivenReview(authority.actor.id, choice, usable_roles(standing.quorum, authority))
    if count_roles([*given, new]) > count_roles(given):
        return None
    return _no("change.other_role", "The next vote needs another role than yours.")


def _refuse_rehearsal(standing: Standing) -> Verdict | None:
    if standing.rehearsal_digest == standing.digest:
        return None
    if not standing.rehearsal_digest:
        sentence = "Not rehearsed yet. Voting opens when it is."
        return _no("change.not_rehearsed", sentence) if standing.needs_rehearsal else None
    return _no(
        "change.rehearsal_stale",
        "Rehearsal and text do not belong together. Rehearse the text as it stands now.",
    )


def usable_roles(quorum: Quorum, authority: Authority) -> frozenset[Role]:
    """Return the reviewer's roles that count."""
    held = {r for r in authority.roles if Capability.CHANGE_REVIEW in access.CAPABILITIES[r]}
    return frozenset(held) & quorum.roles


def _approving(reviews: Iterable[GivenReview]) -> list[GivenReview]:
    return [one for one in reviews if one.choice is ReviewChoice.APPROVE]


def count_roles(reviews: Sequence[GivenReview]) -> int:
    """Return how many reviews can each stand for a role of its own (a maximum matching)."""
    taken: dict[Role, int] = {}

    def place(index: int, tried: set[Role]) -> bool:
        for role in sorted(reviews[index].roles - tried):
            tried.add(role)
            if role not in taken or place(taken[role], tried):
                taken[role] = index
                return True
        return False

    return sum(place(index, set()) for index in range(len(reviews)))


def with_review(*, standing: Standing, authority: Authority, choice: ReviewChoice) -> Standing:
    """Return how a change stands with one more review; a person's later one replaces theirs."""
    person = authority.actor.id
    others = tuple(one for one in standing.reviews if one.reviewer_id != person)
    new = GivenReview(person, choice, usable_roles(standing.quorum, authority))
    return replace(standing, reviews=(*others, new))


def count_votes(standing: Standing) -> int:
    """Return how many of the votes needed stand."""
    given = _approving(standing.reviews)
    return count_roles(given) if standing.quorum.distinct_roles else len(given)


def has_quorum(standing: Standing) -> bool:
    """Return whether the approvals suffice and nobody asks for changes or refused it."""
    refused = any(one.choice is not ReviewChoice.APPROVE for one in standing.reviews)
    return not refused and count_votes(standing) >= standing.quorum.votes


def still_eligible(*, standing: Standing, authorities: Mapping[str, Authority]) -> Standing:
    """Return how a change stands with only the approvals of people still eligible.

    Args:
        standing: The change with all its reviews.
        authorities: Public id of each reviewer to what they hold now.
    """
    kept = []
    for one in standing.reviews:
        authority = authorities.get(one.reviewer_id)
        if authority is None or _refuse_principal(authority) or _refuse_role(standing, authority):
            continue
        # Only a role held at the vote and now still counts.
        roles = one.roles & usable_roles(standing.quorum, authority)
        if roles and one.reviewer_id not in standing.barred:
            kept.append(replace(one, roles=roles))
    return replace(standing, reviews=tuple(kept))


def may_publish(*, standing: Standing, present_digest: str, now: datetime) -> Verdict:
    """Return whether a change may become the version in force, and why not.

    Args:
        standing: The change with only the approvals of people still eligible.
        present_digest: Digest of the version in force now; empty for none.
        now: The moment of publishing.
    """
    if standing.state not in _APPROVED:
        words = _STANDS[standing.state]
        return _no("change.state", f"Only what is approved is published: {words}.")
    if is_expired(standing, now):
        return _no("change.expired", "Its time for review is over; nothing was published.")
    if present_digest != standing.base_digest:
        return _no(
            "change.base_moved",
            "Another version came into force since this was written, so what was approved is "
            "not what would change. Put it on the version in force and submit it again.",
        )
    if not has_quorum(standing):
        return _no(
            "change.no_quorum",
            "Somebody who approved it may no longer do so; it needs another vote.",
        )
    return _refuse_rehearsal(standing) or MAY_PUBLISH


def check_ballot(*, standing: Standing, ballot: Ballot, choice: ReviewChoice) -> None:
    """Refuse a ballot that answers another text, or a refusal without a reason.

    Raises:
        ConflictError: Code ``change.stale``, with the digest answered and the one that stands.
        InvalidInputError: Changes are asked for, or it is refused, without a reason.
    """
    if ballot.digest != standing.digest:
        raise ConflictError(
            "Your vote answered another text of this change, so it was refused. Look again at "
            "what stands now and vote on that.",
            code="change.stale",
            data={"answered": ballot.digest, "stands": standing.digest},
        )
    if choice is not ReviewChoice.APPROVE and not ballot.reason.strip():
        message = _NEEDS_REASON[choice]
        raise InvalidInputError(message, errors=[FieldError("reason", "required", message)])


def check_step_up(
    *,
    standing: Standing,
    ballot: Ballot,
    now: datetime,
    valid_seconds: float,
    is_test_allowed: bool,
) -> None:
    """Refuse a vote without a fresh proof of who votes, where the risk asks for one.

    Raises:
        NotPermittedError: Code ``change.step_up_required``.
    """
    if not standing.quorum.step_up or access.is_fresh(
        ballot.proof, now=now, valid_seconds=valid_seconds, is_test_allowed=is_test_allowed
    ):
        return
    raise NotPermittedError(
        "Prove again who you are, then vote.",
        code="change.step_up_required",
        data={"valid_seconds": valid_seconds},
    )
