"""Who may vote, what a vote must carry, and when the votes suffice; pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from governance.access import rules as access
from governance.access.types import Authority, Capability, StepUpProof
from governance.approvals.types import (
    ApprovalState,
    Ballot,
    CastVote,
    Standing,
    Verdict,
    VoteChoice,
)
from orchestra.core.canonical import digest
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotPermittedError

VIEW_DOMAIN = "orchestra.view.v1"
FINAL = frozenset(ApprovalState) - {ApprovalState.PENDING, ApprovalState.GRANTED}

YOU_ASKED = "You asked for it."
YOU_EDITED = "You edited it last."
YOU_OWN_THE_AGENT = "You own the agent that asks."
THE_AGENT_ACTS_FOR_YOU = "The agent that asks acts for you."
_STANDS_IN_FOR_REQUESTER = (
    "{name} asked for it and let you act in their place; you may not vote on it."
)
STANDS_IN_FOR_BARRED = (
    "Somebody who may not vote on it let you act in their place; so you may not either."
)

MAY_VOTE = Verdict(allowed=True, code="approval.may_vote")

_ENDED: Mapping[ApprovalState, str] = MappingProxyType(
    {
        ApprovalState.GRANTED: "It was already approved.",
        ApprovalState.REJECTED: "It was already rejected.",
        ApprovalState.EXPIRED: "It expired without a decision; nothing ran.",
        ApprovalState.VOIDED: "It was voided; nothing ran.",
        ApprovalState.USED: "It was already approved, and what it allowed was started.",
    }
)
_ENDED_CODES = frozenset({"approval.ended", "approval.expired"})


def view_digest(view: Mapping[str, Any]) -> str:
    """Return the digest that binds what the approver is shown."""
    return digest(VIEW_DOMAIN, dict(view))


def name_stand_ins(
    *, given: Iterable[tuple[str, str]], requester_id: str, requester_label: str
) -> dict[str, str]:
    """Return who was let vote in the place of somebody who may not, and the sentence on it.

    Args:
        given: Public ids of giver and delegate, for the people who may not vote.
        requester_id: Public id of whoever asked.
        requester_label: Their name.
    """
    found: dict[str, str] = {}
    for giver, delegate in given:
        if giver == requester_id:
            found[delegate] = _STANDS_IN_FOR_REQUESTER.format(name=requester_label)
        else:
            found.setdefault(delegate, STANDS_IN_FOR_BARRED)
    return found


def may_vote(
    *,
    standing: Standing,
    authority: Authority,
    now: datetime,
    choice: VoteChoice = VoteChoice.APPROVE,
) -> Verdict:
    """Return whether a person may vote on a request, and in one sentence why not.

    The one answer for the page, the API and commands. Superusers are not excepted. Whether
    another role is needed is asked of an approving vote only: whoever may vote may refuse.

    Args:
        standing: The request with the votes cast so far.
        authority: What the voter holds.
        now: The moment of the question.
        choice: What the voter would say.
    """
    for refusal in (
        _refuse_state(standing, now),
        _refuse_principal(authority),
        _refuse_interest(standing, authority),
        _refuse_authority(standing, authority),
        _refuse_repeat(standing, authority, choice),
    ):
        if refusal is not None:
            return refusal
    return MAY_VOTE


def _no(code: str, sentence: str) -> Verdict:
    return Verdict(allowed=False, code=code, sentence=sentence)


def _refuse_state(standing: Standing, now: datetime) -> Verdict | None:
    if standing.state is not ApprovalState.PENDING:
        return _no("approval.ended", _ENDED[standing.state])
    if now >= standing.deadline_at:
        return _no("approval.expired", "Its deadline has passed; nothing ran.")
    return None


def _refuse_principal(authority: Authority) -> Verdict | None:
    if not authority.actor.is_human:
        return _no("approval.not_a_person", "Only a person may vote, never an AI or the system.")
    if not authority.active:
        return _no("access.disabled", "Your access is disabled.")
    if Capability.APPROVAL_VOTE in authority.withheld:
        return _no("access.second_factor_required", access.NEEDS_FACTOR)
    return None


def _refuse_interest(standing: Standing, authority: Authority) -> Verdict | None:
    voter = authority.actor.id
    if voter == standing.requester_id:
        return _no("approval.own_request", YOU_ASKED)
    if voter in standing.barred:
        return _no("approval.barred", standing.barred[voter])
    if voter in standing.stand_ins:
        return _no("approval.stands_in", standing.stand_ins[voter])
    return None


def _refuse_authority(standing: Standing, authority: Authority) -> Verdict | None:
    capability = Capability.APPROVAL_VOTE
    if capability not in access.capabilities_of(authority.roles):
        return _no("approval.not_your_role", "Your role does not vote on approvals.")
    if not access.may(authority, capability, standing.queue_id):
        return _no("approval.not_your_queue", "It is not in a queue that you approve for.")
    if not usable_roles(standing, authority):
        return _no("approval.other_role", f"It needs the vote of {_list_roles(standing.roles)}.")
    return None


def _refuse_repeat(standing: Standing, authority: Authority, choice: VoteChoice) -> Verdict | None:
    if any(vote.voter_id == authority.actor.id for vote in standing.votes):
        return _no(
            "approval.already_voted", "You already voted; the next vote needs another person."
        )
    if choice is VoteChoice.REJECT or not standing.distinct_roles:
        return None
    cast = _approving(standing.votes)
    mine = _as_vote(standing, authority, VoteChoice.APPROVE)
    if count_roles([*cast, mine]) > count_roles(cast):
        return None
    return _no("approval.other_role", "The next vote needs another role than yours.")


def _list_roles(roles: Iterable[str]) -> str:
    return " or ".join(f"a {role.replace('_', ' ')}" for role in sorted(roles))


def usable_roles(standing: Standing, authority: Authority) -> frozenset[str]:
    """Return the voter's roles that count for a request."""
    voting = frozenset(str(role) for role in authority.roles & access.VOTING_ROLES)
    return voting & standing.roles if standing.roles else voting


