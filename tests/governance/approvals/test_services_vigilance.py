"""Tests of attention: who switches them on, what can be told by whom, and that none ever runs."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction

from governance.access.models import Queue, User
from governance.access.selectors import authority_of
from governance.access.types import Role
from governance.approvals import selectors, services, vigilance
from governance.approvals.models import ApprovalRequest, VigilanceSwitch, VigilanceTest
from governance.approvals.quality_rows import Wanted, Whose, list_votes
from governance.approvals.services.using import use_locked_grant
from governance.approvals.types import VIGILANCE, ApprovalState, VigilanceResult, VoteChoice
from governance.approvals.vigilance_rows import attention, list_judged, list_switches
from governance.ledger.exports import list_lines
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.access import make_agent, make_person, make_supervisor
from tests.factories.approval_acts import EXECUTOR, REJECT, entries, payload, vote
from tests.factories.approvals import ASKED_AT, Recorder
from tests.factories.vigilance import (
    ALWAYS,
    draw_until,
    make_pair,
    make_real,
    place,
    soon,
    switch_on,
)

pytestmark = pytest.mark.django_db
LATER = ASKED_AT + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _allowed(settings: LazySettings) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "VIGILANCE_ALLOWED": True}


@pytest.fixture
def ines(returns: Queue) -> User:
    return make_supervisor(returns, "ines")


@pytest.fixture
def test(returns: Queue, ines: User) -> VigilanceTest:
    del ines
    switch_on(returns)
    return draw_until(returns, LATER)


def ask(person: User, queue: Queue, **changes: Any) -> VigilanceSwitch:
    fields = {"per_thousand": ALWAYS, "reason": "Drill.", **changes}
    return services.ask_vigilance(actor=person.as_actor(), now=ASKED_AT, queue=queue, **fields)


class TestSwitch:
    def test_one_asks_and_the_other_agrees(self, returns: Queue) -> None:
        petra, ruth = make_pair()
        ask(petra, returns)
        make_real(returns)
        assert services.plant_due(now=LATER, batch=10) == 0
        switch = services.agree_vigilance(actor=ruth.as_actor(), now=LATER, queue=returns)
        assert (switch.asked_by, switch.agreed_by) == (petra, ruth)
        assert [kind for kind, _actor in entries() if kind.startswith("vigilance")] == [
            "vigilance.asked",
            "vigilance.switched_on",
        ]
        told = payload("vigilance.switched_on")
        assert (told["per_thousand"], told["key"]) == (ALWAYS, "returns")
        assert switch.seed not in str(told)
        assert list_switches() == [(returns, switch)]

    def test_nobody_agrees_with_themselves_or_with_their_own_kind(self, returns: Queue) -> None:
        petra, _ruth = make_pair()
        both = make_person("both", roles=[Role.ADMINISTRATOR, Role.COMPLIANCE_OFFICER])
        second = make_person("second", roles=[Role.ADMINISTRATOR])
        ask(petra, returns)
        for person in (petra, second):
            with pytest.raises(NotPermittedError) as refused:
                services.agree_vigilance(actor=person.as_actor(), now=LATER, queue=returns)
            assert refused.value.error_code == "vigilance.two_people"
        services.end_vigilance(actor=petra.as_actor(), now=LATER, queue=returns)
        ask(both, returns)
        with pytest.raises(NotPermittedError):
            services.agree_vigilance(actor=both.as_actor(), now=LATER, queue=returns)
        assert VigilanceSwitch.objects.get().agreed_at is None

    def test_two_people_are_a_constraint_too(self, returns: Queue) -> None:
        petra, _ruth = make_pair()
        switch = ask(petra, returns)
        with pytest.raises(IntegrityError), transaction.atomic():
            VigilanceSwitch.objects.filter(pk=switch.pk).update(agreed_by=petra)

    def test_it_is_off_unless_the_installation_allows_it(
        self, returns: Queue, settings: LazySettings
    ) -> None:
        switch_on(returns)
        settings.ORCHESTRA = {**settings.ORCHESTRA, "VIGILANCE_ALLOWED": False}
        for _number in range(100):
            make_real(returns)
        assert services.plant_due(now=LATER, batch=500) == 0
        assert services.place_due(now=LATER, batch=500) == 0
        with pytest.raises(NotPermittedError, match="does not allow"):
            services.agree_vigilance(
                actor=User.objects.get(username="ruth").as_actor(), now=LATER, queue=returns
            )

    @pytest.mark.parametrize(
        ("changes", "field"),
        [({"per_thousand": 0}, "per_thousand"), ({"per_thousand": 51}, "per_thousand"),
         ({"reason": "  "}, "reason")],
    )  # fmt: skip
    def test_what_is_asked_is_checked(
        self, returns: Queue, changes: dict[str, Any], field: str
    ) -> None:
        petra, _ruth = make_pair()
        with pytest.raises(InvalidInputError) as refused:
            ask(petra, returns, **changes)
        assert [error.field for error in refused.value.errors] == [field]
        assert not VigilanceSwitch.objects.exists()

    @pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.QA_LEAD, Role.POLICY_OWNER])
    def test_others_may_not(self, returns: Queue, role: Role) -> None:
        with pytest.raises(NotPermittedError):
            ask(make_person("other", roles=[role]), returns)

    def test_one_person_ends_it_and_the_seed_is_told(
        self, returns: Queue, test: VigilanceTest
    ) -> None:
        seed = VigilanceSwitch.objects.get().seed
        ruth = User.objects.get(username="ruth")
        services.end_vigilance(actor=ruth.as_actor(), now=LATER, queue=returns)
        assert payload("vigilance.switched_off")["seed"] == seed
        assert vigilance.seed_of(seed=seed, request_id=test.drawn_after) == test.seed
        assert services.place_due(now=soon(test), batch=10) == 0
        test.refresh_from_db()
        assert (test.result, test.request) == (VigilanceResult.EXPIRED, None)
        with pytest.raises(NotFoundError):
            services.end_vigilance(actor=ruth.as_actor(), now=LATER, queue=returns)

    def test_it_is_asked_once(self, returns: Queue) -> None:
        petra, _ruth = make_pair()
        ask(petra, returns)
        with pytest.raises(ConflictError):
            ask(petra, returns)


class TestPlanting:
    def test_a_seal_stands_in_the_ledger_before_it_is_placed(self, test: VigilanceTest) -> None:
        planted = LedgerEntry.objects.get(kind="vigilance.planted")
        assert planted.stream == f"vigilance:{test.public_id}"
        assert test.request is None
        told = payload("vigilance.planted")
        assert set(told) == {"actor_label", "recorded_from", "queue", "commitment"}
        assert services.place_due(now=test.place_at - timedelta(seconds=1), batch=10) == 0
        assert place(test).created_at > planted.at

    @pytest.mark.usefixtures("test")
    def test_a_draw_is_made_once(self) -> None:
        assert services.plant_due(now=LATER, batch=500) == 0
        place(VigilanceTest.objects.get())
        assert services.place_due(now=soon(VigilanceTest.objects.get()), batch=10) == 0
        assert ApprovalRequest.objects.filter(subject_kind=VIGILANCE).count() == 1
        # A test draws no test.
        assert services.plant_due(now=LATER, batch=500) == 0

    def test_it_looks_like_the_request_it_was_made_from(self, test: VigilanceTest) -> None:
        request, model = place(test), test.model
        assert request.state == ApprovalState.PENDING
        for name in ("queue_id", "risk", "requester_id", "votes_needed", "case_label", "roles"):
            assert getattr(request, name) == getattr(model, name)
        assert set(selectors.view_of(request)) == set(selectors.view_of(model))
        assert selectors.view_of(request) != selectors.view_of(model)
        assert request.label == f"AP-{request.pk}"
        assert len(request.action_digest) == 64
        assert request.action_digest != model.action_digest
        assert request.deadline_at - request.created_at == model.deadline_at - model.created_at

    def test_nothing_is_written_to_the_case(self, test: VigilanceTest, ines: User) -> None:
        case = LedgerEntry.objects.filter(stream=f"case:{test.model.case_public_id}")
        before = case.count()
        request = place(test)
        services.record_opened(
            authority=authority_of(ines.as_actor()), now=soon(test), request=request
        )
        vote(ines, request, soon(test), REJECT)
        assert case.count() == before

    def test_a_queue_with_nothing_to_make_wrong_is_not_tested(
        self, returns: Queue, ines: User
    ) -> None:
        del ines
        switch_on(returns)
        for _number in range(200):
            make_real(returns, view={"effect": {"sentence": "Nothing"}})
        assert services.plant_due(now=LATER, batch=500) == 0
        assert not VigilanceTest.objects.exists()


class TestJudging:
    def test_who_rejects_it_caught_it_and_is_told(self, test: VigilanceTest, ines: User) -> None:
        ended = vote(ines, place(test), soon(test), REJECT)
        assert ended.state == ApprovalState.REJECTED
        assert ended.ended_reason.startswith("This was a test of attention, and you caught it")
        assert test.sign in ended.ended_reason
        test.refresh_from_db()
        assert (test.result, test.judged_by) == (VigilanceResult.CAUGHT, ines)
        told = payload("vigilance.judged")
        assert (told["result"], told["approval"]) == ("caught", ended.label)
        opened = vigilance.commit(
            test_id=str(test.public_id),
            template=told["template"],
            model=told["model"],
            seed=told["seed"],
            salt=told["salt"],
        )
        assert opened == payload("vigilance.planted")["commitment"]

    def test_who_approves_it_missed_it_and_nothing_runs(
        self, test: VigilanceTest, ines: User, recorder: Recorder
    ) -> None:
        recorder.reset()
        ended = vote(ines, place(test), soon(test))
        assert ended.state == ApprovalState.VOIDED
        assert "Nothing ran" in ended.ended_reason
        assert ended.execute_by_at is None
        test.refresh_from_db()
        assert test.result == VigilanceResult.MISSED
        assert recorder.decided == []

    def test_the_first_vote_ends_it_whatever_the_quorum(self, returns: Queue, ines: User) -> None:
        switch_on(returns)
        drawn = draw_until(returns, LATER, votes_needed=2)
        assert vote(ines, place(drawn), soon(drawn)).state == ApprovalState.VOIDED

    def test_undecided_it_expires_quietly(self, test: VigilanceTest) -> None:
        request = place(test)
        assert services.expire_due(now=request.deadline_at, batch=5000) > 0
        test.refresh_from_db()
        assert (test.result, test.judged_by) == (VigilanceResult.EXPIRED, None)

    def test_the_figures_count_it_apart(
        self, returns: Queue, test: VigilanceTest, ines: User
    ) -> None:
        vote(ines, place(test), soon(test))
        wanted = Wanted(whose=Whose.QUEUES, since=ASKED_AT)
        mine = Wanted(whose=Whose.MINE, since=ASKED_AT)
        authority = authority_of(ines.as_actor())
        found = attention(authority=authority, wanted=wanted)
        assert (found.caught.hits, found.caught.total, found.expired) == (0, 1, 0)
        assert attention(authority=authority, wanted=mine) == found
        assert list_judged(authority=authority, wanted=mine).get() == test
        assert list_votes(authority=authority, wanted=wanted) == []
        other = authority_of(make_supervisor(returns, "dario").as_actor())
        assert attention(authority=other, wanted=mine).caught.total == 0


class TestNeverRuns:
    @pytest.mark.parametrize("state", [ApprovalState.GRANTED, ApprovalState.USED])
    def test_the_database_refuses_a_grant(self, test: VigilanceTest, state: str) -> None:
        request = place(test)
        with pytest.raises(IntegrityError), transaction.atomic():
            ApprovalRequest.objects.filter(pk=request.pk).update(state=state)

    @pytest.mark.parametrize("choice", [None, VoteChoice.APPROVE, VoteChoice.REJECT])
    def test_no_grant_can_be_used(
        self, test: VigilanceTest, ines: User, choice: VoteChoice | None
    ) -> None:
        request = place(test)
        if choice:
            vote(ines, request, soon(test), choice)
        before = entries()
        with pytest.raises(ConflictError):
            services.use_grant(actor=EXECUTOR, now=soon(test), request_pk=request.pk)
        request.refresh_from_db()
        request.state = ApprovalState.GRANTED
        request.execute_by_at = soon(test) + timedelta(hours=1)
        # Even a row forged in memory is stopped by the rules on voters or the state it had.
        with pytest.raises((ConflictError, NotPermittedError)):
            use_locked_grant(actor=EXECUTOR, now=soon(test), request=request)
        assert entries() == before

    def test_an_ai_agent_never_sees_it(self, returns: Queue, test: VigilanceTest) -> None:
        request = place(test)
        agent = make_agent(queues=[returns])
        authority = authority_of(agent.as_actor())
        assert not selectors.list_visible(authority=authority).filter(pk=request.pk).exists()
        with pytest.raises(NotFoundError):
            selectors.get_request(authority=authority, request_id=request.public_id)
        with pytest.raises(NotFoundError):
            services.record_opened(authority=authority, now=soon(test), request=request)

    def test_an_export_of_its_stream_names_it(self, test: VigilanceTest, ines: User) -> None:
        vote(ines, place(test), soon(test))
        kinds = list(
            LedgerEntry.objects.filter(stream=f"vigilance:{test.public_id}")
            .order_by("seq")
            .values_list("kind", flat=True)
        )
        assert kinds == ["vigilance.planted", "vigilance.judged"]
        assert payload("vigilance.judged")["request"] == str(test.request.public_id)  # type: ignore[union-attr]
        assert list(list_lines(stream=f"vigilance:{test.public_id}")) is not None

    def test_counts_of_work_leave_it_out(self, returns: Queue, test: VigilanceTest) -> None:
        place(test)
        rows = ApprovalRequest.objects.filter(queue=returns)
        assert selectors.real(rows).count() == rows.count() - 1
