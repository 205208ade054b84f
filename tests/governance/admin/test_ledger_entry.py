import json
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from cases.journeys.models import CueSheetVersion
from cases.memory.models import Case
from cases.tools.models import ToolDefinition
from governance.access.models import AgentIdentity
from governance.approvals.models import ApprovalRequest
from governance.knowledge.models import ArticleVersion
from governance.ledger import services
from governance.ledger.erasable import Reach
from governance.ledger.models import EntryPayload, LedgerEntry
from governance.policies.models import PolicyVersion
from orchestra.core import clock
from orchestra.management import world
from tests.factories.access import make_queue
from tests.factories.ledger import spared, without_guards
from tests.flows.conftest import World
from tests.flows.helpers import open_case, waiting_return
from tests.governance.admin.conftest import Browser

#: Session, person and frame; the entry, what it names, its neighbours, its proof, the reading.
PAGE_QUERIES = 12


def address(entry: LedgerEntry) -> str:
    return f"/admin/ledger/streams/{entry.stream}/{entry.seq}/"


def agent_id() -> str:
    return str(AgentIdentity.objects.get(name="Store assistant").public_id)


def page_of(browser: Browser, entry: LedgerEntry, login: str = "compliance") -> str:
    answer = browser(login).get(address(entry))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_proposal_leads_to_all_that_came_of_it(retail: World, browser: Browser) -> None:
    case, call = waiting_return(retail)
    request = ApprovalRequest.objects.get()
    entry = LedgerEntry.objects.get(kind="tool_call.proposed", subject_id=call["id"])
    text = page_of(browser, entry)
    asked = LedgerEntry.objects.get(kind="approval.requested")
    decided = LedgerEntry.objects.get(kind="decision.recorded", subject_id=call["id"])
    for link in (
        f"/admin/cases/{case}/",
        f"/admin/cases/{case}/#call-{call['id']}",
        f"/admin/decisions/{call['decision']['id']}/",
        f"/admin/approvals/{request.public_id}/",
        "/admin/cue-sheets/return_items/?version=1",
        "/admin/tools/return_delivered_order_items/?version=1",
        f"/admin/agents/{agent_id()}/",
        address(asked),
        address(decided),
        f"/admin/ledger/?subject={call['id']}",
    ):
        assert f'href="{link}"' in text, link


def test_a_decision_names_the_policy_versions_it_was_made_under(
    retail: World, browser: Browser
) -> None:
    _case, call = waiting_return(retail)
    entry = LedgerEntry.objects.get(kind="decision.recorded", subject_id=call["id"])
    named = json.loads(bytes(entry.payload.body))["policies"]
    text = page_of(browser, entry)
    assert named
    for key, (number, _digest) in named.items():
        assert text.count(f'href="/admin/policies/{key}/?version={number}"') == 1


@pytest.mark.usefixtures("retail")
def test_what_a_document_entry_is_about_is_linked(browser: Browser) -> None:
    links = {
        "policy.published": "/admin/policies/retail_addresses/?version=1",
        "cue_sheet.published": "/admin/cue-sheets/cancel_order/?version=1",
        "article.published": "/admin/knowledge/ai_disclosure/?version=1",
        "tool.published": "/admin/tools/find_user_id_by_email/?version=1",
        "agent.created": f"/admin/agents/{agent_id()}/",
        "token.issued": f"/admin/agents/{agent_id()}/",
    }
    for kind, link in links.items():
        entry = LedgerEntry.objects.filter(kind=kind).earliest("pk")
        assert f'href="{link}"' in page_of(browser, entry), kind
    role = LedgerEntry.objects.filter(kind="role.given").earliest("pk")
    assert f'href="/admin/access/people/{role.subject_id}/"' in page_of(browser, role)


def test_only_what_the_reader_may_open_is_linked(retail: World, browser: Browser) -> None:
    case, call = waiting_return(retail)
    entry = LedgerEntry.objects.get(kind="approval.requested")
    before = page_of(browser, entry, "supervisor")
    elsewhere = make_queue("elsewhere")
    Case.objects.filter(public_id=case).update(queue=elsewhere)
    ApprovalRequest.objects.update(queue=elsewhere)
    after = page_of(browser, entry, "supervisor")
    request = ApprovalRequest.objects.get()
    for link in (f"/admin/cases/{case}/", f"/admin/approvals/{request.public_id}/"):
        assert f'href="{link}"' in before, link
        assert f'href="{link}"' not in after, link
    assert request.label in after
    assert request.case_label in after
    # An action's words may name a customer: who may not read its case is told the tool's.
    assert f"#call-{call['id']}" not in after


def test_neighbours_of_the_stream_are_a_key_away(retail: World, browser: Browser) -> None:
    case, _call = waiting_return(retail)
    first, second, third = LedgerEntry.objects.filter(stream=f"case:{case}").order_by("seq")[:3]
    text = page_of(browser, second)
    assert f'href="{address(first)}" data-key="k"' in text
    assert f'href="{address(third)}" data-key="j"' in text
    assert "Follows entry 1 of its stream" in text
    assert "Precedes entry 3" in text
    opening = page_of(browser, first)
    assert "First entry of its stream" in opening
    assert 'data-key="k"' not in opening