def _as_vote(standing: Standing, authority: Authority, choice: VoteChoice) -> CastVote:
    return CastVote(
        voter_id=authority.actor.id, choice=choice, roles=usable_roles(standing, authority)
    )


def with_vote(*, standing: Standing, authority: Authority, choice: VoteChoice) -> Standing:
    """Return how a request stands with one more vote."""
    return replace(standing, votes=(*standing.votes, _as_vote(standing, authority, choice)))


def _approving(votes: Iterable[CastVote]) -> list[CastVote]:
    return [vote for vote in votes if vote.choice is VoteChoice.APPROVE and vote.counts]


def count_roles(votes: Sequence[CastVote]) -> int:
    """Return how many votes can each stand for a role of its own.

    A maximum matching of votes to roles: a person with two roles fills whichever of them
    nobody else can.
    """
    taken: dict[str, int] = {}

    def place(index: int, tried: set[str]) -> bool:
        for role in sorted(votes[index].roles - tried):
            tried.add(role)
            if role not in taken or place(taken[role], tried):
                taken[role] = index
                return True
        return False

    return sum(place(index, set()) for index in range(len(votes)))


def tally(standing: Standing) -> ApprovalState:
    """Return the state that the votes cast lead to.

    One refusal is final. Enough approvals grant, each person counted once and, where
    distinct roles are asked, each role once.
    """
    if standing.state is not ApprovalState.PENDING:
        return standing.state
    if any(vote.choice is VoteChoice.REJECT for vote in standing.votes):
        return ApprovalState.REJECTED
    if has_quorum(standing):
        return ApprovalState.GRANTED
    return ApprovalState.PENDING


def has_quorum(standing: Standing) -> bool:
    """Return whether the approving votes suffice."""
    people = {vote.voter_id: vote for vote in _approving(standing.votes)}
    votes = list(people.values())
    count = count_roles(votes) if standing.distinct_roles else len(votes)
    return count >= standing.votes_needed


def still_eligible(*, standing: Standing, authorities: Mapping[str, Authority]) -> Standing:
    """Return how a granted request stands with only the votes of people still eligible.

    Args:
        standing: The request with all its votes.
        authorities: Public id of each voter to what they hold now.
    """
    votes = []
    for vote in standing.votes:
        authority = authorities.get(vote.voter_id)
        if authority is None or _is_ineligible(standing, authority):
            continue
        # Only a role held at the vote and now still counts.
        roles = vote.roles & usable_roles(standing, authority)
        if roles:
            votes.append(replace(vote, roles=roles))
    return replace(standing, votes=tuple(votes))


