"""The page of a case at a past moment."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.admin.playback import read_moment
from cases.memory.models import Case
from cases.tools.models import ToolDefinition
from governance.access.models import AgentIdentity, Queue, User
from governance.access.services import stop_agent
from governance.ledger.models import EntryPayload, LedgerEntry
from governance.ledger.selectors import payload_of
from governance.policies.models import Policy
from orchestra.core import clock
from orchestra.core.clock import rfc3339
from orchestra.core.history import save_as
from tests.cases.admin.conftest import Browser
from tests.factories.ledger import spared, without_guards
from tests.flows.conftest import World
from tests.flows.helpers import identify, open_case, say, waiting_return

PAGE_QUERIES = 12


def link(case: str) -> str:
    return f"/admin/cases/{case}/playback/"


def moments(case: str) -> list[datetime]:
    rows = LedgerEntry.objects.filter(stream=f"case:{case}").order_by("seq")
    return list(rows.values_list("at", flat=True))


def see(client: Any, case: str, at: datetime | str, **more: str) -> str:
    text = at if isinstance(at, str) else rfc3339(at)
    answer = client.get(link(case), {"at": text, **more})
    assert answer.status_code == 200, answer.content
    return str(answer.content.decode())


def test_it_shows_what_was_and_nothing_of_what_came_later(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    then = moments(case)[-1]
    identify(retail, case)
    say(retail, case, "ai", "This was said afterwards.")
    text = see(browser("compliance"), case, then)
    label = Case.objects.get().label
    for part in (
        f"Case {label} as it stood at",
        "past moment, read only",
        "I want to return the vacuum cleaner",
        "Find the customer by e-mail",
        "later entries are not shown here, and were not used",
        "No approval had been asked for.",
        "Kill switches: none on",
        "Could vote: Dario Conti",
    ):
        assert part in text, part
    for part in ("This was said afterwards", "Yusuf", "succeeded"):
        assert part not in text, part


def test_the_whole_of_a_waiting_approval_is_told(retail: World, browser: Browser) -> None:
    case, call = waiting_return(retail)
    client = browser("supervisor")
    client.get(f"/admin/approvals/{call['approval']['id']}/")
    text = see(browser("compliance"), case, clock.now())
    for part in (
        "Yusuf Rossi, name and zip code",
        "confirmed",
        "had the approval open. Nothing had moved by it yet.",
        "Not all of the evidence had been on the screen.",
        "Open as shown",
        "Explicit yes",
        "1 vote, supervisor",
        "no money",
        "Each decision, decided again",
        "Equal",
        "none; it had not run",
        "Policy The customer said yes, version 1",
        "Return delivered items, version 1",
    ):
        assert part in text, part
    assert "Not equal" not in text


def test_what_ran_is_told_with_request_response_attempt_and_confirmation(
    retail: World, browser: Browser
) -> None:
    case = open_case(retail)
    identify(retail, case)
    text = see(browser("compliance"), case, clock.now())
    for part in ("answered", "yusuf_rossi_9620", "none was made", "1. "):
        assert part in text, part


def test_before_the_first_entry_there_was_no_case(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    text = see(browser("compliance"), case, moments(case)[0] - timedelta(seconds=1))
    assert "The case did not exist yet." in text
    assert "vacuum cleaner" not in text


def test_next_and_previous_lead_from_moment_to_moment(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    identify(retail, case)
    client, all_of_them = browser("compliance"), sorted(set(moments(case)))
    answer = client.get(link(case), {"at": rfc3339(all_of_them[0])})
    seen = []
    while True:
        seen.append(answer.context["moment"])
        further = answer.context["steps"]["next"]
        if not further or seen[-1] >= all_of_them[-1]:
            break
        answer = client.get(further)
    assert seen == all_of_them
    back = client.get(answer.context["steps"]["previous"])
    assert back.context["moment"] == all_of_them[-2]
    assert client.get(answer.context["steps"]["first"]).context["steps"]["previous"] == ""
    decided = client.get(answer.context["steps"]["previous_decision"], {"only": "decisions"})
    assert decided.status_code == 200


def test_a_typed_second_is_in_the_readers_zone_and_counts_whole(
    retail: World, browser: Browser
) -> None:
    with timezone.override("America/New_York"):
        assert read_moment("2026-09-24T13:57:30") == datetime(
            2026, 9, 24, 17, 57, 30, 999_999, tzinfo=UTC
        )
        assert read_moment("2026-09-24T13:57:30Z") == datetime(2026, 9, 24, 13, 57, 30, tzinfo=UTC)
    case = open_case(retail)
    known = moments(case)
    end = known[0].replace(microsecond=999_999)
    answer = browser("compliance").get(link(case), {"at": known[0].strftime("%Y-%m-%dT%H:%M:%S")})
    assert answer.context["count"] == sum(at <= end for at in known) > 0


@pytest.mark.parametrize("at", ["soon", "2026-02-31T10:00:00", "9" * 400, "2026-01-01", "%00"])
def test_a_moment_that_is_none_is_said_to_be_none(retail: World, browser: Browser, at: str) -> None:
    case = open_case(retail)
    answer = browser("compliance").get(link(case), {"at": at})
    assert answer.status_code == 422
    assert b"is no date and time" in answer.content


def test_looking_is_an_entry_with_the_moment(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    at = moments(case)[0]
    see(browser("compliance"), case, at)
    [entry] = LedgerEntry.objects.filter(kind="case.read", stream=f"case:{case}")
    payload = payload_of(entry=entry)
    assert payload is not None
    assert payload["moment"] == rfc3339(at)


def test_it_is_for_who_reads_ledger_and_case_alone(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    for login in ("agent", "policy", "analyst"):
        assert browser(login).get(link(case)).status_code == 404, login
    client = browser("compliance")
    assert client.get("/admin/cases/nothing/playback/").status_code == 404
    page = client.get(f"/admin/cases/{case}/").content.decode()
    assert f"{link(case)}" in page


def test_its_queries_do_not_grow_with_the_case(retail: World, browser: Browser) -> None:
    client = browser("compliance")

    def count(case: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            see(client, case, clock.now())
        return len(captured)

    case, _call = waiting_return(retail)
    count(case)
    few = count(case)
    for number in range(4):
        identify(retail, case)
        say(retail, case, "customer", f"Word {number}.")
    wanted = PAGE_QUERIES - spared()
    assert (few, count(case)) == (wanted, wanted)


def test_a_stopped_agent_is_named_from_the_moment_on(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    before = clock.now()
    stopped = AgentIdentity.objects.get()
    stop_agent(
        actor=retail.people["operator"].as_actor(),
        now=clock.now(),
        agent=stopped,
        reason="drill",
    )
    client = browser("compliance")
    assert "Kill switches: none on" in see(client, case, before)
    text = see(client, case, clock.now())
    assert f"Kill switch: the AI agent {stopped.name} was stopped" in text


def test_the_case_runs_again_and_the_page_says_equal(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    identify(retail, case)
    count = LedgerEntry.objects.count()
    text = see(browser("compliance"), case, clock.now(), rerun="1")
    assert "Run again on what was recorded" in text
    assert "each is the one that was recorded, in the same order" in text
    assert "no tool was called" in text
    assert LedgerEntry.objects.count() == count + 1


class TestCaseAtMoment:
    PAGE = "/admin/ledger/case-at/"

    def test_it_leads_to_the_case_by_its_label(self, retail: World, browser: Browser) -> None:
        case = open_case(retail)
        client, label = browser("compliance"), Case.objects.get().label
        assert client.get(self.PAGE).status_code == 200
        found = client.get(self.PAGE, {"case": label.lower(), "at": "2026-09-24T13:57:30"})
        assert found.headers["Location"] == f"{link(case)}?at=2026-09-24T13%3A57%3A30"
        assert client.get(self.PAGE, {"case": case}).headers["Location"] == link(case)

    def test_no_such_case_is_told(self, retail: World, browser: Browser) -> None:
        del retail
        client = browser("compliance")
        for text in ("C-99", "nothing", "C-0"):
            answer = client.get(self.PAGE, {"case": text})
            assert answer.status_code == 422
            assert b"No case that you may read is called" in answer.content


def test_people_agents_queues_and_documents_are_named_as_they_were(
    retail: World, browser: Browser
) -> None:
    case, _call = waiting_return(retail)
    client = browser("compliance")
    then = clock.now()
    before = see(client, case, then)
    assert "Could vote: Dario Conti" in before
    assert "Who could act in Returns" in before
    assert "known by id only" not in before
    User.objects.filter(username="colleague").update(first_name="Renamed", last_name="Since")
    returns = Queue.objects.get(key="returns")
    returns.title = "Renamed queue"
    save_as(returns, actor=retail.people["operator"].as_actor())
    agent = AgentIdentity.objects.get(name="Store assistant")
    agent.name = "Renamed agent"
    save_as(agent, actor=retail.people["operator"].as_actor())
    Policy.objects.update(title="Renamed policy")
    ToolDefinition.objects.update(title="Renamed tool")
    after = see(client, case, then)
    for part in ("Renamed", "Since"):
        assert part not in after, part
    assert "Could vote: Dario Conti" in after
    assert "Who could act in Returns" in after
    assert "Store assistant" in after


def test_who_is_known_by_id_only_is_marked_and_not_named_as_today(
    retail: World, browser: Browser
) -> None:
    case, _call = waiting_return(retail)
    person = retail.people["colleague"]
    about = LedgerEntry.objects.filter(
        Q(actor_id=str(person.public_id)) | Q(subject_id=str(person.public_id))
    )
    with without_guards():
        EntryPayload.objects.filter(entry__in=list(about)).delete()
    text = see(browser("compliance"), case, clock.now())
    assert "Dario Conti" not in text
    assert str(person.public_id) in text
    assert "known by id only" in text
