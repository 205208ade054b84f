"""A stream of entries becomes rows: who held it, what came back, what was merged."""

from datetime import timedelta
from typing import Any

import pytest

from qa.measurement.facts.folding import fold
from qa.measurement.facts.joining import join
from qa.measurement.facts.types import CaseFacts, Told
from qa.measurement.metrics.transfers import type_of
from qa.measurement.rows import FactState, OwnerKind
from qa.measurement.types import ExceptionKind, LeftOut, Transfer
from tests.qa.measurement.metrics.rows import at


class Stream:
    """Entries of one case, a minute apart unless a moment in hours is given."""

    def __init__(self, case: str = "c1", first: int = 0) -> None:
        self.case, self.first = case, first
        self.told: list[Told] = []

    def add(
        self, kind: str, hours: float, by: str = "agent:bot", subject: str = "", **payload: Any
    ) -> "Stream":
        by_kind, _, who = by.partition(":")
        entry = Told(self.first + len(self.told), kind, at(hours), by_kind, who, subject, payload)
        self.told.append(entry)
        return self

    def opened(self, hours: float = 0.0, by: str = "agent:bot", name: str = "k1") -> "Stream":
        return self.add("case.opened", hours, by, channel="chat", queue="care", interaction=name)

    def facts(self) -> CaseFacts:
        found = fold(case=self.case, told=self.told)
        assert found is not None
        return found


def test_before_it_was_opened_there_is_nothing() -> None:
    assert fold(case="c1", told=[]) is None


def test_a_case_that_an_ai_finishes() -> None:
    facts = (
        Stream()
        .opened()
        .add("customer.bound", 0.1, "system:journey", "cust-1", name="Mia")
        .add("case.classified", 0.1, "system:journey", intent="return")
        .add(
            "journey.started", 0.2, "system:journey", "j1",
            cue_sheet="returns", version=5, pattern="ai_first",
        )
        .add("message.added", 0.3, "agent:bot", interaction="k1", speaker="ai")
        .add("case.resolved", 2, "agent:bot", confirmed=True, outcome="Done")
        .facts()
    )  # fmt: skip
    assert [(one.number, one.resolved_at, one.assumed) for one in facts.episodes] == [
        (1, at(2), False)
    ]
    assert facts.episodes[0].contacts == ("k1",)
    assert (facts.of.journey, facts.of.cue_sheet_version, facts.of.pattern) == (
        "returns",
        "5",
        "ai_first",
    )
    assert [
        (one.owner_kind, one.begin, one.end) for one in facts.segments if one.begin != one.end
    ] == [(OwnerKind.AI, at(0), at(2))]
    assert (facts.episodes[0].last_owner, facts.of.ai_version) == ("bot", "bot")
    assert facts.issue is not None
    assert (facts.issue.customer, facts.issue.need) == ("cust-1", "return")


@pytest.mark.parametrize(
    ("trust", "customer"),
    [("claimed", ""), ("tool_confirmed", "cust-1"), ("human_confirmed", "cust-1")],
)
def test_who_is_named_at_the_opening_is_known_once_it_is_confirmed(
    trust: str, customer: str
) -> None:
    facts = (
        Stream()
        .opened()
        .add("verification.recorded", 0.1, "person:lena", trust=trust, customer_id="cust-1")
        .add("case.resolved", 2, "person:lena", confirmed=True, outcome="Done")
        .facts()
    )
    assert (facts.issue.customer if facts.issue else "") == customer


def handed_over(*, planned: bool = False) -> Stream:
    return (
        Stream()
        .opened()
        .add(
            "handoff.offered", 1, "agent:bot", "h1",
            queue_key="billing", transfer="planned_step" if planned else "escalation",
            reason_code="low_confidence", bundle_digest="d", missing=[],
        )
        .add("handoff.accepted", 2, "human:ben", "h1", both_present=True)
    )  # fmt: skip


