"""Prompts over the protocol: the cue sheets that a token may follow, told to an AI agent."""

from typing import Any

import pytest

from cases.journeys.models import CueSheetVersion
from governance.access.models import AgentQueueGrant
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import system
from orchestra.core.history import acting
from orchestra.mcp import prompts
from tests.flows.conftest import World
from tests.flows.mcp import ask, error, result

pytestmark = pytest.mark.django_db


def test_cue_sheets_in_force_are_listed_by_key_page_by_page(
    retail: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = result(ask(retail, "prompts/list"))
    names = [one["name"] for one in whole["prompts"]]
    assert names == sorted(CueSheetVersion.objects.values_list("cue_sheet__key", flat=True))
    assert len(names) > 2
    assert (whole["cacheScope"], "nextCursor" in whole) == ("private", False)
    monkeypatch.setattr(prompts, "PAGE_SIZE", 2)
    found: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = result(ask(retail, "prompts/list", **cursor))
        found += [one["name"] for one in page["prompts"]]
        if "nextCursor" not in page:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert found == names
    error(ask(retail, "prompts/list", cursor="x"), 400, -32602)


def test_a_prompt_tells_whose_each_step_is_and_reads_nothing(retail: World) -> None:
    before = LedgerEntry.objects.count()
    found = result(ask(retail, "prompts/get", name="return_items"))
    (message,) = found["messages"]
    assert message["role"] == "user"
    text = message["content"]["text"]
    for part in ("# Return", "## Verify", "## Execute", "**Yours:**"):
        assert part in text
    assert "return_delivered_order_items" in text
    assert "The need is met when this holds:" in text
    assert "hand the case to a person" in text
    assert LedgerEntry.objects.count() == before


def test_a_prompt_of_a_queue_that_is_not_the_tokens_is_none(retail: World) -> None:
    with acting(system("test")):
        AgentQueueGrant.objects.all().delete()
    assert result(ask(retail, "prompts/list"))["prompts"] == []
    error(ask(retail, "prompts/get", name="return_items"), 400, -32602)


@pytest.mark.parametrize("params", [{"name": "none"}, {"name": ""}])
def test_what_there_is_not_is_no_prompt(retail: World, params: dict[str, Any]) -> None:
    error(ask(retail, "prompts/get", **params), 400, -32602)


def test_a_prompt_takes_no_case(retail: World) -> None:
    asked = ask(retail, "prompts/get", name="return_items", arguments={"case": "C-1"})
    assert "no arguments" in error(asked, 400, -32602)["message"]
