"""Each check on words it must find, and on the same words where they are right."""

from datetime import timedelta

import pytest

from qa.findings.checks.base import Outcome
from qa.findings.reading import ArticleSeen, CallSeen, Reading, Utterance
from qa.findings.rules import BY_KEY
from qa.findings.types import CheckResult
from tests.factories.access import MADE_AT
from tests.factories.readings import STEP, call_after, reading

ORDER = {"order_id": "#W8367380", "address": "12 Elm Street", "total": 153.18}
TERMS = ArticleSeen("a1", "Returns 3", "A refund to a credit card arrives within 5 to 7 days.")


def run(key: str, found: Reading) -> Outcome:
    return BY_KEY[key].run(found)


def words(outcome: Outcome, found: Reading) -> list[str]:
    text = {one.id: one.text for one in found.messages}
    return [
        text[span.message][span.start : span.end] for one in outcome.spotted for span in one.spans
    ]


def details(outcome: Outcome) -> list[str]:
    return [one.detail for one in outcome.spotted]


JACKET = "ai: Done. The fleece jacket has been successfully removed from your order."
ASKED = ("customer: Take the jacket out", "ai: I will remove the fleece jacket. Shall I?")


@pytest.mark.parametrize(
    ("calls", "detail"),
    [
        ((), "no_call"),
        ((call_after(1, "modify_pending_order_items", done=False),), "call_did_not_succeed"),
        ((call_after(1, "modify_pending_order_items", confirmed=False),), "call_did_not_succeed"),
        ((call_after(1, "modify_user_profile", writes=False),), "no_call"),
        ((call_after(9, "modify_pending_order_items"),), "call_did_not_succeed"),
        (
            (
                call_after(
                    1,
                    "modify_pending_order_items",
                    result={"items": [{"name": "Fleece Jacket"}, {"name": "Bluetooth Speaker"}]},
                ),
            ),
            "still_in_the_record",
        ),
    ],
)
def test_a_promise_without_a_confirmed_result_is_found(
    calls: tuple[CallSeen, ...], detail: str
) -> None:
    found = reading(*ASKED, JACKET, calls=calls)
    outcome = run("promise_kept", found)
    assert details(outcome) == [detail]
    assert words(outcome, found) == [
        "The fleece jacket has been successfully removed from your order."
    ]


def test_a_promise_that_a_tool_confirmed_is_fine() -> None:
    gone = call_after(1, "modify_pending_order_items", result={"items": [{"name": "Speaker"}]})
    assert run("promise_kept", reading(*ASKED, JACKET, calls=(gone,))) == Outcome(CheckResult.FINE)


@pytest.mark.parametrize(
    "line",
    [
        "ai: Once your order has been cancelled you get a mail.",
        "ai: Your order has not been cancelled.",
        "ai: It hasn't been cancelled.",
        "ai: Has your order been cancelled?",
        "customer: You said it has been cancelled.",
        "ai: I can cancel the order for you.",
    ],
)
def test_what_is_no_claim_promises_nothing(line: str) -> None:
    assert run("promise_kept", reading(line)).result is CheckResult.DOES_NOT_APPLY


@pytest.mark.parametrize(
    ("said", "expected"),
    [("$153.18", []), ("$200.00", ["$200.00"]), ("$1,153.18", ["$1,153.18"]), ("$103.18", [])],
)
def test_an_amount_must_stand_in_a_record_or_be_the_sum_of_two(
    said: str, expected: list[str]
) -> None:
    done = call_after(0, "return_delivered_order_items", result={"refund": 153.18, "fee": "50.00"})
    found = reading("customer: yes", f"ai: I have refunded {said} to your card.", calls=(done,))
    assert words(run("amount_recorded", found), found) == expected


def test_a_change_needs_a_yes_to_what_was_listed() -> None:
    cancel = call_after(2, "cancel_pending_order")
    lines = ("customer: Hi", "ai: Cancel #W1 for $12, refund to your card?")
    no = reading(*lines, "customer: It is over 3000. I think I'll need to stop.", calls=(cancel,))
    assert details(run("yes_before_act", no)) == ["no_yes"]
    assert words(run("yes_before_act", no), no) == ["I think I'll need to stop."]
    assert run("yes_before_act", reading(*lines, "customer: Yes, go ahead", calls=(cancel,))) == (
        Outcome(CheckResult.FINE)
    )
    early = reading("customer: Yes cancel it", calls=(call_after(0, "cancel_pending_order"),))
    assert details(run("yes_before_act", early)) == ["nothing_listed"]


def test_a_change_that_a_person_proposed_or_that_did_not_run_needs_none() -> None:
    for call in (
        call_after(0, "cancel_pending_order", by_agent=False),
        call_after(0, "cancel_pending_order", done=False),
        call_after(0, "transfer_to_human_agents", hands_off=True),
    ):
        outcome = run("yes_before_act", reading("customer: stop it", calls=(call,)))
        assert outcome.result is CheckResult.DOES_NOT_APPLY


