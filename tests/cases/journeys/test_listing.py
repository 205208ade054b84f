"""A list of journeys holds just those that its filters, and a count, mean."""

from datetime import timedelta

import pytest

from cases.journeys import counting, services
from cases.journeys.listing import (
    WHICH,
    JourneyFilters,
    find_move,
    find_places,
    list_journeys_over_cases,
)
from cases.journeys.models import CueSheetVersion, Journey
from cases.memory.models import Case
from governance.access.selectors import authority_of
from governance.access.types import Authority
from orchestra.core.errors import InvalidInputError, NotFoundError
from tests.factories.access import make_person
from tests.factories.retail import Centre


def maren(centre: Centre) -> Authority:
    return authority_of(centre.people["maren"].as_actor())


def listed(centre: Centre, *, late: bool = False, **asked: str) -> list[int]:
    rows = list_journeys_over_cases(
        authority=maren(centre),
        filters=JourneyFilters(**asked),
        now=centre.clock() + timedelta(hours=1 if late else 0),
    )
    return [one.case_id for one in rows]


def test_each_filter_leaves_what_it_means(centre: Centre, case: Case) -> None:
    other = centre.open("Please cancel order #W9373487, I no longer need it.").case
    centre.identify(other)
    both = [other.pk, case.pk]
    assert listed(centre) == both
    assert listed(centre, cue_sheet="cancel_order", version="1", queue=case.queue.key) == both
    assert listed(centre, cue_sheet="return_items") == []
    assert listed(centre, version="2") == []
    assert listed(centre, queue="returns") == []
    assert listed(centre, cue="identify", which="now") == [case.pk]
    assert listed(centre, cue="identify", which="reached") == both
    assert listed(centre, which="overdue") == []
    assert case.pk in listed(centre, which="overdue", late=True)
    services.cancel_journey(
        actor=centre.people["maren"].as_actor(),
        now=centre.clock(),
        case=case,
        journey_id=Journey.objects.get(case=case).public_id,
        reason="Not wanted.",
    )
    assert listed(centre, state="cancelled") == [case.pk]
    assert listed(centre, state="running") == [other.pk]


def test_a_list_is_as_long_as_the_count_that_leads_to_it(centre: Centre, case: Case) -> None:
    other = centre.open("Please cancel order #W9373487, I no longer need it.").case
    centre.identify(other)
    version = CueSheetVersion.objects.get(journeys__case=case)
    now = centre.clock() + timedelta(hours=1)
    since = now - timedelta(days=14)
    counts = counting.count_cues(authority=maren(centre), version=version, since=since, now=now)
    for key, found in counts.items():
        for which in WHICH:
            rows = list_journeys_over_cases(
                authority=maren(centre),
                filters=JourneyFilters(cue=key, which=which, since=since),
                now=now,
            )
            assert rows.count() == getattr(found, which), (key, which)
    narrowed = counting.count_cues(
        authority=maren(centre), version=version, since=since, now=now, queue="returns"
    )
    assert narrowed == {}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"state": "asleep"}, "state"),
        ({"which": "lost"}, "which"),
        ({"version": "newest"}, "version"),
        ({"version": "9" * 30}, "version"),
        ({"queue": "nowhere"}, "queue"),
    ],
)
def test_what_is_no_filter_is_told(centre: Centre, asked: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        listed(centre, **asked)
    assert [error.field for error in caught.value.errors] == [field]


def test_cases_that_a_reader_may_not_see_are_not_listed(centre: Centre, case: Case) -> None:
    del case
    nobody = authority_of(make_person("nobody").as_actor())
    rows = list_journeys_over_cases(authority=nobody, filters=JourneyFilters(), now=centre.clock())
    assert not rows.exists()


def test_the_cues_that_journeys_are_at_are_read_at_once(case: Case) -> None:
    [journey] = Journey.objects.filter(case=case)
    assert [step.key for step in find_places(journeys=[journey])[journey.pk]] == [
        "identify",
        "hand_over",
    ]


def test_a_move_is_previewed_without_a_change(centre: Centre, case: Case) -> None:
    journey = Journey.objects.get(case=case)
    present = CueSheetVersion.objects.get(cue_sheet__key="cancel_order", state="published")
    steps = [step for step in present.document["steps"] if step["key"] != "look"]
    services.publish_cue_sheet(
        actor=centre.people["petra"].as_actor(),
        now=centre.clock(),
        document={**present.document, "title": "Cancel it", "steps": steps},
    )
    found, version, preview = find_move(case=case, journey_id=str(journey.public_id))
    assert (found.pk, version.number, preview.blocks) == (journey.pk, 2, ())
    assert "identify" in preview.again
    journey.refresh_from_db()
    assert journey.version_id == present.pk
    for wrong in ("x", "019ab000-0000-7000-8000-000000000001"):
        with pytest.raises(NotFoundError):
            find_move(case=case, journey_id=wrong)
