"""Lists in pages: complete, in their order, and honest about what they were asked."""

from itertools import pairwise
from typing import Any

import pytest
from django.test import Client

from cases.journeys.models import StepRun
from governance.ledger.services import index_entries, sequence
from orchestra.core import clock
from tests.flows.conftest import World
from tests.flows.helpers import identify, open_case, say
from tests.flows.test_bad_input import fields, problem
from tests.flows.test_people_over_rest import Person, sign_in


def every(world: World, path: str, *, size: int, **params: str) -> list[dict[str, Any]]:
    """Return the rows of every page, each page full but the last."""
    page = world.api.get(path, page_size=str(size), **params).json()
    rows = list(page["results"])
    while page["next"] is not None:
        assert len(page["results"]) == size
        page = world.api.client.get(
            page["next"], headers={"Authorization": f"Bearer {world.api.token}"}
        ).json()
        rows += page["results"]
    assert set(page) == {"next", "previous", "results"}
    return rows


def test_the_timeline_is_whole_over_its_pages(retail: World) -> None:
    case = open_case(retail)
    for number in range(5):
        say(retail, case, "customer", f"word {number}")
    rows = every(retail, f"cases/{case}/timeline/", size=3)
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["sentence"][-6:] for row in rows[-5:]] == [f"word {n}" for n in range(5)]


@pytest.mark.parametrize(
    ("path", "key", "count"), [("tools/", "name", 16), ("cue-sheets/", "key", 8)]
)
def test_catalogues_are_whole_over_their_pages(
    retail: World, path: str, key: str, count: int
) -> None:
    rows = every(retail, path, size=3)
    assert len({row[key] for row in rows}) == len(rows) == count


def test_policies_are_whole_over_their_pages(retail: World) -> None:
    tomasz = sign_in(retail, "policy")
    page = tomasz.get("policies/", page_size="4").json()
    seen = [row["key"] for row in page["results"]]
    while page["next"]:
        page = tomasz.client.get(page["next"]).json()
        seen += [row["key"] for row in page["results"]]
    assert len(set(seen)) == len(seen) == 10


@pytest.mark.parametrize("path", ["steps/", "tools/", "cue-sheets/"])
def test_a_cursor_that_is_none(retail: World, path: str) -> None:
    for name, value in (("cursor", "cD14"), ("page_size", "0")):
        answer = retail.api.get(path, **{name: value})
        assert fields(problem(answer, 422, "invalid_input")) == {name}


class TestSteps:
    def test_what_is_ready_for_the_caller(self, retail: World) -> None:
        cases = {open_case(retail) for _ in range(3)}
        rows = every(retail, "steps/", size=2, state="ready", owner="me", wait="1")
        assert {row["case"] for row in rows} == cases
        assert {(row["state"], row["owner"]) for row in rows} == {("ready", "ai")}
        assert [row["id"] for row in rows] == [
            str(step.public_id)
            for step in StepRun.objects.filter(state="ready", owner="ai").order_by("pk")
        ]
        assert every(retail, "steps/", size=2) == rows
        assert every(retail, "steps/", size=2, owner="ai") == rows

    def test_another_state_and_another_owner(self, retail: World) -> None:
        case = open_case(retail)
        identify(retail, case)
        done = every(retail, "steps/", size=5, state="done")
        assert {row["key"] for row in done} == {"identify"}
        assert every(retail, "steps/", size=5, owner="specialist") == []
        lena = sign_in(retail, "agent")
        assert lena.get("steps/").json()["results"] == []
        shown = lena.get("steps/", owner="ai").json()["results"]
        assert {row["case"] for row in shown} == {case}

    @pytest.mark.parametrize(
        ("params", "named"),
        [
            ({"state": "asleep"}, {"state"}),
            ({"owner": "nobody"}, {"owner"}),
            ({"state": "", "owner": ""}, {"state", "owner"}),
            ({"owner": "ai_agent"}, {"owner"}),
        ],
    )
    def test_what_there_is_none_of(
        self, retail: World, params: dict[str, str], named: set[str]
    ) -> None:
        assert fields(problem(retail.api.get("steps/", **params), 422, "invalid_input")) == named

    def test_nothing_ready_is_an_empty_page(self, retail: World) -> None:
        page = retail.api.get("steps/", wait="0.05").json()
        assert page == {"next": None, "previous": None, "results": []}


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_time_outside_the_years_is_refused(retail: World, at: str) -> None:
    answer = retail.api.get("cases/", opened_before=at)
    assert fields(problem(answer, 422, "invalid_input")) == {"opened_before"}