def test_a_handoff_is_an_attempt_until_somebody_takes_it() -> None:
    offered = Stream().opened().add("handoff.offered", 1, "agent:bot", "h1", queue_key="billing")
    (attempt,) = offered.facts().handovers
    assert (attempt.taken, type_of(attempt)) == (False, None)
    (taken,) = handed_over().facts().handovers
    assert (type_of(taken), taken.to_owner, taken.warm, taken.reason) == (
        Transfer.ESCALATION,
        "ben",
        True,
        "low_confidence",
    )
    (planned,) = handed_over(planned=True).facts().handovers
    assert type_of(planned) is Transfer.PLANNED_STEP


def test_given_back_at_once_is_a_bounce_and_later_is_not() -> None:
    soon = handed_over().add("handoff.returned", 2.05, "human:ben", "h1", reason="no")
    assert [type_of(one) for one in soon.facts().handovers] == [
        Transfer.ESCALATION,
        Transfer.RETURN,
    ]
    later = handed_over().add("handoff.returned", 3, "human:ben", "h1", reason="no")
    assert type_of(later.facts().handovers[1]) is Transfer.CROSS_TEAM
    assert later.facts().segments[-1].owner_kind is OwnerKind.AI


def test_routing_before_anybody_had_it_is_the_systems() -> None:
    facts = Stream().opened(by="system:web").add("case.moved", 0.1, "system:j", key="fraud").facts()
    assert [type_of(one) for one in facts.handovers] == [Transfer.SYSTEM]
    assert (facts.of.queue, facts.left_out) == ("fraud", None)


def test_a_colleague_who_takes_it_is_of_the_same_team() -> None:
    facts = handed_over().add("case.held", 3, "human:lead", "cleo").facts()
    assert type_of(facts.handovers[-1]) is Transfer.SAME_TEAM
    assert facts.segments[-1].owner == "cleo"


@pytest.mark.parametrize(
    ("stream", "by", "kind", "owner"),
    [
        (Stream().opened(), "agent:bot", OwnerKind.AI, "bot"),
        (Stream().opened(by="system:web"), "human:ben", OwnerKind.HUMAN, "ben"),
        (handed_over(), "human:ben", OwnerKind.HUMAN, "ben"),
        # Soon after it was taken it is no return either.
        (
            handed_over().add("handoff.returned", 3, "human:ben", "h1"),
            "agent:bot",
            OwnerKind.AI,
            "bot",
        ),
    ],
)
def test_what_goes_outside_is_external_and_the_owner_stays(
    stream: Stream, by: str, kind: OwnerKind, owner: str
) -> None:
    facts = stream.add(
        "handoff.referred_outside", 3.01, by, reason_code="outside.they_know"
    ).facts()
    last = facts.handovers[-1]
    assert (type_of(last), last.from_owner, last.reason) == (
        Transfer.EXTERNAL,
        owner,
        "outside.they_know",
    )
    assert (facts.segments[-1].owner_kind, facts.segments[-1].owner) == (kind, owner)
    assert facts.segments[-1].end is None
    assert facts.episodes[0].transferred


def test_a_word_of_a_colleague_is_a_consult_once_it_is_given() -> None:
    asked = handed_over().add("handoff.consulted", 3, "human:ben", "q1", person="cleo")
    assert [type_of(one) for one in asked.facts().handovers] == [Transfer.ESCALATION]
    asked.add("message.added", 3.2, "human:ben", interaction="k1", speaker="human")
    facts = asked.add("handoff.consult_answered", 4, "human:cleo", "q1").facts()
    last = facts.handovers[-1]
    assert (type_of(last), last.from_owner, last.to_owner) == (Transfer.CONSULT, "ben", "cleo")
    assert (last.at, last.contact) == (at(3), "k1")
    assert (facts.segments[-1].owner, facts.segments[-1].end) == ("ben", None)
    twice = asked.add("handoff.consult_answered", 5, "human:cleo", "q1").facts()
    assert len(twice.handovers) == len(facts.handovers)


def test_a_consult_alone_transfers_nothing() -> None:
    facts = (
        Stream()
        .opened()
        .add("handoff.consulted", 1, "agent:bot", "q1", queue_key="care")
        .add("handoff.consult_answered", 2, "human:cleo", "q1")
        .facts()
    )
    assert [type_of(one) for one in facts.handovers] == [Transfer.CONSULT]
    assert not facts.episodes[0].transferred
    assert facts.segments[-1].owner_kind is OwnerKind.AI


