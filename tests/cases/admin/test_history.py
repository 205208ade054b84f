from datetime import timedelta

from cases.memory.models import Case
from cases.tools.models import ToolDefinition
from orchestra.core import clock
from orchestra.core.actors import system
from orchestra.core.locking import compare_and_set
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import open_case


def test_a_document_differs_in_named_places(retail: World, browser: Browser) -> None:
    del retail
    tool = ToolDefinition.objects.get(name="return_delivered_order_items")
    document = {**tool.document, "title": "Take items back"}
    document["money"] = [{"path": "$.a", "currency": "USD"}]
    document["arguments"] = {**document["arguments"], "required": ["order_id", "item_ids"]}
    compare_and_set(
        tool, expected={"digest": tool.digest}, changes={"document": document}, actor=system("pack")
    )
    text = browser("compliance").get(f"/admin/history/tool/{tool.pk}/").content.decode()
    assert "document title" in text
    assert "Take items back" in text
    assert "document arguments required" in text
    assert "order_id, item_ids" in text
    assert "path: $.a; currency: USD" in text
    assert "{&#x27;" not in text
    assert "[&#x27;" not in text
    assert "document description" not in text
    assert "pack" in text


def test_flags_and_times_read_as_people_write_them(retail: World, browser: Browser) -> None:
    open_case(retail)
    case = Case.objects.get()
    at = clock.now() + timedelta(hours=1)
    compare_and_set(
        case,
        expected={"status": case.status},
        changes={"risk_flags": ["fraud", "complaint"], "resolved_at": at},
        actor=system("worker"),
        reason="read again",
    )
    text = browser("supervisor").get(f"/admin/history/case/{case.pk}/").content.decode()
    assert "fraud, complaint" in text
    assert f"{at:%Y}, " in text
    assert "+00:00" not in text
    assert "worker" in text


def test_who_may_not_read_a_record_reads_no_history_of_it(retail: World, browser: Browser) -> None:
    open_case(retail)
    case = Case.objects.get()
    client = browser("policy")
    assert client.get(f"/admin/history/case/{case.pk}/").status_code == 404
    assert client.get("/admin/history/queue/1/").status_code == 404
    assert client.get("/admin/history/password/1/").status_code == 404
