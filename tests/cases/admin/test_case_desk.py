import re
from datetime import timedelta

from django.core.cache import cache

from cases.handoff.models import Handoff
from cases.handoff.watching import list_served
from cases.memory.models import Case, Interaction
from governance.access.selectors import authority_of
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.cases.admin.conftest import Browser
from tests.factories.cases import last_payload
from tests.factories.skills import make_skill
from tests.flows.conftest import World
from tests.flows.helpers import identify, open_case, say

DRAFT = "I have read it all. The refund goes to the card that paid."


def _offered(retail: World) -> tuple[str, Handoff]:
    case = open_case(retail)
    identify(retail, case)
    body = {
        "to": {"queue": "returns"},
        "reason_code": "customer_request",
        "customer_paragraph": DRAFT,
    }
    answer = retail.api.post(f"cases/{case}/handoffs/", body)
    assert answer.status_code == 201, answer.content
    return case, Handoff.objects.get()


def test_a_draft_is_given_until_the_person_has_spoken(retail: World, browser: Browser) -> None:
    case, found = _offered(retail)
    client = browser("specialist")
    page = f"/admin/cases/{case}/"
    assert DRAFT not in client.get(page).content.decode().split('id="reply"')[1]
    client.post(f"/admin/handoffs/{found.public_id}/accept/")
    assert f'data-draft="{DRAFT}"' in client.get(page).content.decode()
    client.post(f"{page}reply/", {"text": f"Hello Yusuf, I am Nadia. {DRAFT}"})
    stream = f"case:{case}"
    said = LedgerEntry.objects.filter(stream=stream, kind="message.added").latest("seq")
    assert said.actor_id == str(retail.people["specialist"].public_id)
    assert last_payload(stream)["draft_share"] == 72
    assert f'data-draft="{DRAFT}"' not in client.get(page).content.decode()


def test_the_wrap_up_keeps_the_draft_and_the_time(retail: World, browser: Browser) -> None:
    case, found = _offered(retail)
    client = browser("specialist")
    client.post(f"/admin/handoffs/{found.public_id}/accept/")
    page = client.get(f"/admin/cases/{case}/").content.decode()
    draft = (
        "The customer wanted: Return delivered items. Nothing was changed. "
        "A person took over: customer request."
    )
    assert draft in page
    assert "After-contact time so far" in page
    client.post(f"/admin/cases/{case}/resolve/", {"outcome": "assumed", "summary": draft})
    payload = last_payload(f"case:{case}")
    assert (payload["draft_offered"], payload["draft_share"]) == (True, 100)
    assert payload["draft_accepted"] is True
    assert 0 <= payload["after_contact_seconds"] < 600
    assert payload["after_contact_capped"] is False


def test_the_receiver_says_what_the_bundle_was_worth(retail: World, browser: Browser) -> None:
    case, found = _offered(retail)
    judge = f"/admin/handoffs/{found.public_id}/judge/"
    client = browser("specialist")
    early = client.post(judge, {"verdict": "sufficient"}, follow=True)
    assert b"alert is-danger" in early.content
    client.post(f"/admin/handoffs/{found.public_id}/accept/")
    assert "It was enough" in client.get(f"/admin/cases/{case}/").content.decode()
    told = client.post(judge, {"verdict": "missing", "missing": ["entities"]}, follow=True)
    assert "Judged not enough: entities." in told.content.decode()
    found.refresh_from_db()
    assert (found.is_sufficient, found.said_missing) == (False, ["entities"])


def test_who_does_not_take_it_leaves_it_to_the_others(retail: World, browser: Browser) -> None:
    case, found = _offered(retail)
    refuse = f"/admin/handoffs/{found.public_id}/refuse/"
    client = browser("specialist")
    assert "Not mine" in client.get(f"/admin/cases/{case}/").content.decode()
    empty = client.post(refuse, {"reason": " "}, follow=True)
    assert b"alert is-danger" in empty.content
    told = client.post(refuse, {"reason": "On the phone."}, follow=True)
    assert "waits on for the others" in told.content.decode()
    assert browser("compliance").post(refuse, {"reason": "No."}, follow=True).status_code == 200
    found.refresh_from_db()
    assert found.refused_by == [str(retail.people["specialist"].public_id)]


