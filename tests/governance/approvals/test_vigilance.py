"""What makes a test of attention wrong, when one is drawn, and what seals it."""

import json
from random import Random
from typing import Any

import pytest

from governance.access.types import Role
from governance.approvals.vigilance import (
    TEMPLATES,
    amount_above,
    commit,
    completes,
    delay_of,
    is_drawn,
    make_wrong,
    seed_of,
    words_differ,
)
from tests.factories.vigilance import make_view

SEED = "5e" * 32
DRAW = Random("a seed")  # noqa: S311  no secret, a repeatable draw
ADMIN, OFFICER, LEAD = Role.ADMINISTRATOR, Role.COMPLIANCE_OFFICER, Role.QA_LEAD


def test_more_is_paid_out_than_the_evidence_shows() -> None:
    view = make_view()
    wrong = amount_above(view, DRAW)
    assert wrong is not None
    assert wrong.amount_minor is not None
    assert 112_604 * 1.3 - 1 <= wrong.amount_minor <= 112_604 * 1.9
    shown = f"${wrong.amount_minor / 100:,.2f}"
    assert shown in wrong.view["effect"]["sentence"]
    assert shown in wrong.view["before_after"]["rows"][0]["after"]
    assert wrong.view["money"]["amount_minor"] == wrong.amount_minor
    assert wrong.view["evidence"] == view["evidence"]
    assert "the evidence on its page shows 1,126.04 USD" in wrong.sign
    assert view == make_view()


def test_it_acts_on_something_else_than_the_customer_wrote() -> None:
    wrong = words_differ(make_view(), DRAW)
    assert wrong is not None
    other = wrong.view["call"]["arguments"]["order_id"]
    assert other != "#W2378156"
    assert len(other) == len("#W2378156")
    assert other in wrong.view["effect"]["sentence"]
    assert wrong.view["conversation"] == make_view()["conversation"]
    assert wrong.sign == f"the customer wrote #W2378156, and it acts on {other}"


@pytest.mark.parametrize(
    ("template", "changes"),
    [
        (amount_above, {"money": {"amount_minor": None, "currency": ""}}),
        (amount_above, {"money": {"amount_minor": 5, "currency": "USD", "direction": "none"}}),
        (amount_above, {"evidence": []}),
        (amount_above, {"effect": {"sentence": "Refund the order"}}),
        (words_differ, {"conversation": []}),
        (words_differ, {"conversation": [{"speaker": "ai", "text": "#W2378156"}]}),
        (words_differ, {"effect": {"sentence": "Refund the order"}}),
        (words_differ, {"call": {"arguments": {"order_id": "abcd"}}}),
        (words_differ, {"call": {}}),
    ],
)
def test_a_template_leaves_alone_what_would_not_show(
    template: Any, changes: dict[str, Any]
) -> None:
    assert template(make_view(**changes), DRAW) is None


def test_the_same_seed_makes_the_same_and_other_seeds_others() -> None:
    made = make_wrong(make_view(), seed=SEED)
    assert made == make_wrong(make_view(), seed=SEED)
    names = {found[0] for n in range(30) if (found := make_wrong(make_view(), seed=str(n)))}
    assert names == set(TEMPLATES)
    assert make_wrong({}, seed=SEED) is None


def test_what_is_made_wrong_stays_json_of_the_same_shape() -> None:
    for number in range(50):
        made = make_wrong(make_view(), seed=str(number))
        assert made is not None
        view = made[1].view
        assert json.loads(json.dumps(view)) == view
        assert sorted(view) == sorted(make_view())


def test_the_rate_is_kept_and_every_draw_can_be_made_again() -> None:
    drawn = [is_drawn(seed=SEED, request_id=str(n), per_thousand=50) for n in range(20_000)]
    assert drawn == [is_drawn(seed=SEED, request_id=str(n), per_thousand=50) for n in range(20_000)]
    # A thousand are expected; four standard deviations are 123.
    assert 877 <= sum(drawn) <= 1123
    assert not any(is_drawn(seed=SEED, request_id=str(n), per_thousand=0) for n in range(100))


def test_a_test_comes_some_while_after_what_drew_it() -> None:
    delays = [delay_of(seed=SEED, request_id=str(n)).total_seconds() for n in range(500)]
    assert 120 <= min(delays) < 200
    assert 1_700 < max(delays) <= 1_800


def test_a_seal_opens_with_what_it_sealed_only() -> None:
    sealed = {"test_id": "t", "template": "amount_above", "model": "m", "seed": "s", "salt": "x"}
    seal = commit(**sealed)
    assert len(seal) == 64
    for name in sealed:
        assert commit(**{**sealed, name: "other"}) != seal
    assert seed_of(seed=SEED, request_id="a") != seed_of(seed=SEED, request_id="b")


@pytest.mark.parametrize(
    ("asker", "agreer", "expected"),
    [
        ({ADMIN}, {OFFICER}, True),
        ({OFFICER}, {ADMIN}, True),
        ({ADMIN, OFFICER}, {ADMIN}, True),
        ({ADMIN}, {ADMIN}, False),
        ({OFFICER}, {OFFICER}, False),
        ({ADMIN}, {LEAD}, False),
        ({ADMIN, OFFICER}, set(), False),
    ],
)
def test_two_people_are_an_administrator_and_a_compliance_officer(
    asker: set[Role], agreer: set[Role], expected: bool
) -> None:
    assert completes(asker=asker, agreer=agreer) is expected
