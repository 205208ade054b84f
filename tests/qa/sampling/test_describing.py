"""What differs between two sampling plans, in sentences."""

from governance.reviews.types import Sign
from qa.sampling.describing import describe_changes
from qa.sampling.parsing import parse_plan
from qa.sampling.sentences import plan_words
from tests.factories.quality import plan, targeted
from tests.qa.sampling.test_parsing import acceptance, discovery


def test_a_plan_reads_as_sentences() -> None:
    found = plan_words(parse_plan(document=plan()))
    assert found["How many"] == (
        "180 in a period, shared out by size and spread of each stratum (Neyman); the spread "
        "of review minus automatic check over the 4 weeks before."
    )
    assert found["Strata"] == (
        "Cut by risk of what was done and who handled it; at least 2 of each. "
        "Reviewed completely: risk critical."
    )
    assert found["Drawn"] == (
        "Every week from Monday, at 06:00 on the day after it, America/New_York."
    )
    lots = plan_words(parse_plan(document=acceptance()))
    assert lots["What it shows"].endswith("does not show that its rate is below the limit.")
    assert "level II, limit 1.0 %, normal inspection" in lots["How many"]
    assert "less than 2 % fail" in plan_words(parse_plan(document=discovery()))["How many"]
    assert "never enter an estimate" in plan_words(parse_plan(document=targeted()))["What it shows"]


def test_a_change_names_what_it_changes_and_what_falls_away() -> None:
    after = plan(
        allocation={"method": "neyman", "total": 240, "spread": "review_score", "weeks": 4},
        quotas=None,
        frame=[{"by": "channel", "is_not": ["voice"]}],
    )
    found = {one.place: one for one in describe_changes(plan(), after)}
    assert set(found) == {"How many", "Bounds per person", "Filter 1"}
    assert found["How many"].after.startswith("240")
    assert found["Bounds per person"].sign is Sign.REMOVED
    assert (found["Filter 1"].sign, found["Filter 1"].after) == (
        Sign.ADDED,
        "channel is not voice",
    )
