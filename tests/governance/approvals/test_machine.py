"""The life of a request against a small model of it, act by act."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from governance.access.models import User
from governance.access.types import QueueGrant, Role
from governance.approvals import rules, services
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.types import ApprovalState, VoteChoice
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import system
from orchestra.core.errors import ConflictError, NotPermittedError, OrchestraError
from tests.factories.access import make_person, make_queue
from tests.factories.approvals import (
    ASKED_AT,
    DEADLINE_AT,
    RECORDER,
    make_ballot,
    make_request,
    register_recorder,
)

#: Who there is: name, roles, and whether they are barred from this request.
CAST = (
    ("anna", {Role.SUPERVISOR}, False),
    ("bela", {Role.SUPERVISOR}, False),
    ("cora", {Role.COMPLIANCE_OFFICER}, False),
    ("dina", {Role.SUPERVISOR, Role.SPECIALIST}, False),
    ("olga", {Role.SUPERVISOR}, True),
)
names = st.sampled_from([name for name, _roles, _barred in CAST])
EXECUTE_WITHIN = timedelta(minutes=10)
EXECUTOR = system("executor")


@dataclass
class Model:
    """What must be true of the request."""

    needed: int
    distinct: bool
    now: datetime = ASKED_AT
    state: str = "pending"
    execute_by: datetime | None = None
    approvals: list[str] = field(default_factory=list)
    rejected_by: str = ""
    enabled: set[str] = field(default_factory=lambda: {name for name, _r, _b in CAST})
    told: list[str] = field(default_factory=list)

    def roles(self, name: str) -> frozenset[str]:
        return frozenset(str(role) for who, held, _b in CAST if who == name for role in held)

    def _match(self, choices: list[frozenset[str]]) -> int:
        """The most people who can each stand for a role of their own, by trying."""
        if not choices:
            return 0
        head, rest = choices[0], choices[1:]
        return max(
            self._match(rest),
            *(1 + self._match([one - {role} for one in rest]) for role in head),
            0,
        )

    def count(self, names: list[str]) -> int:
        return self._match([self.roles(name) for name in names]) if self.distinct else len(names)

    def refusal(self, name: str, choice: VoteChoice) -> type[OrchestraError] | None:
        if name not in self.enabled:
            return OrchestraError
        if self.state != "pending" or self.now >= DEADLINE_AT:
            return ConflictError
        if name == "olga" or name in self.approvals:
            return NotPermittedError
        more = [*self.approvals, name]
        if choice is VoteChoice.APPROVE and self.count(more) == self.count(self.approvals):
            return NotPermittedError
        return None

    def end(self, state: str) -> None:
        self.state = state
        if state != "used":
            self.told.append(state)


class ApprovalMachine(RuleBasedStateMachine):
    """Votes, time, withdrawals of authority and executions in any order."""

    def __init__(self) -> None:
        super().__init__()
        # Each example is undone by itself: the surrounding test undoes only the last state.
        self.undo = transaction.atomic()
        self.undo.__enter__()
        register_recorder()
        queue = make_queue()
        self.people: dict[str, User] = {
            name: make_person(roles=roles, grants={queue: [QueueGrant.VOTE]})
            for name, roles, _barred in CAST
        }
        self.queue = queue

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @initialize(needed=st.integers(1, 3), distinct=st.booleans())
    def ask(self, needed: int, distinct: bool) -> None:
        self.model = Model(needed=needed, distinct=distinct)
        self.request = make_request(
            self.queue,
            votes_needed=needed,
            distinct_roles=distinct,
            barred={str(self.people["olga"].public_id): rules.YOU_OWN_THE_AGENT},
        )

    @rule(name=names, choice=st.sampled_from([VoteChoice.APPROVE] * 3 + [VoteChoice.REJECT]))
    def vote(self, name: str, choice: VoteChoice) -> None:
        expected = self.model.refusal(name, choice)
        if expected is not None:
            with pytest.raises(expected):
                self.cast(name, choice)
            return
        self.cast(name, choice)
        if choice is VoteChoice.REJECT:
            self.model.rejected_by = name
            self.model.end("rejected")
            return
        self.model.approvals.append(name)
        if self.model.count(self.model.approvals) >= self.model.needed:
            self.model.execute_by = self.model.now + EXECUTE_WITHIN
            self.model.end("granted")

    def cast(self, name: str, choice: VoteChoice, **changes: str) -> None:
        services.cast_vote(
            actor=self.people[name].as_actor(),
            now=self.model.now,
            request_id=self.request.public_id,
            ballot=make_ballot(self.request, choice, **changes),
        )

    @rule(name=names, part=st.sampled_from(["action_digest", "view_digest"]))
    def vote_on_something_else(self, name: str, part: str) -> None:
        with pytest.raises(OrchestraError):
            self.cast(name, VoteChoice.APPROVE, **{part: "5" * 64})

    @rule(minutes=st.sampled_from([1, 5, 11, 40]))
    def wait(self, minutes: int) -> None:
        self.model.now += timedelta(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        model = self.model
        is_late = model.state == "pending" and model.now >= DEADLINE_AT
        is_unused = (
            model.state == "granted"
            and model.execute_by is not None
            and model.now >= model.execute_by
        )
        ended = services.expire_due(now=model.now, batch=10)
        assert ended == int(is_late or is_unused)
        if ended:
            model.end("expired")

    @rule()
    def use(self) -> None:
        model = self.model
        counted = [name for name in model.approvals if name in model.enabled]
        may_use = (
            model.state == "granted"
            and model.execute_by is not None
            and model.now < model.execute_by
            and model.count(counted) >= model.needed
        )
        act = {"actor": EXECUTOR, "now": model.now, "request_pk": self.request.pk}
        if may_use:
            services.use_grant(**act)
            model.end("used")
        else:
            with pytest.raises(OrchestraError):
                services.use_grant(**act)

    @precondition(lambda self: self.model.now > ASKED_AT)
    @rule()
    def void(self) -> None:
        act = {
            "actor": EXECUTOR,
            "now": self.model.now,
            "request_pk": self.request.pk,
            "reason": "Edited.",
        }
        if self.model.state in {"pending", "granted"}:
            services.void_request(**act)
            self.model.end("voided")
        else:
            with pytest.raises(ConflictError):
                services.void_request(**act)

    @rule(name=names)
    def claim_or_not(self, name: str) -> None:
        """Whether a claim works or not, it decides nothing."""
        act = {
            "actor": self.people[name].as_actor(),
            "now": self.model.now,
            "request_id": self.request.public_id,
        }
        try:
            services.claim_request(**act)
        except OrchestraError:
            return
        assert self.model.refusal(name, VoteChoice.APPROVE) is None
        services.release_request(**act)

    @rule(name=names)
    def disable_or_enable(self, name: str) -> None:
        self.model.enabled ^= {name}
        User.objects.filter(pk=self.people[name].pk).update(is_active=name in self.model.enabled)

    @invariant()
    def rows_stand_as_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        row = ApprovalRequest.objects.get(pk=self.request.pk)
        votes = {
            (vote.voter_id, str(vote.choice))
            for vote in ApprovalVote.objects.filter(request=self.request)
        }
        expected = {(self.people[name].pk, "approve") for name in self.model.approvals}
        if self.model.rejected_by:
            expected.add((self.people[self.model.rejected_by].pk, "reject"))
        assert row.state == self.model.state
        assert votes == expected
        assert row.execute_by_at == self.model.execute_by
        assert bytes(row.view) == bytes(self.request.view)
        assert row.action_digest == self.request.action_digest

    @invariant()
    def whoever_waits_was_told_every_end_once(self) -> None:
        if hasattr(self, "model"):
            assert [state for _pk, state in RECORDER.decided] == self.model.told
            assert self.model.told.count("granted") <= 1

    @invariant()
    def the_ledger_says_the_same(self) -> None:
        if not hasattr(self, "model"):
            return
        ends = {f"approval.{state}" for state in ApprovalState}
        kinds = LedgerEntry.objects.order_by("id").values_list("kind", "actor_kind")
        told = [(kind, actor) for kind, actor in kinds if kind in ends]
        used = ["used"] if self.model.state == "used" else []
        assert [kind.removeprefix("approval.") for kind, _actor in told] == [
            *self.model.told,
            *used,
        ]
        assert {actor for _kind, actor in told} <= {"system"}
        cast = sum(kind == "approval.voted" for kind, _actor in kinds)
        assert cast == len(self.model.approvals) + bool(self.model.rejected_by)


@pytest.mark.django_db
def test_the_life_of_a_request() -> None:
    run_state_machine_as_test(
        ApprovalMachine,
        settings=settings(
            max_examples=60,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
