"""The compliance officer's start page says where a decision no longer comes out alike."""

from uuid import uuid4

from governance.policies.models import DecisionRecord
from governance.policies.records import record_digest
from governance.policies.services import replay_nightly
from governance.policies.types import Subject
from orchestra.core import clock
from tests.flows.conftest import World
from tests.governance.admin.conftest import Browser
from tests.governance.policies.test_services_deciding import decide


def test_an_alert_stands_on_the_compliance_officers_page_alone(
    retail: World, browser: Browser
) -> None:
    del retail
    now = clock.now()
    subject = Subject(kind="tool_call", id=str(uuid4()), stream="case:c-1")
    record = decide(now, subject=subject).record
    assert "as it was recorded" not in browser("compliance").get("/admin/").content.decode()
    body = bytes(record.body).replace(b'"outcome":"deny"', b'"outcome":"allow"')
    DecisionRecord.objects.filter(pk=record.pk).update(body=body, digest=record_digest(body))
    replay_nightly(now=now)
    text = browser("compliance").get("/admin/").content.decode()
    assert "1 decision does not come out as it was recorded" in text
    assert f"/admin/decisions/{record.public_id}/?replay" in text
    assert "as it was recorded" not in browser("policy").get("/admin/").content.decode()
