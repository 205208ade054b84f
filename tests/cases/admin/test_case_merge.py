"""Two cases on their pages: what looks alike, merging them, and taking that back."""

from typing import Any

from cases.journeys.models import Journey
from cases.memory.models import Case
from governance.ledger.models import LedgerEntry
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import identify, open_case, waiting_return
from tests.flows.test_rest_lists import every


def two_cases(retail: World) -> tuple[Case, Case]:
    found = []
    for number in range(2):
        case = open_case(retail, external_ref=f"chat-{number}")
        identify(retail, case)
        found.append(Case.objects.get(public_id=case))
    return found[0], found[1]


def states(case: Case) -> list[str]:
    return list(Journey.objects.filter(case=case).values_list("state", flat=True))


def post(browser: Browser, target: Case, act: str, **body: Any) -> str:
    answer = browser("agent").post(f"/admin/cases/{target.public_id}/{act}/", body, follow=True)
    return answer.content.decode()


def test_a_person_merges_what_looks_alike_and_takes_it_back(
    retail: World, browser: Browser
) -> None:
    one, other = two_cases(retail)
    text = browser("agent").get(f"/admin/cases/{one.public_id}/").content.decode()
    assert "same intent" in text
    assert f'value="{other.label}"' in text
    ready = retail.api.get("steps/").json()["results"]
    text = post(browser, one, "merge", case=other.label.lower(), reason="She wrote twice.")
    assert f"{other.label} is part of this case now." in text
    assert "Part of this case" in text
    assert states(other) == ["paused"]
    assert len(retail.api.get("steps/").json()["results"]) < len(ready)
    text = browser("agent").get(f"/admin/cases/{other.public_id}/").content.decode()
    assert "This case was merged into" in text
    assert "Your reply" not in text
    text = post(browser, other, "unmerge", reason="Two orders.")
    assert "A case of its own again, as it was before." in text
    assert states(other) == ["running"]
    assert retail.api.get("steps/").json()["results"] == ready


def test_the_absorbed_story_is_read_with_the_survivors_everywhere(
    retail: World, browser: Browser
) -> None:
    one, other = two_cases(retail)
    mark, ledger = f"from {other.label}", f"/admin/ledger/?stream={one.stream}"
    alone = every(retail, f"cases/{one.public_id}/timeline/", size=3)
    before = browser("compliance").get(ledger).content.decode()
    post(browser, one, "merge", case=other.label, reason="She wrote twice.")
    text = browser("agent").get(f"/admin/cases/{one.public_id}/").content.decode()
    assert text.count(mark) >= 5
    rows = every(retail, f"cases/{one.public_id}/timeline/", size=3)
    own = [row["seq"] for row in rows if not row["from_case"]]
    theirs = [row["seq"] for row in rows if row["from_case"] == other.label]
    assert own == list(range(1, len(own) + 1))
    assert theirs == list(range(1, len(theirs) + 1))
    assert len(own) + len(theirs) == len(rows)
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert "merged the case into" not in before
    assert "merged the case into" in browser("compliance").get(ledger).content.decode()
    post(browser, other, "unmerge", reason="Two orders.")
    rows = every(retail, f"cases/{one.public_id}/timeline/", size=3)
    assert {row["from_case"] for row in rows} == {""}
    assert rows[: len(alone)] == alone
    assert "merged the case into" not in browser("compliance").get(ledger).content.decode()


def test_what_has_not_ended_is_named(retail: World, browser: Browser) -> None:
    case, _call = waiting_return(retail)
    other = Case.objects.get(public_id=case)
    second = open_case(retail, external_ref="chat-2")
    identify(retail, second)
    one = Case.objects.get(public_id=second)
    text = post(browser, one, "merge", case=other.label, reason="The same.")
    assert "something has not ended" in text
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1
    other.refresh_from_db()
    assert other.status != "merged"


def test_a_case_nobody_knows_and_one_that_is_none_are_told(retail: World, browser: Browser) -> None:
    one, _other = two_cases(retail)
    unknown = Case.objects.get(public_id=open_case(retail, external_ref="chat-9"))
    text = post(browser, one, "merge", case=unknown.label, reason="The same.")
    assert "Verify the customer there first." in text
    for name in ("C-999999", "../1", "", "C-" + "9" * 18):
        text = post(browser, one, "merge", case=name, reason="The same.")
        assert "There is no such case" in text
    text = post(browser, one, "merge", case=one.label, reason="The same.")
    assert "cannot be merged with itself" in text


def test_over_rest_suggestions_are_read_and_an_agent_merges_nothing(retail: World) -> None:
    one, other = two_cases(retail)
    (found,) = retail.api.get(f"cases/{one.public_id}/duplicates/").json()
    assert (found["case"]["id"], found["why"]) == (str(other.public_id), ["intent"])
    body = {"case": str(other.public_id), "reason": "The same."}
    assert retail.api.post(f"cases/{one.public_id}/merge/", body).status_code == 403
    answer = retail.api.post(f"cases/{other.public_id}/unmerge/", {"reason": "Not the same."})
    assert answer.status_code == 403
