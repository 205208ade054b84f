"""People, requests and what must hold of them after each act: what the machine stands on."""

from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine, invariant

from governance.access.models import Delegation, Queue, User
from governance.access.types import QueueGrant
from governance.approvals import rules, services
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.selectors import view_of
from governance.ledger.models import LedgerEntry
from governance.policies.types import RiskLevel
from orchestra.core.errors import OrchestraError
from tests.factories.access import make_person, make_queue
from tests.factories.approvals import RECORDER, make_draft, register_recorder
from tests.governance.approvals.life_model import CAST, NEXT_ROLES, Asked, Model


class Stage:
    """The people and their queue: made once, put back after each run by undoing it."""

    queue: ClassVar[Queue]
    people: ClassVar[dict[str, User]]
    length: ClassVar[int] = 0
    runs: ClassVar[int] = 0
    steps: ClassVar[int] = 0
    done: ClassVar[Counter[str]] = Counter()

    @classmethod
    def set_up(cls, *, length: int) -> None:
        cls.queue = make_queue("returns", next_roles=list(NEXT_ROLES))
        cls.people = {
            name: make_person(roles=held, grants={cls.queue: [QueueGrant.VOTE]})
            for name, held in CAST.items()
        }
        cls.length, cls.runs, cls.steps, cls.done = length, 0, 0, Counter()


class LifeBase(RuleBasedStateMachine):
    """One run: the rows, the model, and the invariants that hold both together."""

    def __init__(self) -> None:
        super().__init__()
        # Each run is undone by itself: the surrounding test undoes only the last state.
        self.undo = transaction.atomic()
        self.undo.__enter__()
        register_recorder()
        self.model = Model()
        self.rows: list[ApprovalRequest] = []
        self.delegations: list[Delegation] = []
        self.last_entry = LedgerEntry.objects.order_by("-pk").values_list("pk", flat=True).first()
        self.seen_entries = 0
        self.steps = 0

    def teardown(self) -> None:
        # A run that was cut short is none.
        if self.steps >= Stage.length:
            Stage.runs += 1
            Stage.steps += self.steps
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    # What the acts have in common.

    def expect(self, act: Callable[[], object], *, allowed: bool, name: str) -> bool:
        """Run an act that the model allows or refuses; return whether it was done."""
        Stage.done[f"{name} {'done' if allowed else 'refused'}"] += 1
        if allowed:
            act()
            return True
        with pytest.raises(OrchestraError):
            act()
        return False

    def pick(self, place: int) -> tuple[Asked, ApprovalRequest]:
        at = self.place(place)
        return self.model.requests[at], self.rows[at]

    def place(self, number: int) -> int:
        still = [at for at, one in enumerate(self.model.requests) if one.is_open]
        if number % 4 and still:
            return still[number // 4 % len(still)]
        return number // 4 % len(self.rows)

    def act_of(self, name: str, row: ApprovalRequest) -> dict[str, Any]:
        return {
            "actor": Stage.people[name].as_actor(),
            "now": self.model.now,
            "request_id": row.public_id,
        }

    def ask(self, asked: Asked) -> None:
        person = Stage.people.get(asked.requester)
        shape: dict[str, Any] = {
            "votes_needed": asked.needed,
            "distinct_roles": asked.distinct,
            "roles": tuple(asked.roles),
            "risk": RiskLevel.MEDIUM,
            "tool": "modify_user_address",
            "rule": "caution@1:low_confidence" if asked.equal else "",
            "deadline_at": asked.deadline,
            "barred": {
                str(Stage.people[name].public_id): rules.YOU_OWN_THE_AGENT for name in asked.barred
            },
            **({"requester": person.as_actor()} if person else {}),
        }
        draft = make_draft(Stage.queue, **shape)
        row = services.request_approval(actor=draft.requester, now=self.model.now, draft=draft)
        self.rows.append(row)
        self.model.requests.append(asked)
        self.model.entries.append("approval.requested")

    def shape(self, needed: int, roles: frozenset[str], by: str, barred: frozenset[str]) -> Asked:
        return Asked(
            needed=needed,
            distinct=needed > 1 and len(roles) != 1,
            roles=roles,
            equal=needed == 1,
            requester=by,
            barred=barred | ({"olga"} if by == "agent" else {by}),
            at=self.model.now,
        )

    # What must hold after each of them.

    @invariant()
    def rows_stand_as_the_model_says(self) -> None:
        self.steps += 1
        pks = {person.pk: name for name, person in Stage.people.items()}
        found = ApprovalRequest.objects.order_by("pk")
        assert len(found) == len(self.model.requests)
        for row, first, asked in zip(found, self.rows, self.model.requests, strict=True):
            assert row.state == asked.state
            assert row.execute_by_at == asked.execute_by
            assert row.deadline_at == asked.deadline
            assert (row.reminded, row.escalated) == (asked.reminded, asked.escalated)
            assert set(row.roles) == asked.roles
            assert set(row.escalated_roles) == asked.asked_too
            holder = asked.claimed[0] if asked.claimed else None
            assert pks.get(row.claimed_by_id) == holder
            assert pks.get(row.handed_to_id) == (asked.handed[0] if asked.handed else None)
            assert row.action_digest == first.action_digest
            assert rules.view_digest(view_of(row)) == row.view_digest == first.view_digest

    @invariant()
    def votes_are_of_people_who_may_and_answer_what_stands(self) -> None:
        pks = {person.pk: name for name, person in Stage.people.items()}
        digests = {row.pk: (row.action_digest, row.view_digest) for row in self.rows}
        expected = {
            (row.pk, name, "approve", tuple(sorted(roles)))
            for row, asked in zip(self.rows, self.model.requests, strict=True)
            for name, roles in asked.votes.items()
        }
        votes = list(ApprovalVote.objects.all())
        cast = {
            (one.request_id, pks[one.voter_id], str(one.choice), tuple(one.roles))
            for one in votes
            if one.choice == "approve"
        }
        assert cast == expected
        for one in votes:
            asked = self.model.requests[[row.pk for row in self.rows].index(one.request_id)]
            assert pks[one.voter_id] not in asked.barred | {asked.requester}
            assert (one.action_digest, one.view_digest) == digests[one.request_id]
        assert len({(one.request_id, one.voter_id) for one in votes}) == len(votes)

    @invariant()
    def every_transition_has_one_entry_and_is_told_once(self) -> None:
        kinds = LedgerEntry.objects.filter(pk__gt=self.last_entry or 0).order_by("pk")
        new = list(kinds.values_list("pk", "kind", "actor_kind"))
        expected = self.model.entries[self.seen_entries :]
        assert Counter(kind for _pk, kind, _actor in new) == Counter(expected)
        by_nobody = {"granted", "rejected", "expired", "used", "reminded", "escalated"}
        assert {actor for _pk, kind, actor in new if kind.split(".")[1] in by_nobody} <= {"system"}
        self.seen_entries = len(self.model.entries)
        self.last_entry = new[-1][0] if new else self.last_entry
        at = {row.pk: place for place, row in enumerate(self.rows)}
        told = [(at[pk], state) for pk, state in RECORDER.decided]
        assert sorted(told) == sorted(self.model.told)

    @invariant()
    def nothing_runs_twice_or_unapproved(self) -> None:
        for place, asked in enumerate(self.model.requests):
            told = [state for at, state in self.model.told if at == place]
            assert told.count("granted") <= 1
            if asked.state == "used":
                assert told == ["granted"]
            if "expired" in told and "granted" not in told:
                assert asked.state == "expired"
