"""The seven-part bundle: nothing left out, nothing made up."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.handoff import rules
from cases.handoff.rules import (
    answers_role,
    as_json,
    build_bundle,
    bundle_digest,
    completeness,
    is_possible,
)
from cases.handoff.types import (
    BundleInputs,
    BundlePart,
    CompletedStep,
    HandoffState,
    NamedEntity,
    NextStep,
    Pass,
    PolicyCheck,
    Reason,
)
from governance.access.types import Role
from orchestra.core.actors import ActorKind

AT = datetime(2026, 11, 19, 18, 52, tzinfo=UTC)
FULL = BundleInputs(
    intent="Return delivered items",
    customer_words="I want the refund on my amex.",
    entities=(NamedEntity("order_id", "#W5605613", "get_order_details", confirmed=True, at=AT),),
    steps=(
        CompletedStep(
            title="Find the customer",
            changed=False,
            tool="find_user_id_by_email",
            confirmation="Find the customer answered.",
            call_id="call-1",
            by="Returns assistant",
            at=AT,
        ),
    ),
    checks=(
        PolicyCheck(
            action="Return 2 items of #W5605613",
            outcome="deny",
            reasons=("The refund goes to the original payment method.",),
            rules=("returns:original_method",),
            became="was denied and did not run",
            decision_id="decision-1",
            at=AT,
        ),
    ),
    risk_flags=("complaint",),
    flag_words={"complaint": ("angry",)},
    verification="basic",
    verification_method="email on file",
    next_step=NextStep(
        title="Offer the original payment method",
        why="It is the only route the policy allows.",
        key="offer",
        suggested_by="Returns assistant",
    ),
    customer_paragraph="A colleague takes over.\n Nothing was changed so far.",
    paragraph_by="Returns assistant",
)


def test_a_full_bundle_has_seven_parts_in_their_order() -> None:
    bundle = build_bundle(FULL)
    assert bundle.missing == ()
    assert list(bundle.parts) == list(BundlePart)
    assert as_json(bundle) == {
        "intent": {
            "title": "Return delivered items",
            "customer_words": "I want the refund on my amex.",
        },
        "entities": [
            {
                "kind": "order_id",
                "value": "#W5605613",
                "source": "get_order_details",
                "confirmed": True,
                "call_id": "",
                "at": "2026-11-19T18:52:00.000000Z",
            }
        ],
        "completed_steps": {
            "summary": "1 step done; nothing was changed in any system.",
            "nothing_changed": True,
            "steps": [
                {
                    "title": "Find the customer",
                    "tool": "find_user_id_by_email",
                    "changed": False,
                    "confirmation": "Find the customer answered.",
                    "call_id": "call-1",
                    "by": "Returns assistant",
                    "at": "2026-11-19T18:52:00.000000Z",
                }
            ],
        },
        "policy_checks": {
            "summary": "1 check made, 1 refused.",
            "checks": [
                {
                    "action": "Return 2 items of #W5605613",
                    "outcome": "deny",
                    "reasons": ["The refund goes to the original payment method."],
                    "rules": ["returns:original_method"],
                    "became": "was denied and did not run",
                    "decision_id": "decision-1",
                    "call_id": "",
                    "at": "2026-11-19T18:52:00.000000Z",
                }
            ],
        },
        "risk_and_verification": {
            "risk_flags": [{"flag": "complaint", "words": ["angry"]}],
            "verification": "basic",
            "method": "email on file",
            "summary": "Customer verified, basic: email on file. Risk flags: complaint.",
        },
        "next_step": {
            "key": "offer",
            "title": "Offer the original payment method",
            "why": "It is the only route the policy allows.",
            "suggested_by": "Returns assistant",
        },
        "customer_paragraph": {
            "text": "A colleague takes over. Nothing was changed so far.",
            "by": "Returns assistant",
        },
    }


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"intent": " "}, BundlePart.INTENT),
        ({"entities": ()}, BundlePart.ENTITIES),
        ({"verification": ""}, BundlePart.RISK_AND_VERIFICATION),
        ({"next_step": None}, BundlePart.NEXT_STEP),
        ({"next_step": NextStep(title="Call back", why=" ")}, BundlePart.NEXT_STEP),
        ({"next_step": NextStep(title="", why="because")}, BundlePart.NEXT_STEP),
        ({"customer_paragraph": " \n"}, BundlePart.CUSTOMER_PARAGRAPH),
    ],
)
def test_a_part_that_is_not_known_is_named(changes: dict[str, Any], missing: BundlePart) -> None:
    bundle = build_bundle(replace(FULL, **changes))
    assert bundle.missing == (missing,)
    assert bundle.parts[missing] is None
    assert completeness(bundle) == {part: part is not missing for part in BundlePart}


def test_knowing_nothing_is_said_and_not_made_up() -> None:
    bundle = build_bundle(BundleInputs())
    assert bundle.missing == (
        BundlePart.INTENT,
        BundlePart.ENTITIES,
        BundlePart.RISK_AND_VERIFICATION,
        BundlePart.NEXT_STEP,
        BundlePart.CUSTOMER_PARAGRAPH,
    )
    done = bundle.parts[BundlePart.COMPLETED_STEPS]
    assert done["summary"] == "Nothing was done yet, and nothing was changed."
    assert done["nothing_changed"] is True
    checks = bundle.parts[BundlePart.POLICY_CHECKS]
    assert checks["summary"] == "No policy check was made: nothing was proposed."


@pytest.mark.parametrize(
    ("steps", "summary", "nothing_changed"),
    [
        (
            (CompletedStep("a", changed=True, confirmation="shown"),),
            "1 step done, of which 1 changed something.",
            False,
        ),
        (
            (
                CompletedStep("a", changed=True, confirmation="shown"),
                CompletedStep("b", changed=True),
                CompletedStep("c", changed=False),
            ),
            "3 steps done, of which 2 changed something. 1 change not confirmed by a tool.",
            False,
        ),
        (
            (CompletedStep("a", changed=False), CompletedStep("b", changed=False)),
            "2 steps done; nothing was changed in any system.",
            True,
        ),
    ],
)
def test_what_was_changed_is_said_plainly(
    *, steps: tuple[CompletedStep, ...], summary: str, nothing_changed: bool
) -> None:
    part = build_bundle(replace(FULL, steps=steps)).parts[BundlePart.COMPLETED_STEPS]
    assert (part["summary"], part["nothing_changed"]) == (summary, nothing_changed)


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ({"verification": "none", "risk_flags": ()}, "Customer not verified. No risk flag."),
        (
            {"verification": "claimed", "risk_flags": ("asked_for_human", "abuse")},
            (
                "Customer not verified: an AI agent says so, nothing confirms it."
                " Risk flags: asked for human, abuse."
            ),
        ),
        (
            {"verification": "strong", "verification_method": "", "risk_flags": ()},
            "Customer verified, strong. No risk flag.",
        ),
    ],
)
def test_how_surely_the_customer_is_known(changes: dict[str, Any], summary: str) -> None:
    part = build_bundle(replace(FULL, **changes)).parts[BundlePart.RISK_AND_VERIFICATION]
    assert part["summary"] == summary


TEXT = st.text(max_size=20)
INPUTS = st.builds(
    BundleInputs,
    intent=TEXT,
    customer_words=TEXT,
    entities=st.lists(
        st.builds(NamedEntity, kind=TEXT, value=TEXT, source=TEXT, confirmed=st.booleans()),
        max_size=2,
    ).map(tuple),
    steps=st.lists(
        st.builds(CompletedStep, title=TEXT, changed=st.booleans(), confirmation=TEXT), max_size=3
    ).map(tuple),
    checks=st.lists(
        st.builds(PolicyCheck, action=TEXT, outcome=st.sampled_from(["allow", "deny"])), max_size=3
    ).map(tuple),
    risk_flags=st.lists(TEXT, max_size=2).map(tuple),
    verification=st.sampled_from(["", "none", "claimed", "basic", "strong"]),
    next_step=st.none() | st.builds(NextStep, title=TEXT, why=TEXT),
    customer_paragraph=TEXT,
)


@given(INPUTS)
def test_a_part_is_filled_or_named_and_never_both(inputs: BundleInputs) -> None:
    bundle = build_bundle(inputs)
    assert set(bundle.parts) == set(BundlePart)
    for part in BundlePart:
        assert (bundle.parts[part] is None) == (part in bundle.missing)
    assert list(bundle.missing) == [part for part in BundlePart if part in bundle.missing]
    assert json.loads(json.dumps(as_json(bundle))) == as_json(bundle)


@given(INPUTS)
def test_no_step_or_check_is_lost_or_added(inputs: BundleInputs) -> None:
    parts = build_bundle(inputs).parts
    done, checks = parts[BundlePart.COMPLETED_STEPS], parts[BundlePart.POLICY_CHECKS]
    assert [step["title"] for step in done["steps"]] == [step.title for step in inputs.steps]
    assert done["nothing_changed"] == (not any(step.changed for step in inputs.steps))
    assert [check["action"] for check in checks["checks"]] == [c.action for c in inputs.checks]


def test_the_digest_follows_every_input() -> None:
    before = bundle_digest(as_json(build_bundle(FULL)))
    assert before == bundle_digest(as_json(build_bundle(replace(FULL))))
    changes: dict[str, Any] = {
        field.name: replace(FULL, **{field.name: getattr(BundleInputs(), field.name)})
        for field in fields(BundleInputs)
    }
    digests = {bundle_digest(as_json(build_bundle(inputs))) for inputs in changes.values()}
    assert len(digests) == len(changes)
    assert before not in digests


@pytest.mark.parametrize(
    ("act", "states"),
    [
        ("accept", {"offered"}),
        ("return", {"offered", "accepted"}),
        ("complete", {"accepted"}),
    ],
)
def test_what_can_be_done_in_which_state(act: str, states: set[str]) -> None:
    assert {str(s) for s in HandoffState if is_possible(act=act, state=s)} == states


@pytest.mark.parametrize(
    ("asked", "roles", "answers"),
    [
        ("", [Role.HUMAN_AGENT], True),
        ("human_agent", [Role.SPECIALIST], True),
        ("specialist", [Role.SPECIALIST], True),
        ("specialist", [Role.SUPERVISOR], True),
        ("specialist", [Role.HUMAN_AGENT], False),
        ("supervisor", [Role.SUPERVISOR], True),
        ("supervisor", [Role.SPECIALIST], False),
        ("supervisor", [], False),
    ],
)
def test_whom_a_handoff_asks_for(*, asked: str, roles: list[Role], answers: bool) -> None:
    assert answers_role(asked=asked, roles=roles) is answers


@pytest.mark.parametrize(
    ("reason", "sender", "same", "kind"),
    [
        (Reason.STEP_NEEDS_PERSON, ActorKind.SYSTEM, True, "planned_step"),
        (Reason.LOW_CONFIDENCE, ActorKind.AGENT, False, "escalation"),
        (Reason.POLICY_SPECIALIST, ActorKind.SYSTEM, True, "escalation"),
        (Reason.OTHER_TEAM, ActorKind.HUMAN, False, "cross_team"),
        (Reason.SHIFT_ENDS, ActorKind.HUMAN, True, "same_team"),
    ],
)
def test_the_kind_of_transfer(reason: Reason, sender: ActorKind, same: bool, kind: str) -> None:
    assert rules.transfer_of(reason=reason, sender=sender, is_same_queue=same) == kind


@pytest.mark.parametrize(
    ("asked", "roles", "then"),
    [
        ("", [], ""),
        ("", ["specialist"], "specialist"),
        ("human_agent", ["specialist", "supervisor"], "specialist"),
        ("specialist", ["specialist", "supervisor"], "supervisor"),
        ("supervisor", ["specialist", "supervisor"], ""),
    ],
)
def test_who_is_asked_next(asked: str, roles: list[str], then: str) -> None:
    assert rules.next_role(asked=asked, roles=roles) == then


def test_passes_count_both_ways_and_only_between_the_two() -> None:
    passes = [Pass("a", "b"), Pass("b", "a"), Pass("b", "c"), Pass("a", "a")]
    assert rules.count_passes(passes, one="b", other="a") == 2
    assert rules.count_passes(passes, one="c", other="b") == 1
    assert rules.count_passes([], one="a", other="b") == 0


def test_a_code_that_is_no_reason_is_another_one() -> None:
    assert rules.reason_of("low_confidence") is Reason.LOW_CONFIDENCE
    assert rules.reason_of("customer.asked") is Reason.OTHER