def test_reopened_by_the_customer_and_by_an_agent() -> None:
    resolved = Stream().opened().add("case.resolved", 2, "agent:bot", confirmed=False)
    back = (
        Stream()
        .opened()
        .add("case.resolved", 2, "agent:bot", confirmed=False)
        .add("case.reopened", 5, "agent:bot")
        .add("interaction.started", 5, "agent:bot", "k2", rejoined=True, channel="voice")
        .add("case.resolved", 6, "human:ben", confirmed=True, after_contact_seconds=120)
    )
    facts = back.facts()
    assert resolved.facts().episodes[0].assumed
    assert [one.reopened_by_customer for one in facts.episodes] == [False, True]
    assert [(one.id, one.of.channel) for one in facts.contacts] == [("k1", "chat"), ("k2", "voice")]
    note = resolved.add("case.reopened", 5, "human:ben").add("case.resolved", 6, "human:ben")
    told = note.facts().episodes[1]
    assert (told.reopened_by_customer, told.without_contact) == (False, True)


def test_wrap_up_of_a_person_and_not_of_an_ai() -> None:
    facts = handed_over().add(
        "case.resolved", 4, "human:ben",
        confirmed=True, after_contact_seconds=90, after_contact_capped=False, draft_share=80,
        draft_offered=True,
    ).facts()  # fmt: skip
    (wrap,) = facts.work
    assert wrap.wrapped_at == at(4)
    assert wrap.last_exchange_at == at(4) - timedelta(seconds=90)
    assert (wrap.person, wrap.handle_seconds, round(wrap.draft_distance or 0, 2)) == (
        "ben",
        7200,
        0.2,
    )
    assert Stream().opened().add("case.resolved", 1, "agent:bot").facts().work == ()


def test_steps_what_went_wrong_and_what_came_right() -> None:
    stream = (
        Stream()
        .opened()
        .add("step.ready", 0.1, "system:j", "s1", step="refund", owner="ai")
        .add("tool_call.proposed", 0.2, "agent:bot", "t1", step="refund", step_id="s1")
        .add("tool_call.attempt_failed", 0.3, "system:x", "t1", code="upstream.timeout")
    )
    (failed,) = stream.facts().steps
    assert (failed.exception, failed.recovered) == (ExceptionKind.TOOL_TIMEOUT, False)
    (right,) = stream.add("tool_call.succeeded", 0.4, "system:x", "t1", result={}).facts().steps
    assert right.recovered
    off = stream.add("tool_call.proposed", 0.5, "agent:bot", "t2", off_plan=True)
    off.add("tool_call.denied", 0.6, "agent:bot", "t2", rules=["caution"])
    assert [one.exception for one in off.facts().steps] == [
        ExceptionKind.TOOL_TIMEOUT,
        ExceptionKind.OFF_PLAN,
    ]


def closed_case(vote_by: str = "human:sue") -> Stream:
    return (
        Stream()
        .opened()
        .add("case.classified", 0.1, "system:j", intent="return")
        .add("tool_call.proposed", 0.2, "agent:bot", "t1", arguments_sha256="a")
        .add("decision.recorded", 0.2, "system:policy", "t1", outcome="approve", digest="d")
        .add("approval.requested", 0.3, "agent:bot", "a1", risk="high", requester={"id": "bot"})
        .add("approval.voted", 0.4, vote_by, "a1", choice="approve")
        .add("tool_call.succeeded", 0.5, "system:x", "t1", result={"ok": True})
        .add("message.added", 0.6, "agent:bot", interaction="k1", speaker="ai")
        .add("case.resolved", 1, "agent:bot", confirmed=True, outcome="Done")
        .add("case.closed", 1.1, "human:ben")
    )