def test_account_data_told_before_verification_is_found_once_the_customer_is_not_known() -> None:
    look = call_after(0, "get_order_details", writes=False, result=ORDER)
    lines = ("customer: Where is my parcel?", "ai: It goes to 12 Elm Street.")
    found = reading(*lines, calls=(look,))
    assert words(run("verified_first", found), found) == ["12 Elm Street"]
    for fine in (
        reading(*lines, calls=(look,), verified_at=MADE_AT),
        reading("customer: To 12 Elm Street?", lines[1], calls=(look,)),
        reading("customer: Where?", "ai: I look it up.", calls=(look,)),
    ):
        assert run("verified_first", fine) == Outcome(CheckResult.FINE)
    finds = call_after(0, "find_user", writes=False, identifies=True, result=ORDER)
    assert run("verified_first", reading(*lines, calls=(finds,))).why == "no_account_data"


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("ai: Your card 4111 1111 1111 1111 is charged.", ["card"]),
        ("ai: Write to bob.builder@example.org.", ["email"]),
        ("ai: I wrote to me@example.com.", []),
        ("customer: My card is 4111 1111 1111 1111.", []),
    ],
)
def test_personal_data_of_others_and_full_numbers_are_found(line: str, kinds: list[str]) -> None:
    found = reading("customer: I am me@example.com", "ai: Hello", line)
    assert details(run("personal_data", found)) == kinds


def test_a_contact_point_or_an_address_of_an_article_is_nobody_elses() -> None:
    line = "ai: Write to bob.builder@example.org."
    help_text = ArticleSeen("a", "Help 1", "Mail bob.builder@example.org for help.")
    for fine in (
        reading(line, contact_points=("bob.builder@example.org",)),
        reading(line, articles=(help_text,)),
    ):
        assert run("personal_data", fine) == Outcome(CheckResult.FINE)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ai: The refund to your credit card arrives within 14 days.", ["14 days"]),
        ("ai: The refund to your credit card arrives within 7 days.", []),
        ("ai: The refund to your credit card arrives in 5-7 business days.", []),
        ("ai: Your appointment takes 14 days to arrange.", []),
    ],
)
def test_a_term_must_be_that_of_the_article(line: str, expected: list[str]) -> None:
    found = reading(line, articles=(TERMS,))
    assert words(run("terms_of_policy", found), found) == expected


def test_an_ai_says_so_with_its_first_words_or_a_text_on_record_does() -> None:
    silent = reading("customer: are you an AI assistant?", "ai: Hello there")
    assert words(run("told_it_is_ai", silent), silent) == ["Hello there"]
    told = reading("customer: Hi", "ai: Hello, I am an AI assistant.")
    assert run("told_it_is_ai", told) == Outcome(CheckResult.FINE)
    shown = reading("customer: Hi", "ai: Hello", disclosed_at=MADE_AT)
    assert run("told_it_is_ai", shown) == Outcome(CheckResult.FINE)
    late = reading("customer: Hi", "ai: Hello", disclosed_at=MADE_AT + STEP * 2)
    assert details(run("told_it_is_ai", late)) == ["not_told"]
    assert run("told_it_is_ai", reading("human: Hello")).why == "no_ai_spoke"


def test_what_the_case_held_is_not_asked_again() -> None:
    before = (Utterance("b", "customer", "I am x@example.com", MADE_AT - timedelta(hours=1)),)
    found = reading("ai: Hi. Please provide your email address.", before=before)
    assert words(run("asked_again", found), found) == ["Please provide your email address."]
    assert run("asked_again", reading("ai: Hi. Please provide your email address.")) == (
        Outcome(CheckResult.FINE)
    )


@pytest.mark.parametrize(
    ("lines", "detail"),
    [
        (("customer: Hi", "ai: It is done. Anything else?"), []),
        (("customer: Hi", "ai: Look it up. Have a good day!", "customer: And my order?"), ["un"]),
        (("customer: Hi", "ai: Look it up.", "customer: Thank you"), []),
        (("customer: Hi", "ai: No."), ["no"]),
    ],
)
def test_a_contact_is_brought_to_an_end(lines: tuple[str, ...], detail: list[str]) -> None:
    assert [one[:2] for one in details(run("closing", reading(*lines)))] == detail


def test_a_text_of_the_cue_sheet_ends_a_contact_and_a_handoff_needs_none() -> None:
    lines = ("customer: Hi", "ai: So long and farewell.")
    assert run("closing", reading(*lines, texts=("So long and farewell.",))).spotted == ()
    assert run("closing", reading(*lines, handed_off=True)).why == "handed_off"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("human: Calm down.", ["dismisses"]),
        ("ai: That is your own fault.", ["blames"]),
        ("ai: Do not be stupid", ["insults"]),
        ("ai: READ THE FINE PRINT NOW", ["shouts"]),
        ("customer: You are stupid", []),
        ("ai: I am sorry about the delay.", []),
    ],
)
def test_rules_of_tone_name_words_of_those_who_answer(line: str, rule: list[str]) -> None:
    assert details(run("tone", reading("ai: Hello", line))) == rule