def test_a_neighbour_that_is_missing_or_altered_is_told(retail: World, browser: Browser) -> None:
    case, _call = waiting_return(retail)
    first, second, third = LedgerEntry.objects.filter(stream=f"case:{case}").order_by("seq")[:3]
    with without_guards():
        LedgerEntry.objects.filter(pk=third.pk).update(leaf_bytes=b'{"prev":"altered"}')
        EntryPayload.objects.filter(entry=first).delete()
        LedgerEntry.objects.filter(pk=first.pk).delete()
    text = page_of(browser, second)
    assert "Entry 1 of its stream is not here" in text
    assert "Entry 3 does not follow it" in text
    assert "does not verify" in text


def test_a_leaf_that_cannot_be_read_is_shown_and_never_called_right(
    retail: World, browser: Browser
) -> None:
    case = open_case(retail)
    entry = LedgerEntry.objects.filter(stream=f"case:{case}").latest("seq")
    with without_guards():
        LedgerEntry.objects.filter(pk=entry.pk).update(leaf_bytes=b"\xff not json")
    text = page_of(browser, entry)
    assert "Leaf hash differs" in text
    assert "Payload does not match its commitment" in text
    assert "does not verify; the raw view says what differs" in text


def test_the_proof_is_offered_once_the_entry_is_under_a_checkpoint(
    retail: World, browser: Browser
) -> None:
    case = open_case(retail)
    entry = LedgerEntry.objects.filter(stream=f"case:{case}").latest("seq")
    assert "data-entry-proof" not in page_of(browser, entry)
    services.sequence(now=clock.now())
    entry.refresh_from_db()
    text = page_of(browser, entry)
    link = f"/admin/ledger/entries/{entry.leaf_index}/proof/"
    assert f'href="{link}" data-entry-proof' in text
    assert "verifies, and is under a signed root" in text
    assert browser("compliance").get(link).status_code == 200


def test_an_erased_payload_tells_since_when(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    entry = LedgerEntry.objects.get(kind="message.added")
    erase(case)
    text = page_of(browser, entry)
    erased = LedgerEntry.objects.get(kind="subject.erased")
    day = erased.at.astimezone(ZoneInfo(retail.people["compliance"].time_zone))
    assert f"Erased on {day:%-d %b %Y} on request; the entry still verifies." in text
    assert "Payload erased on request; its commitment stays" in text
    assert "does not verify" not in text
    # What the payload held is nowhere on the page.
    assert "vacuum" not in text


def erase(case: str) -> None:
    with transaction.atomic():
        services.erase_payloads(
            actor=world.BUILDER,
            now=clock.now(),
            reach=Reach(streams=[f"case:{case}"]),
            told={"reason": "asked for"},
            subject=("customer", "none"),
        )


def test_reading_one_is_recorded_and_what_is_not_there_is_not_found(
    retail: World, browser: Browser
) -> None:
    case = open_case(retail)
    entry = LedgerEntry.objects.filter(stream=f"case:{case}").earliest("seq")
    client = browser("compliance")
    assert client.get(f"/admin/ledger/streams/case%3A{case}/999/").status_code == 404
    assert client.get("/admin/ledger/streams/nonsense/1/").status_code == 404
    assert not LedgerEntry.objects.filter(kind="ledger.read").exists()
    client.get(address(entry) + "?unmasked=1")
    read = LedgerEntry.objects.get(kind="ledger.read")
    what = json.loads(bytes(read.payload.body))["what"]
    assert what == f"entry {entry.pk} with its payload, unmasked"
    assert browser("agent").get(address(entry)).status_code == 404


@pytest.mark.parametrize("more", [0, 3])
def test_the_queries_of_the_page_do_not_grow(
    retail: World, browser: Browser, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _case, call = waiting_return(retail)
    for _ in range(more):
        open_case(retail)
    services.sequence(now=clock.now())
    entry = LedgerEntry.objects.get(kind="tool_call.proposed", subject_id=call["id"])
    client = browser("compliance")
    client.get(address(entry))
    with django_assert_num_queries(PAGE_QUERIES - spared()):
        client.get(address(entry))


def test_every_page_leads_back_to_its_entries(retail: World, browser: Browser) -> None:
    case, call = waiting_return(retail)
    request = ApprovalRequest.objects.get()
    agent = AgentIdentity.objects.get(name="Store assistant")
    policy = PolicyVersion.objects.get(policy__key="retail_addresses")
    sheet = CueSheetVersion.objects.get(cue_sheet__key="return_items")
    article = ArticleVersion.objects.get(article__key="asking_for_consent")
    tool = ToolDefinition.objects.get(name="find_user_id_by_email")
    back = {
        f"/admin/cases/{case}/": f"subject={call['id']}",
        f"/admin/decisions/{call['decision']['id']}/": f"subject={call['id']}",
        f"/admin/agents/{agent.public_id}/": f"stream=agent:{agent.public_id}",
        "/admin/policies/retail_addresses/": f"subject={policy.public_id}",
        "/admin/cue-sheets/return_items/": f"subject={sheet.public_id}",
        "/admin/knowledge/asking_for_consent/": f"subject={article.public_id}",
        "/admin/tools/find_user_id_by_email/": f"subject={tool.public_id}",
    }
    client, other = browser("compliance"), browser("policy")
    for path, query in back.items():
        assert f'href="/admin/ledger/?{query}"' in client.get(path).content.decode(), path
        # Who may not read the ledger is not led there.
        assert "/admin/ledger/?" not in other.get(path).content.decode(), path
    asked = f'href="/admin/ledger/?subject={request.public_id}"'
    page = f"/admin/approvals/{request.public_id}/"
    # While people vote on it, it must not tell whether it is a test of attention.
    assert asked not in client.get(page).content.decode()
    ApprovalRequest.objects.update(state="expired", decided_at=clock.now())
    assert asked in client.get(page).content.decode()
