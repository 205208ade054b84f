"""What a journey has and lacks, read with the same few queries whatever there is."""

from typing import Any

import pytest

from cases.journeys.models import CueSheetVersion
from cases.journeys.services import publish_cue_sheet
from cases.readiness import selectors
from cases.readiness.types import JourneySeen
from cases.tools.models import ToolCall
from governance.access.models import AgentIdentity
from governance.switches.services import stop
from governance.switches.types import StopScope
from orchestra.core.actors import system
from orchestra.core.clock import now
from tests.factories.readiness import end_with_the_effect_seen, look_up
from tests.flows.conftest import World, retail  # noqa: F401  the fixture is used by name


def test_a_journey_counts_once_and_only_with_its_effect_seen(
    retail: World,  # noqa: F811  pytest names fixtures so
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look_up(retail)
    end_with_the_effect_seen("cancel_order", "cancel", cases=2)
    version = CueSheetVersion.objects.get(cue_sheet__key="cancel_order", state="published")
    assert selectors.count_verified(version=version) == 2
    with monkeypatch.context() as patch:
        patch.setattr(selectors, "LOOKED_AT", 1)
        assert selectors.count_verified(version=version) == 1
    ToolCall.objects.update(confirmed=False)
    assert selectors.count_verified(version=version) == 0


def test_the_look_at_all_journeys_asks_the_same_whatever_their_number(
    retail: World,  # noqa: F811  pytest names fixtures so
    django_assert_num_queries: Any,
) -> None:
    del retail
    selectors.read_overview(now=now())
    with django_assert_num_queries(4):
        before = selectors.read_overview(now=now()).sheets
    for number in range(3):
        _another(f"return_more_{number}")
    selectors.read_overview(now=now())
    with django_assert_num_queries(4):
        assert len(selectors.read_overview(now=now()).sheets) == len(before) + 3


def test_a_stop_of_a_tool_and_the_agents_of_the_queue_are_seen(
    retail: World,  # noqa: F811  pytest names fixtures so
) -> None:
    def seen() -> JourneySeen:
        return selectors.readiness_of(key="return_items", now=now())[0]

    first = seen()
    assert not any(tool.stopped for tool in first.tools)
    assert first.agents == tuple(sorted(first.agents)) != ()
    operator = retail.people["operator"].as_actor()
    name = first.tools[0].name
    stop(actor=operator, now=now(), scope=StopScope.TOOL, key=name, reason="It errs.")
    assert [tool.name for tool in seen().tools if tool.stopped] == [name]
    AgentIdentity.objects.update(is_active=False)
    assert seen().agents == ()


def _another(key: str) -> None:
    present = CueSheetVersion.objects.get(cue_sheet__key="return_items", state="published")
    document = {**present.document, "key": key, "intents": []}
    publish_cue_sheet(actor=system("test"), now=now(), document=document)