def test_an_open_page_learns_what_is_new(retail: World, browser: Browser) -> None:
    cache.clear()
    case, found = _offered(retail)
    live = f"/admin/cases/{case}/live/"
    first = browser("agent").get(live).content.decode()
    assert "Also on this page" not in first
    browser("specialist").post(f"/admin/handoffs/{found.public_id}/accept/")
    say(retail, case, "customer", "One more thing <b>now</b>.")
    Interaction.objects.update(ended_at=clock.now())
    reads = LedgerEntry.objects.filter(kind="case.read").count()
    again = browser("supervisor").get(live).content.decode()
    for part in (
        "Nadia Ferreira took this case at",
        "Also on this page now: Lena Fischer.",
        "One more thing &lt;b&gt;now&lt;/b&gt;.",
        "left at",
    ):
        assert part in again, part
    assert LedgerEntry.objects.filter(kind="case.read").count() == reads
    assert browser("policy").get(live).status_code == 404


def test_a_gated_case_says_so(retail: World, browser: Browser) -> None:
    case, _found = _offered(retail)
    Case.objects.update(gated_at=clock.now())
    page = browser("specialist").get(f"/admin/cases/{case}/").content.decode()
    assert "no AI agent can read this case" in page


def test_articles_stand_beside_the_conversation(retail: World, browser: Browser) -> None:
    case, _found = _offered(retail)
    url = f"/admin/cases/{case}/articles/"
    client = browser("specialist")
    fits = client.get(url).content.decode()
    assert "version 1" in fits
    none = client.get(url, {"q": "zzzz"}).content.decode()
    assert "No published article has these words." in none
    assert client.get(url, {"q": '"<script>'}).status_code == 200


def test_how_a_bundle_served_is_told(retail: World, browser: Browser) -> None:
    case, found = _offered(retail)
    say(retail, case, "customer", "My e-mail is yusuf.rossi@example.com.")
    client = browser("specialist")
    assert "How bundles served" not in client.get("/admin/handoffs/served/").content.decode()
    client.post(f"/admin/handoffs/{found.public_id}/accept/")
    client.post(f"/admin/handoffs/{found.public_id}/judge/", {"verdict": "sufficient"})
    client.post(f"/admin/cases/{case}/reply/", {"text": "Could you please provide your email?"})
    say(retail, case, "customer", "Again: yusuf.rossi@example.com.")
    (row,) = list_served(
        authority=authority_of(retail.people["specialist"].as_actor()),
        since=clock.now() - timedelta(days=1),
    )
    assert (row.sender, row.version, row.plan) == (
        "Store assistant",
        "",
        "Return delivered items 1",
    )
    assert (row.taken, row.judged, row.sufficient) == (1, 1, 1)
    assert (row.asked_again, row.said_again) == (1, 1)
    assert row.reading_seconds is not None
    page = client.get("/admin/handoffs/served/").content.decode()
    assert "How bundles served" in page
    assert "1 of 1" in page
    nobody = authority_of(retail.people["policy"].as_actor())
    assert list_served(authority=nobody, since=found.offered_at) == []


def test_each_claim_points_at_its_entry(retail: World, browser: Browser) -> None:
    case, _found = _offered(retail)
    page = browser("specialist").get(f"/admin/cases/{case}/").content.decode()
    bundle = page.split('id="bundle"')[1].split('id="conversation"')[0]
    pointed = [int(number) for number in re.findall(r'href="#entry-(\d+)"', bundle)]
    entries = LedgerEntry.objects.filter(stream=f"case:{case}")
    kinds = {entries.get(seq=number).kind for number in pointed}
    assert kinds >= {
        "case.classified",
        "verification.recorded",
        "tool_call.succeeded",
        "decision.recorded",
        "handoff.offered",
    }
    assert all(f'id="entry-{number}"' in page for number in pointed)


def test_a_case_says_which_skill_it_needs_and_who_lacks_it(retail: World, browser: Browser) -> None:
    case, found = _offered(retail)
    found.skills.add(make_skill("spanish"))
    page = f"/admin/cases/{case}/"
    text = " ".join(browser("specialist").get(page).content.decode().split())
    assert "Needs somebody with Spanish." in text
    assert "Nobody who could take it has Spanish; a supervisor may." in text
    assert "Take this case" not in text
    assert "Take this case" in browser("supervisor").get(page).content.decode()
    desk = " ".join(browser("specialist").get("/admin/handoffs/").content.decode().split())
    assert "Nobody who could take it has Spanish" in desk
    assert f"/admin/handoffs/{found.public_id}/accept/" not in desk
