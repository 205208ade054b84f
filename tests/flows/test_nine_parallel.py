"""Parallel, shared memory: live assist, QA in the background, knowledge as spoken."""

import pytest

from cases.assist.selectors import list_suggestions
from cases.journeys.selectors import list_journeys
from tests.flows.conftest import World
from tests.flows.nine import expected, kinds, played

SHEETS = ("live_assist", "quality_in_background", "knowledge_as_spoken")


@pytest.mark.parametrize("key", SHEETS)
def test_it_leaves_exactly_its_entries(provider: World, key: str) -> None:
    case = played(provider, key)
    assert kinds(case) == expected(key)
    assert case.status == "resolved"
    [journey] = list_journeys(case=case)
    assert (journey.version.cue_sheet.key, journey.state) == (key, "completed")


def test_the_article_the_agent_used_is_kept_with_the_case(provider: World) -> None:
    case = played(provider, "knowledge_as_spoken")
    used = list_suggestions(case=case).filter(state="accepted").get()
    assert used.source_key == "moving_home"
    assert provider.store.total_effects() == 0
