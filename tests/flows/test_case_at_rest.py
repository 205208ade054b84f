"""A case at a past moment over REST."""

from typing import Any

from django.test import Client

from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from orchestra.core.clock import rfc3339
from tests.flows.conftest import World
from tests.flows.helpers import identify, open_case, say


def ask(retail: World, login: str, case: str, **params: str) -> Any:
    client = Client()
    client.force_login(retail.people[login], backend="django.contrib.auth.backends.ModelBackend")
    return client.get(f"/api/v1/cases/{case}/at/", params)


def test_it_answers_what_stood_then_and_looking_is_an_entry(retail: World) -> None:
    case = open_case(retail)
    say(retail, case, "customer", "Write to yusuf.rossi@example.com please.")
    then = rfc3339(clock.now())
    identify(retail, case)

    before = ask(retail, "compliance", case, moment=then).json()
    after = ask(retail, "compliance", case, moment=rfc3339(clock.now())).json()

    assert (before["verification"], before["customer_ref"], before["calls"]) == ("none", "", [])
    assert before["later"] > 5
    assert "yusuf.rossi@example.com" not in str(before)
    steps = {step["key"]: step["state"] for step in before["journeys"][0]["steps"]}
    assert (steps["identify"], len(steps) > 3) == ("ready", True)
    assert (after["verification"], after["customer_ref"]) == ("basic", "yusuf_rossi_9620")
    [call] = after["calls"]
    assert (call["state"], call["attempts"][0]["ended"]) == ("succeeded", "answered")
    assert call["result"] == "yusuf_rossi_9620"
    assert [one["outcome"] for one in after["decisions"]] == ["allow"]
    assert LedgerEntry.objects.filter(kind="case.read", stream=f"case:{case}").count() == 2


def test_bad_moments_and_a_time_before_the_case_are_told(retail: World) -> None:
    case = open_case(retail)
    for moment in ("", "soon", "2026-09-24T13:57:30", "9" * 300):
        answer = ask(retail, "compliance", case, moment=moment)
        assert answer.status_code in {400, 422}, moment
        assert answer.json()["errors"][0]["field"] == "moment"
    answer = ask(retail, "compliance", case, moment="2001-01-01T00:00:00Z")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found.case_then")


def test_who_reads_no_ledger_is_refused(retail: World) -> None:
    case = open_case(retail)
    now = rfc3339(clock.now())
    assert ask(retail, "agent", case, moment=now).status_code == 403
    assert retail.api.get(f"cases/{case}/at/", moment=now).status_code == 403