@pytest.mark.parametrize("name", ["queue", "journey", "customer", "risk", "status"])
def test_no_filter_of_cases_holds_what_no_text_may(retail: World, name: str) -> None:
    answer = retail.api.get("cases/", **{name: "a\x00"})
    assert fields(problem(answer, 422, "invalid_input")) == {name}


@pytest.mark.parametrize(
    "name", ["kind", "actor", "subject", "stream", "tool", "policy", "customer", "text"]
)
def test_no_filter_of_entries_holds_what_no_text_may(retail: World, name: str) -> None:
    answer = sign_in(retail, "compliance").get("ledger/entries/", **{name: "\x00"})
    assert fields(problem(answer, 422, "invalid_input")) == {name}


@pytest.mark.parametrize(
    "params",
    [
        {"colour": "red"},
        {"risk": "huge"},
        {"outcome": "maybe"},
        {"actor_kind": "robot"},
        {"text": "x" * 10_000_000},
        {"since": "yesterday"},
    ],
)
def test_a_filter_of_entries_that_makes_no_sense_is_named(
    retail: World, params: dict[str, str]
) -> None:
    answer = sign_in(retail, "compliance").get("ledger/entries/", **params)
    assert fields(problem(answer, 422, "invalid_input")) == set(params)


def test_entries_are_narrowed_over_rest_as_on_the_page(retail: World) -> None:
    open_case(retail)
    sequence(now=clock.now())
    index_entries()
    officer = sign_in(retail, "compliance")
    page = officer.get("ledger/entries/", text="return", actor_kind="agent", kind="message.").json()
    assert {entry["kind"] for entry in page["results"]} == {"message.added"}
    assert officer.get("ledger/entries/", customer="nobody").json()["results"] == []
    assert officer.get("ledger/entries/", risk="critical").json()["results"] == []


def test_entries_are_paged_both_ways_over_rest(retail: World) -> None:
    open_case(retail)
    sequence(now=clock.now())
    index_entries()
    officer = sign_in(retail, "compliance")
    narrowings: list[dict[str, str]] = [
        {},
        {"kind": "message."},
        {"actor_kind": "agent", "kind": "case."},
    ]
    for narrowed in narrowings:
        every = officer.get("ledger/entries/", page_size="200", **narrowed).json()
        seqs = [(entry["stream"], entry["seq"]) for entry in every["results"]]
        assert (every["next"], every["previous"]) == (None, None)
        pages = [officer.get("ledger/entries/", page_size="7", **narrowed).json()]
        while pages[-1]["next"]:
            pages.append(officer.client.get(pages[-1]["next"]).json())
        walked = [(entry["stream"], entry["seq"]) for page in pages for entry in page["results"]]
        # Reading is itself an entry, so the walk of everything is longer than what was before.
        assert walked[-len(seqs) :] == seqs
        for page, after in pairwise(pages):
            back = officer.client.get(after["previous"]).json()
            assert back["results"] == page["results"]


def test_no_step_is_named_by_what_no_text_may_hold(retail: World) -> None:
    answer = retail.api.post(f"cases/{open_case(retail)}/steps/a%00/complete/")
    assert fields(problem(answer, 422, "invalid_input")) == {"step"}


def test_the_way_in_is_told_to_who_misses_it(retail: World) -> None:
    nobody = Person(Client(), "")
    assert "Bearer" in problem(nobody.get("cases/"), 401, "not_authenticated")["detail"]
    assert "slash" in problem(retail.api.post("cases"), 404, "not_found")["detail"]


def test_an_address_that_is_none_is_a_problem_also_for_a_post() -> None:
    stranger = Person(Client(enforce_csrf_checks=True), "")
    for path in ("cases/x/messages/", "approvals/1/vote/", "nothing/"):
        problem(stranger.post(path), 404, "not_found")