def lost_voters(
    *, standing: Standing, authorities: Mapping[str, Authority], among: Collection[str]
) -> frozenset[str]:
    """Return whose votes count so far and no longer may.

    Args:
        standing: The request with all its votes.
        authorities: Public id of each voter to what they hold now.
        among: Public ids of the people to ask about.
    """
    kept = {
        one.voter_id for one in still_eligible(standing=standing, authorities=authorities).votes
    }
    return frozenset(
        vote.voter_id
        for vote in standing.votes
        if vote.counts and vote.voter_id in among and vote.voter_id not in kept
    )


def may_hold(*, standing: Standing, authority: Authority) -> bool:
    """Return whether a person may go on holding a request to vote on it."""
    return not _is_ineligible(standing, authority)


def _is_ineligible(standing: Standing, authority: Authority) -> bool:
    return any(
        (
            _refuse_principal(authority),
            _refuse_interest(standing, authority),
            _refuse_authority(standing, authority),
        )
    )


def check_verdict(verdict: Verdict, *, state: ApprovalState) -> None:
    """Raise what a verdict that refuses means.

    Raises:
        ConflictError: The request has ended or its deadline has passed.
        NotPermittedError: This person may not vote on it.
    """
    if verdict.allowed:
        return
    if verdict.code in _ENDED_CODES:
        raise ConflictError(verdict.sentence, code=verdict.code, data={"state": str(state)})
    raise NotPermittedError(verdict.sentence, code=verdict.code)


def check_ballot(*, standing: Standing, ballot: Ballot) -> None:
    """Refuse a ballot that answers something else, or a refusal without a reason.

    Raises:
        ConflictError: Code ``approval.stale``, with the digests answered and those that stand.
        InvalidInputError: A rejection carries no reason.
    """
    answered = (ballot.action_digest, ballot.view_digest)
    if answered != (standing.action_digest, standing.view_digest):
        what = "action" if ballot.action_digest != standing.action_digest else "page"
        raise ConflictError(
            f"Your vote answered another version of this {what}, so it was refused and nothing "
            "ran. Look again at what stands now and vote on that.",
            code="approval.stale",
            data={
                "answered": {"action": ballot.action_digest, "view": ballot.view_digest},
                "stands": {"action": standing.action_digest, "view": standing.view_digest},
            },
            errors=[
                FieldError(name, "stale", f"{name} is {stands} now; read what it stands for first.")
                for name, given, stands in (
                    ("digest", ballot.action_digest, standing.action_digest),
                    ("view_digest", ballot.view_digest, standing.view_digest),
                )
                if given != stands
            ],
        )
    if ballot.choice is VoteChoice.REJECT and (missing := _missing_reason(ballot)):
        raise InvalidInputError(missing[0].message, errors=missing)


def _missing_reason(ballot: Ballot) -> list[FieldError]:
    missing = []
    if not ballot.reason.strip():
        message = "Say why you reject it; the reason is kept and told to whoever asked."
        missing.append(FieldError("reason", "required", message))
    if ballot.reason_code is None:
        message = "Choose which kind of reason it is; whoever asked is told what to do instead."
        missing.append(FieldError("reason_code", "required", message))
    return missing


def check_step_up(
    *,
    standing: Standing,
    proof: StepUpProof | None,
    now: datetime,
    valid_seconds: float,
    is_test_allowed: bool,
) -> None:
    """Refuse a vote without a fresh proof of who votes, where the request asks for one.

    Args:
        standing: The request.
        proof: What the voter showed, if anything.
        now: The moment of the vote.
        valid_seconds: How old a proof may be.
        is_test_allowed: Whether the method ``test`` counts; never in production.

    Raises:
        NotPermittedError: Code ``approval.step_up_required``.
    """
    if not standing.step_up or access.is_fresh(
        proof, now=now, valid_seconds=valid_seconds, is_test_allowed=is_test_allowed
    ):
        return
    raise NotPermittedError(
        "Prove again who you are, then vote.",
        code="approval.step_up_required",
        data={"valid_seconds": valid_seconds},
    )
