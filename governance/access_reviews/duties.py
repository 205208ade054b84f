"""Duties that one person holds together and should not, or that a person has to judge; pure.

Most of these are refused at the act as well. That is no reason not to say that one person
holds both: a rule can be changed, and what nobody needs is better not given.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from governance.access.delegation import capabilities_in
from governance.access.rules import CAPABILITIES, capabilities_of
from governance.access.types import Capability, QueueGrant, Role
from governance.access_reviews.rules import roles_by_person, voters_by_queue
from governance.access_reviews.types import (
    Conflict,
    ConflictKind,
    GrantKind,
    Holdings,
    PersonHeld,
)

_WRITES = frozenset(
    {
        Capability.POLICY_EDIT,
        Capability.CUE_SHEET_EDIT,
        Capability.KNOWLEDGE_EDIT,
        Capability.TOOL_EDIT,
    }
)


@dataclass(frozen=True, slots=True)
class _Case:
    """One person, with all that the rules ask about them."""

    person: PersonHeld
    roles: frozenset[Role]
    queues: frozenset[str]
    holdings: Holdings

    @property
    def held(self) -> frozenset[Capability]:
        return capabilities_of(self.roles)

    def titles(self, queues: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(self.holdings.queues[queue] for queue in queues))

    def role_keys(self, *capabilities: Capability) -> frozenset[str]:
        """Return the keys of the person's roles that carry any of these; all without one."""
        return frozenset(
            one.key
            for one in self.holdings.grants
            if one.kind is GrantKind.ROLE
            and one.holder_id == self.person.id
            and (not capabilities or CAPABILITIES[Role(one.code)] & set(capabilities))
        )

    def vote_keys(self, queues: frozenset[str]) -> frozenset[str]:
        """Return the keys of what lets the person vote there: own grants, else the roles."""
        own = frozenset(
            one.key
            for one in self.holdings.grants
            if one.kind is GrantKind.PERSON_QUEUE
            and one.holder_id == self.person.id
            and one.code == QueueGrant.VOTE
            and one.place_id in queues
        )
        return own or self.role_keys(Capability.APPROVAL_VOTE)


def list_conflicts(holdings: Holdings) -> tuple[Conflict, ...]:
    """Return every conflict of duty among active people, by person.

    Args:
        holdings: All authority that stands.
    """
    roles = roles_by_person(holdings.grants)
    voters = voters_by_queue(holdings)
    found: list[Conflict] = []
    for person in sorted(holdings.people.values(), key=lambda one: (one.label, one.id)):
        if person.active:
            case = _Case(
                person=person,
                roles=frozenset(Role(code) for code in roles.get(person.id, ())),
                queues=frozenset(queue for queue, people in voters.items() if person.id in people),
                holdings=holdings,
            )
            found.extend(conflict for rule in _RULES for conflict in rule(case))
    return tuple(found)


def by_grant(conflicts: Iterable[Conflict]) -> Mapping[str, tuple[Conflict, ...]]:
    """Return the conflicts that are shown at each grant, by its key."""
    found: dict[str, list[Conflict]] = {}
    for one in conflicts:
        for key in one.keys:
            found.setdefault(key, []).append(one)
    return {key: tuple(held) for key, held in found.items()}


def count_people(conflicts: Iterable[Conflict]) -> Mapping[ConflictKind, int]:
    """Return how many people have each kind of conflict."""
    people = {(one.kind, one.person_id) for one in conflicts}
    return {kind: sum(held is kind for held, _person in people) for kind in ConflictKind}


def _rules_and_votes(case: _Case) -> Iterator[Conflict]:
    if case.queues and Capability.POLICY_EDIT in case.held:
        yield Conflict(
            kind=ConflictKind.RULES_AND_VOTES,
            person_id=case.person.id,
            places=case.titles(case.queues),
            keys=case.vote_keys(case.queues),
        )


def _agent_and_votes(case: _Case) -> Iterator[Conflict]:
    mine = [
        agent
        for agent in case.holdings.agents
        if agent.active and case.person.id in agent.answering_ids and agent.queue_ids & case.queues
    ]
    if mine:
        queues = frozenset[str]().union(*(agent.queue_ids for agent in mine)) & case.queues
        yield Conflict(
            kind=ConflictKind.AGENT_AND_VOTES,
            person_id=case.person.id,
            places=case.titles(queues),
            others=tuple(sorted(agent.name for agent in mine)),
            keys=case.vote_keys(queues),
        )


def _access_and_votes(case: _Case) -> Iterator[Conflict]:
    if case.queues and Capability.ACCESS_MANAGE in case.held:
        yield Conflict(
            kind=ConflictKind.ACCESS_AND_VOTES,
            person_id=case.person.id,
            places=case.titles(case.queues),
            keys=case.role_keys(Capability.ACCESS_MANAGE) | case.vote_keys(case.queues),
        )


def _access_and_review(case: _Case) -> Iterator[Conflict]:
    if case.held >= {Capability.ACCESS_MANAGE, Capability.ACCESS_REVIEW}:
        yield Conflict(
            kind=ConflictKind.ACCESS_AND_REVIEW,
            person_id=case.person.id,
            keys=case.role_keys(Capability.ACCESS_MANAGE, Capability.ACCESS_REVIEW),
        )


def _writes_and_publishes(case: _Case) -> Iterator[Conflict]:
    if case.held & _WRITES and Capability.CHANGE_PUBLISH in case.held:
        yield Conflict(
            kind=ConflictKind.WRITES_AND_PUBLISHES,
            person_id=case.person.id,
            keys=case.role_keys(Capability.CHANGE_PUBLISH),
        )


def _superuser(case: _Case) -> Iterator[Conflict]:
    if case.person.is_superuser:
        yield Conflict(kind=ConflictKind.SUPERUSER, person_id=case.person.id, keys=case.role_keys())


def _hands_on(case: _Case) -> Iterator[Conflict]:
    given = [one for one in case.holdings.delegations if one.giver_id == case.person.id]
    for held in case.holdings.delegations:
        if held.delegate_id != case.person.id:
            continue
        on = [one for one in given if capabilities_in(one.covers) & capabilities_in(held.covers)]
        people = case.holdings.people
        names = sorted(people[one.delegate_id].label for one in on if one.delegate_id in people)
        if names:
            yield Conflict(
                kind=ConflictKind.HANDS_ON,
                person_id=case.person.id,
                others=(held.giver_label, *names),
                keys=case.role_keys(*capabilities_in(held.covers)),
            )


_RULES: tuple[Callable[[_Case], Iterator[Conflict]], ...] = (
    _rules_and_votes,
    _agent_and_votes,
    _access_and_votes,
    _access_and_review,
    _writes_and_publishes,
    _superuser,
    _hands_on,
)
