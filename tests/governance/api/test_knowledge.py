"""Knowledge over REST: who finds what, what a reading leaves behind, and what may be cited."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.tools.models import ToolCall
from governance.approvals.models import ApprovalRequest
from governance.knowledge.models import ArticleUse
from governance.ledger.models import LedgerEntry
from tests.factories.articles import put_in_force
from tests.flows.conftest import World, retail
from tests.flows.helpers import agree, identify, open_case, propose_return
from tests.flows.test_people_over_rest import sign_in

__all__ = ["retail"]

#: A word that stands in no article that ships.
WORD = "marmalade"
SEARCH_QUERIES = 3
READ_QUERIES = 3


def put(key: str, **changes: Any) -> Any:
    return put_in_force(key, body=f"We speak of {WORD}.", review_by="2099-01-01", **changes)


def found(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["key"] for row in answer.json()["results"]]


def test_an_agent_finds_what_is_given_to_it(retail: World) -> None:
    version = put("for_ai", title=f"On {WORD}s", audience=["ai", "customer"])
    put("for_people", audience=["human"])
    put_in_force("stale", body=WORD, review_by="2026-01-01")
    # The first use of a token in a minute is written down.
    retail.api.get("knowledge/", q=WORD)
    with CaptureQueriesContext(connection) as captured:
        answer = retail.api.get("knowledge/", q=WORD)
    assert len(captured) == SEARCH_QUERIES
    assert found(answer) == ["for_ai"]
    (row,) = answer.json()["results"]
    assert (row["id"], row["version"]) == (str(version.public_id), 1)
    assert row["title"] == f"On {WORD}s"
    assert row["title_parts"] == [
        {"text": "On ", "marked": False},
        {"text": f"{WORD}s", "marked": True},
    ]
    assert {"text": WORD, "marked": True} in row["excerpt"]
    assert row["audience"] == ["ai", "customer"]
    assert row["is_stale"] is False
    assert not ArticleUse.objects.exists()
    person = sign_in(retail, "agent")
    answer = person.get("knowledge/", q=WORD)
    assert set(found(answer)) == {"for_ai", "for_people", "stale"}
    assert [row["key"] for row in answer.json()["results"] if row["is_stale"]] == ["stale"]


def test_ranked_pages_follow_each_other(retail: World) -> None:
    for number in range(5):
        put(f"a{number}")
    first = retail.api.get("knowledge/", q=WORD, page_size=2).json()
    assert first["previous"] is None
    second = retail.api.client.get(first["next"], headers=retail.api._headers()).json()
    third = retail.api.client.get(second["next"], headers=retail.api._headers()).json()
    assert third["next"] is None
    keys = [row["key"] for page in (first, second, third) for row in page["results"]]
    assert sorted(keys) == ["a0", "a1", "a2", "a3", "a4"]
    back = retail.api.client.get(second["previous"], headers=retail.api._headers()).json()
    assert back["results"] == first["results"]


def test_all_articles_come_in_pages_without_words(retail: World) -> None:
    put("a1")
    put("a2")
    page = retail.api.get("knowledge/", page_size=1).json()
    assert len(page["results"]) == 1
    assert page["next"]
    assert page["results"][0]["rank"] == 0


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"q": "x" * 2001}, "q"),
        ({"q": "x", "cursor": "5"}, "cursor"),
        ({"q": "x", "cursor": "r99999999"}, "cursor"),
        ({"q": "x", "page_size": "0"}, "page_size"),
    ],
)
def test_what_is_wrong_is_named(retail: World, params: dict[str, str], field: str) -> None:
    answer = retail.api.get("knowledge/", **params)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("text", ['"', "a' OR 1=1 --", "*", "NOT", "\u0000", "💥 (", "-", "%s"])
def test_no_search_breaks(retail: World, text: str) -> None:
    assert retail.api.get("knowledge/", q=text).status_code == 200


def test_an_article_read_for_a_case_is_used_there(retail: World) -> None:
    version = put("jam")
    case = open_case(retail)
    with CaptureQueriesContext(connection) as captured:
        answer = retail.api.get("knowledge/jam/")
    assert len(captured) == READ_QUERIES
    assert answer.json()["body"] == f"We speak of {WORD}."
    assert answer.json()["sources"] == [
        {"title": "Store policy", "url": "", "reference": "Section 4"}
    ]
    assert not ArticleUse.objects.exists()
    for _again in range(2):
        assert retail.api.get("knowledge/jam/", case=case).status_code == 200
    use = ArticleUse.objects.get()
    assert (use.version, use.way, use.subject_id) == (version, "read_by_ai", case)
    kinds = [row["kind"] for row in retail.api.get(f"cases/{case}/timeline/").json()["results"]]
    assert kinds.count("article.used") == 1


def test_what_is_not_given_is_not_there(retail: World) -> None:
    put("people", audience=["human"])
    put("jam")
    put("jam", title="Jam")
    api, person = retail.api, sign_in(retail, "agent")
    assert api.get("knowledge/people/").status_code == 404
    assert api.get("knowledge/jam/", version=1).status_code == 404
    assert person.get("knowledge/jam/", version=1).json()["state"] == "retired"
    assert person.get("knowledge/jam/").json()["version"] == 2
    assert api.get("knowledge/jam/", case=str(uuid4())).status_code == 404
    assert api.get("knowledge/jam/", case="C-1").status_code == 422
    assert person.get("knowledge/jam/", version="two").status_code == 422
    assert not ArticleUse.objects.exists()


def test_a_proposal_cites_the_version_it_leans_on(retail: World) -> None:
    version = put("jam", title="On returns")
    case = open_case(retail)
    identify(retail, case)
    evidence = [*agree(retail, case), str(version.public_id)]
    answer = propose_return(retail, case, evidence=evidence)
    assert answer.status_code == 202, answer.content
    use = ArticleUse.objects.get()
    assert (use.version, use.way, use.subject_kind) == (version, "cited", "tool_call")
    assert use.subject_id == answer.json()["id"]
    assert use.stream == f"case:{case}"
    view = json.loads(bytes(ApprovalRequest.objects.get().view))
    line = next(row for row in view["evidence"] if "On returns" in row["text"])
    assert (line["trust"], line["source"]) == ("claimed", "knowledge, version 1")
    assert LedgerEntry.objects.filter(kind="article.used", stream=f"case:{case}").count() == 1


@pytest.mark.parametrize("withheld", [{"audience": ["human"]}, None])
def test_what_may_not_be_read_may_not_be_cited(
    retail: World, withheld: dict[str, Any] | None
) -> None:
    cited = str(put("jam", **withheld).public_id) if withheld else str(uuid4())
    case = open_case(retail)
    identify(retail, case)
    calls = ToolCall.objects.count()
    answer = propose_return(retail, case, evidence=[*agree(retail, case), cited])
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["evidence[2]"]
    assert ToolCall.objects.count() == calls
    assert not ArticleUse.objects.exists()