def test_what_a_closed_case_requires() -> None:
    facts = closed_case().facts()
    assert {one.key: one.state for one in facts.required} == dict.fromkeys(
        [
            "answer/t1",
            "approval/a1",
            "decision/t1",
            "intake",
            "notice",
            "request/t1",
            "resolution",
        ],
        FactState.PRESENT,
    )
    assert facts.of.risk == "high"


def test_a_vote_of_who_asked_is_no_approval() -> None:
    states = {one.key: one.state for one in closed_case("agent:bot").facts().required}
    assert states["approval/a1"] is FactState.MISSING


def test_an_erased_record_is_a_tombstone() -> None:
    stream = closed_case()
    erased = [
        Told(one.index, one.kind, one.at, one.by_kind, one.by, one.subject, {}, erased=True)
        for one in stream.told
    ]
    found = fold(case="c1", told=erased)
    assert found is not None
    assert {one.state for one in found.required} == {FactState.TOMBSTONE}


def test_merged_leaves_and_comes_back() -> None:
    stream = Stream().opened().add("case.merged", 1, "human:ben", "s1")
    facts = stream.facts()
    assert (facts.left_out, facts.merged_into) == (LeftOut.MERGED, "s1")
    again = stream.add("case.unmerged", 2, "human:ben", "s1").facts()
    assert (again.left_out, again.merged_into) == (None, "")
    survivor = Stream("s1").opened(3).add("case.took_in", 4, "human:ben", "c1")
    assert survivor.facts().absorbed == ("c1",)
    assert survivor.add("case.gave_back", 5, "human:ben", "c1").facts().absorbed == ()


def test_the_survivor_has_the_earliest_opening_and_the_union() -> None:
    absorbed = handed_over().add("case.merged", 3, "human:ben", "s1").facts()
    survivor = Stream("s1", first=100).opened(2.5, name="k9").facts()
    whole = join(survivor, [absorbed, absorbed])
    assert whole.opened_at == at(0)
    assert whole.episodes[0].opened_at == at(0)
    assert [one.id for one in whole.contacts] == ["k9", "k1"]
    assert {one.case for one in whole.contacts} | {one.case for one in whole.segments} == {"s1"}
    assert [one.id for one in whole.handovers] == ["h1"]
    assert join(survivor, []) == survivor


def test_nobody_ever_had_it() -> None:
    facts = Stream().opened(by="system:web").add("case.resolved", 1, "system:sweep").facts()
    assert facts.left_out is LeftOut.ABANDONED
    assert not facts.contacts[0].handled


def test_a_pause_that_says_whom_it_waits_for_is_a_wait_until_the_journey_goes_on() -> None:
    told = (
        Stream()
        .opened()
        .add("journey.paused", 1, "human:ben", "j1", waits_for="customer")
        .add("journey.paused", 2, "human:ben", "j2", waits_for="third_party")
        .add("journey.paused", 2, "human:ben", "j3", reason="for no one else")
        .add("journey.paused", 2, "human:ben", "j4", waits_for="the moon")
        .add("journey.resumed", 4, "human:ben", "j1")
        .add("journey.resumed", 4, "human:ben", "j3")
    )
    waits = [(one.waits_for, one.begin, one.end) for one in told.facts().waits]
    assert waits == [("customer", at(1), at(4)), ("third_party", at(2), None)]
    told.add("case.resolved", 6, "human:ben", confirmed=True, outcome="Done")
    told.add("journey.cancelled", 8, "human:ben", "j2")
    waits = [(one.waits_for, one.begin, one.end) for one in told.facts().waits]
    assert waits == [("customer", at(1), at(4)), ("third_party", at(2), at(6))]


def test_a_case_has_the_waits_of_what_it_took_in() -> None:
    own = Stream("c2").opened(1).add("journey.paused", 5, "human:ben", "j2", waits_for="customer")
    taken = (
        Stream("c1", first=50)
        .opened()
        .add("journey.paused", 2, "human:ben", "j1", waits_for="third_party")
        .add("case.merged", 4, "human:ben", "c2")
    )
    joined = join(own.facts(), [taken.facts()])
    assert [(one.case, one.begin, one.end) for one in joined.waits] == [
        ("c2", at(2), at(4)),
        ("c2", at(5), None),
    ]
