"""Two spans or two versions beside each other: the same numbers as the field's own tools give."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from qa.measurement.columns.flattening import tables_of
from qa.measurement.comparing import contrast, shares_of
from qa.measurement.contrasts import COMPARABLE, Basis, Cohort, Contrast
from qa.measurement.facts.types import CaseFacts
from qa.measurement.parsing import parse_metric
from qa.measurement.types import Breakdown, Metric, MetricSpec
from tests.factories.measured import made_case
from tests.factories.quality import metric

A = datetime(2026, 8, 3, tzinfo=UTC)
B = A + timedelta(weeks=4)
NOW = B + timedelta(weeks=8)
WEEK = timedelta(weeks=4)


def spec(key: str) -> MetricSpec:
    return parse_metric(document=metric(key))


def cases(begin: datetime, count: int, **of: str) -> list[CaseFacts]:
    """Cases of which one in eight is transferred, comes back and has an exception."""
    made = [made_case(f"{begin:%d%m}-{one}", begin, one) for one in range(count)]
    return [_of(one, **of) for one in made] if of else made


def _of(facts: CaseFacts, **of: str) -> CaseFacts:
    dims = replace(facts.of, **of)
    return replace(
        facts,
        of=dims,
        episodes=tuple(replace(one, of=dims) for one in facts.episodes),
        contacts=tuple(replace(one, of=dims) for one in facts.contacts),
    )


def apart(key: str, one: list[CaseFacts], two: list[CaseFacts]) -> Contrast:
    return contrast(
        spec=spec(key),
        first=(Cohort(A, A + WEEK), tables_of(one)),
        second=(Cohort(B, B + WEEK), tables_of(two)),
        now=NOW,
    )


def test_shares_differ_by_newcombe() -> None:
    one = cases(A, 80)
    two = [facts for facts in cases(B, 80) if int(facts.case.split("-")[1]) % 16]
    found = apart("transfer_rate", one, two)
    # Returning contacts are contacts too: ten of ninety, and five of eighty.
    assert (found.first.n, found.second.n, found.basis) == (90, 80, Basis.NEWCOMBE)
    low, high = confint_proportions_2indep(5, 80, 10, 90, method="newcomb")
    assert found.difference is not None
    assert found.difference.value == pytest.approx(100 * (5 / 80 - 10 / 90))
    assert found.difference.low == pytest.approx(100 * low)
    assert found.difference.high == pytest.approx(100 * high)


def test_returns_are_read_off_their_curve_also_where_windows_are_open() -> None:
    young = contrast(
        spec=spec("recontact_rate"),
        first=(Cohort(A, A + WEEK), tables_of(cases(A, 80))),
        second=(
            Cohort(B, B + WEEK),
            tables_of([*cases(B, 40), *cases(B + timedelta(days=5), 40)]),
        ),
        now=B + timedelta(days=10),
    )
    assert (young.first.reading.value, young.second.reading.value) == (12.5, 12.5)
    assert (young.first.open, young.second.open) == (0, 40)
    assert young.difference is not None
    assert young.difference.value == 0
    assert young.first.curve


def test_times_differ_by_their_restricted_means_and_the_log_rank_test() -> None:
    slow = [
        replace(
            facts,
            episodes=tuple(
                replace(one, resolved_at=facts.opened_at + timedelta(hours=12))
                for one in facts.episodes
            ),
        )
        for facts in cases(A, 80)
    ]
    found = apart("time_to_resolution", slow, cases(B, 80))
    assert (found.first.reading.value, found.second.reading.value) == (12.0, 5.0)
    assert found.means is not None
    assert found.difference is not None
    assert found.difference.value is not None
    assert found.difference.value == pytest.approx(found.means[1] - found.means[0])
    assert found.difference.value < 0
    assert found.p_value is not None
    assert found.p_value < 0.001
    assert apart("time_to_resolution", slow, []).difference is None


def test_means_differ_by_both_intervals() -> None:
    found = apart("after_contact_work", cases(A, 40), cases(B, 40))
    assert (found.first.reading.value, found.basis) == (2.0, Basis.TWO_INTERVALS)


def test_only_what_is_asked_for_counts_and_moved_cases_leave_versions() -> None:
    rows = [
        *cases(A, 40, cue_sheet_version="1"),
        *(
            replace(facts, case=f"x{facts.case}", migrated=number < 3)
            for number, facts in enumerate(cases(A, 40, cue_sheet_version="2"))
        ),
    ]
    both = tables_of(rows)
    sides = [Cohort(A, A + WEEK, {Breakdown.CUE_SHEET_VERSION: version}) for version in ("1", "2")]
    found = contrast(
        spec=spec("time_to_resolution"),
        first=(sides[0], both),
        second=(sides[1], both),
        now=NOW,
    )
    assert (found.first.n, found.first.moved) == (40, 0)
    assert (found.second.n, found.second.moved) == (37, 3)
    only_chat = replace(sides[0], only={Breakdown.CHANNEL: "chat"})
    share = contrast(
        spec=spec("transfer_rate"), first=(only_chat, both), second=(only_chat, both), now=NOW
    )
    assert share.first.parts is not None
    assert set(shares_of(share.first.parts, Breakdown.CHANNEL)) == {"chat"}


def test_every_metric_but_those_whose_parts_do_not_add_up_is_comparable() -> None:
    left = {
        Metric.TRANSFERS_PER_100,
        Metric.AFTER_CONTACT_WORK_SHARE,
        Metric.RECOVERED_RATE,
        Metric.AUDIT_COMPLETENESS_FACTS,
    }
    assert set(Metric) - COMPARABLE == left
