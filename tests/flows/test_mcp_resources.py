"""Resources over the protocol: who is given which, page by page."""

import json
from typing import Any

import pytest

from governance.access.models import AgentQueueGrant
from orchestra.core.actors import system
from orchestra.core.history import acting
from orchestra.mcp import resources
from tests.flows.conftest import World
from tests.flows.helpers import WORDS
from tests.flows.mcp import ask, done, error, result

pytestmark = pytest.mark.django_db


def test_articles_are_listed_by_key_page_by_page(
    retail: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = result(ask(retail, "resources/list"))
    uris = [one["uri"] for one in whole["resources"]]
    assert uris == sorted(uris)
    assert len(uris) > 1
    assert (whole["cacheScope"], "nextCursor" in whole) == ("private", False)
    monkeypatch.setattr(resources, "PAGE_SIZE", 1)
    found: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = result(ask(retail, "resources/list", **cursor))
        found += [one["uri"] for one in page["resources"]]
        if "nextCursor" not in page:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert found == uris
    error(ask(retail, "resources/list", cursor="x"), 400, -32602)


def test_an_article_reads_as_the_tool_reads_it(retail: World) -> None:
    first = result(ask(retail, "resources/list"))["resources"][0]
    (content,) = result(ask(retail, "resources/read", uri=first["uri"]))["contents"]
    article = done(retail, "orchestra_read_article", key=first["name"])
    assert content == {
        "uri": first["uri"],
        "mimeType": "text/markdown",
        "text": f"# {article['title']}\n\n{article['body']}",
    }


def test_a_timeline_is_the_tools_and_for_who_works_the_queue(retail: World) -> None:
    (template,) = result(ask(retail, "resources/templates/list"))["resourceTemplates"]
    case = done(retail, "orchestra_open_case", channel="chat", text=WORDS)["id"]
    uri = template["uriTemplate"].replace("{case_id}", case)
    (content,) = result(ask(retail, "resources/read", uri=uri))["contents"]
    told = done(retail, "orchestra_read_timeline", case_id=case)["items"]
    assert json.loads(content["text"]) == told
    with acting(system("test")):
        AgentQueueGrant.objects.all().delete()
    error(ask(retail, "resources/read", uri=uri), 400, -32602)


@pytest.mark.parametrize(
    "uri",
    [
        "orchestra://articles/none",
        "orchestra://articles/",
        "orchestra://cases/00000000-0000-7000-8000-00000000dead/timeline",
        "orchestra://cases/------------------------------------/timeline",
        "orchestra://cases/x/timeline",
        "file:///etc/passwd",
        "https://example.com/",
        "",
    ],
)
def test_what_there_is_not_is_no_resource(retail: World, uri: str) -> None:
    error(ask(retail, "resources/read", uri=uri), 400, -32602)
