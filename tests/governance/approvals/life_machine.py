"""Acts on requests in any order, each held against the model and against the rows."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
)

from governance.access import services as access
from governance.access.models import QueueUserGrant, User
from governance.access.types import Capability, QueueGrant, Role
from governance.approvals import services
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import VoteChoice
from orchestra.core.actors import system
from orchestra.core.history import acting
from tests.factories.access import FACTORY, drop_roles, grant, hold_role
from tests.factories.approvals import make_ballot
from tests.governance.approvals.life_model import NAMES, Asked, Given
from tests.governance.approvals.life_stage import LifeBase, Stage

EXECUTOR = system("executor")
#: Requests of one run; more would only repeat what fewer show.
AT_MOST = 8
names = st.sampled_from(NAMES)
voters = st.sampled_from([name for name in NAMES if name not in {"olga", "hana"}] * 2 + list(NAMES))
#: Three of four pick among what is still open, where anything is.
places = st.integers(0, 4 * AT_MOST - 1)
ROLES = (
    frozenset[str](),
    frozenset({"supervisor"}),
    frozenset({"supervisor", "specialist"}),
    frozenset({"supervisor", "compliance_officer"}),
)
OTHER_ROLES = (
    frozenset({"supervisor"}),
    frozenset({"specialist"}),
    frozenset({"compliance_officer"}),
    frozenset({"human_agent"}),
)


class ApprovalLife(LifeBase):
    """Proposals, edits, votes, time, authority, policies, holders and executions in any order."""

    # Requests come, and are replaced.

    @initialize(needed=st.integers(1, 2), roles=st.sampled_from(ROLES))
    def begin(self, needed: int, roles: frozenset[str]) -> None:
        self.ask(self.shape(needed, roles, "agent", frozenset()))

    @precondition(lambda self: len(self.rows) < AT_MOST)
    @rule(
        needed=st.sampled_from([1, 1, 2, 3]),
        roles=st.sampled_from(ROLES),
        by=st.sampled_from(["agent", "agent", "hana"]),
    )
    def propose(self, needed: int, roles: frozenset[str], by: str) -> None:
        self.ask(self.shape(needed, roles, by, frozenset()))

    @precondition(lambda self: len(self.rows) < AT_MOST - 2)
    @rule(by=st.sampled_from(["agent", "hana"]))
    def propose_equals(self, by: str) -> None:
        for _ in range(3):
            self.ask(self.shape(1, frozenset(), by, frozenset()))

    @precondition(lambda self: len(self.rows) < AT_MOST)
    @rule(place=places, editor=voters)
    def edit(self, place: int, editor: str) -> None:
        """The action is another one: the request ends, and its child bars whoever edited it."""
        asked, row = self.pick(place)
        if self.void(asked, row, "edit"):
            self.ask(self.shape(asked.needed, asked.roles, asked.requester, frozenset({editor})))

    @rule(places=st.sets(places, max_size=1))
    def publish_policy(self, places: set[int]) -> None:
        """Some verdicts change, and end what waits; the others stand."""
        for at in sorted({self.place(place) for place in places}):
            if self.model.requests[at].is_open:
                self.void(self.model.requests[at], self.rows[at], "publish")

    def void(self, asked: Asked, row: ApprovalRequest, name: str) -> bool:
        done = self.expect(
            lambda: services.void_request(
                actor=EXECUTOR, now=self.model.now, request_pk=row.pk, reason="Changed."
            ),
            allowed=asked.is_open,
            name=name,
        )
        if done:
            self.model.end(asked, "voided")
        return done

    # Votes.

    # Hypothesis picks each rule alike, and each run goes without some of them: what matters
    # most stands here several times.
    @rule(place=places, name=voters)
    def approve(self, place: int, name: str) -> None:
        self.vote(place, name, rejects=False)

    @rule(place=places, name=voters)
    def approve_too(self, place: int, name: str) -> None:
        self.vote(place, name, rejects=False)

    @rule(place=places, name=voters, rejects=st.booleans())
    def decide(self, place: int, name: str, rejects: bool) -> None:
        self.vote(place, name, rejects=rejects)

    def vote(self, place: int, name: str, *, rejects: bool) -> None:
        asked, row = self.pick(place)
        choice = VoteChoice.REJECT if rejects else VoteChoice.APPROVE
        done = self.expect(
            lambda: services.cast_vote(**self.act_of(name, row), ballot=make_ballot(row, choice)),
            allowed=self.model.may_vote(asked, name, rejects=rejects),
            name="vote",
        )
        if done:
            self.model.cast(asked, name, rejects=rejects)

    @rule(place=places, name=voters, part=st.sampled_from(["action_digest", "view_digest"]))
    def vote_on_something_else(self, place: int, name: str, part: str) -> None:
        _asked, row = self.pick(place)
        ballot = make_ballot(row, **{part: "5" * 64})
        self.expect(
            lambda: services.cast_vote(**self.act_of(name, row), ballot=ballot),
            allowed=False,
            name="stale vote",
        )

    @rule(places=st.sets(places, min_size=2, max_size=4), name=voters, rejects=st.booleans())
    def vote_on_several(self, places: set[int], name: str, rejects: bool) -> None:
        equal = [at for at, one in enumerate(self.model.requests) if one.equal and one.is_open]
        # Mostly among those that may stand in a batch.
        chosen = sorted(
            {
                equal[number // 4 % len(equal)] if number % 4 and equal else self.place(number)
                for number in places
            }
        )
        asked = [self.model.requests[at] for at in chosen]
        allowed = len(chosen) > 1 and all(
            one.equal and self.model.may_vote(one, name, rejects=rejects) for one in asked
        )
        choice = VoteChoice.REJECT if rejects else VoteChoice.APPROVE
        done = self.expect(
            lambda: services.vote_batch(
                actor=Stage.people[name].as_actor(),
                now=self.model.now,
                ballots=[
                    (self.rows[at].public_id, make_ballot(self.rows[at], choice)) for at in chosen
                ],
            ),
            allowed=allowed,
            name="batch",
        )
        for one in asked if done else []:
            self.model.cast(one, name, rejects=rejects)

    # Who has a request.

    @rule(place=places, name=voters, gives_back=st.booleans())
    def claim_or_release(self, place: int, name: str, gives_back: bool) -> None:
        (self.release if gives_back else self.claim)(place, name)

    def claim(self, place: int, name: str) -> None:
        asked, row = self.pick(place)
        free = asked.held_by(self.model.now) in {"", name}
        allowed = free and self.model.may_vote(asked, name)
        act = self.act_of(name, row)
        if self.expect(lambda: services.claim_request(**act), allowed=allowed, name="claim"):
            asked.claimed = (name, self.model.now + timedelta(minutes=10))
            self.model.entries.append("approval.claimed")

    def release(self, place: int, name: str) -> None:
        asked, row = self.pick(place)
        mine = asked.state == "pending" and asked.held_by(self.model.now) == name
        allowed = mine and self.model.sees(name)
        act = self.act_of(name, row)
        if self.expect(lambda: services.release_request(**act), allowed=allowed, name="release"):
            asked.claimed = None
            self.model.entries.append("approval.released")

    @rule(place=places, by=voters, to=voters, minutes=st.sampled_from([3, 15, 70]))
    def hand_over(self, place: int, by: str, to: str, minutes: int) -> None:
        asked, row = self.pick(place)
        until = self.model.now + timedelta(minutes=minutes)
        done = self.expect(
            lambda: services.hand_over_request(
                **self.act_of(by, row),
                to_id=Stage.people[to].public_id,
                until_at=until,
                reason="Yours.",
            ),
            allowed=self.model.may_hand_over(asked, by, to, until),
            name="hand over",
        )
        if done:
            asked.claimed, asked.handed = None, (to, by, until)
            self.model.entries.append("approval.handed_over")

    @rule(place=places, other=voters, is_giver=st.booleans())
    def take_back(self, place: int, other: str, is_giver: bool) -> None:
        asked, row = self.pick(place)
        name = asked.handed[1] if is_giver and asked.handed else other
        mine = bool(asked.handed_to(self.model.now)) and asked.handed is not None
        allowed = mine and asked.handed[1] == name and self.model.sees(name)  # type: ignore[index]
        act = self.act_of(name, row)
        if self.expect(
            lambda: services.take_back_request(**act), allowed=allowed, name="take back"
        ):
            asked.handed = None
            self.model.entries.append("approval.taken_back")

    # Time and execution.

    @rule(minutes=st.sampled_from([1, 5, 11, 25]))
    def wait(self, minutes: int) -> None:
        self.model.now += timedelta(minutes=minutes)

    @rule(minutes=st.sampled_from([3, 10, 10, 20, 31]))
    def wait_and_sweep(self, minutes: int) -> None:
        self.model.now += timedelta(minutes=minutes)
        self.sweep()

    @rule(place=places, name=voters, minutes=st.sampled_from([10, 20]))
    def hold_while_time_passes(self, place: int, name: str, minutes: int) -> None:
        self.claim(place, name)
        self.wait_and_sweep(minutes)

    @rule()
    def sweep(self) -> None:
        known = len(self.model.entries)
        expected = self.model.pass_time()
        Stage.done.update(self.model.entries[known:])
        assert self._sweep() == expected
        assert self._sweep() == 0, "a second sweep found something left"

    def _sweep(self) -> int:
        now = self.model.now
        return (
            services.expire_due(now=now, batch=20)
            + services.release_absent(now=now, batch=20)
            + services.turn_clocks(now=now, batch=20)
        )

    @rule(place=places)
    def execute(self, place: int) -> None:
        self.run(place)

    @rule(place=places)
    def execute_too(self, place: int) -> None:
        self.run(place)

    @rule(place=places, name=voters)
    def approve_and_execute(self, place: int, name: str) -> None:
        self.vote(place, name, rejects=False)
        self.run(place)

    def run(self, place: int) -> None:
        asked, row = self.pick(place)
        done = self.expect(
            lambda: services.use_grant(
                actor=EXECUTOR,
                now=self.model.now,
                request_pk=row.pk,
                action_digest=row.action_digest,
            ),
            allowed=self.model.may_run(asked),
            name="execute",
        )
        if done:
            self.model.end(asked, "used")

    # Authority comes and goes.

    @rule(
        name=names,
        act=st.sampled_from(["disable_or_enable", "change_role", "revoke_or_grant"]),
        roles=st.sampled_from(OTHER_ROLES),
    )
    def change_authority(self, name: str, act: str, roles: frozenset[str]) -> None:
        Stage.done[act] += 1
        if act == "change_role":
            self.change_role(name, roles)
        else:
            getattr(self, act)(name)

    @rule()
    def give_authority_back(self) -> None:
        for name in sorted(self.model.disabled):
            self.disable_or_enable(name)
        for name in sorted(set(NAMES) - self.model.granted):
            self.revoke_or_grant(name)

    def disable_or_enable(self, name: str) -> None:
        self.model.disabled ^= {name}
        is_active = name not in self.model.disabled
        User.objects.filter(pk=Stage.people[name].pk).update(is_active=is_active)

    def change_role(self, name: str, roles: frozenset[str]) -> None:
        self.model.roles[name] = roles
        drop_roles(Stage.people[name])
        for role in sorted(roles):
            hold_role(Stage.people[name], Role(role))

    def revoke_or_grant(self, name: str) -> None:
        self.model.granted ^= {name}
        person = Stage.people[name]
        if name in self.model.granted:
            grant(person, Stage.queue, QueueGrant.VOTE)
        else:
            with acting(FACTORY):
                QueueUserGrant.objects.filter(user=person).delete()

    @precondition(lambda self: len(self.delegations) < 3)
    @rule(giver=names, delegate=names, minutes=st.sampled_from([4, 30]))
    def delegate(self, giver: str, delegate: str, minutes: int) -> None:
        now = self.model.now
        until = now + timedelta(minutes=minutes)
        done = self.expect(
            lambda: self.delegations.append(
                access.delegate(
                    actor=Stage.people[giver].as_actor(),
                    now=now,
                    delegate_id=Stage.people[delegate].public_id,
                    covers=Capability.APPROVAL_VOTE,
                    until_at=until,
                    reason="On leave.",
                )
            ),
            allowed=self.model.may_delegate(giver, delegate),
            name="delegate",
        )
        if done:
            self.model.given.append(Given(giver, delegate, now, until))
            self.model.entries.append("delegation.given")

    @precondition(lambda self: bool(self.delegations))
    @rule(place=st.integers(0, 2))
    def end_delegation(self, place: int) -> None:
        at = place % len(self.delegations)
        given = self.model.given[at]
        done = self.expect(
            lambda: access.end_delegation(
                actor=Stage.people[given.giver].as_actor(),
                now=self.model.now,
                delegation_id=self.delegations[at].public_id,
            ),
            allowed=given.ended is None and self.model.now < given.until,
            name="end delegation",
        )
        if done:
            given.ended = self.model.now
            self.model.entries.append("delegation.ended")
