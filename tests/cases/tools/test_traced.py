"""The spans of a call, from the request that proposed it to what the system of record did."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from cases.tools import traced
from cases.tools.models import ToolCall
from orchestra.api.tracing import TraceMiddleware
from orchestra.core import tracing
from tests.factories.access import make_queue
from tests.factories.approvals import make_request, register_recorder
from tests.factories.retail import Centre

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def centre(retail_centre: Centre) -> Centre:
    return retail_centre


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.configure(exporter)
    yield exporter
    tracing.switch_off()


def one(spans: InMemorySpanExporter, name: str) -> ReadableSpan:
    [found] = [span for span in spans.get_finished_spans() if span.name == name]
    return found


def propose(centre: Centre) -> None:
    centre.identify(centre.open().case)


def test_a_call_is_one_trace_from_its_request_to_its_execution(
    centre: Centre, spans: InMemorySpanExporter
) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        propose(centre)
        return HttpResponse()

    request = RequestFactory().post("/api/v1/x/", headers={"traceparent": CALLER})
    TraceMiddleware(view)(request)
    centre.work()
    call = ToolCall.objects.get()
    assert call.state == "succeeded"
    proposal = one(spans, "propose_tool find_user_id_by_email")
    decision = one(spans, "decide")
    execution = one(spans, "execute_tool find_user_id_by_email")
    traces = {f"{span.context.trace_id:032x}" for span in (proposal, decision, execution)}
    assert traces == {CALLER.split("-")[1]}
    assert decision.parent is not None
    assert execution.parent is not None
    assert decision.parent.span_id == execution.parent.span_id == proposal.context.span_id
    told = dict(execution.attributes or {})
    assert told == {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "find_user_id_by_email",
        "gen_ai.tool.call.id": str(call.public_id),
        "gen_ai.agent.id": centre.agent.id,
        "orchestra.case.id": str(call.case.public_id),
        "orchestra.requester.kind": "agent",
        "orchestra.attempt": 1,
        "orchestra.call.state": "succeeded",
    }
    assert dict(decision.attributes or {})["orchestra.decision.outcome"] == "allow"
    whole = "".join(span.to_json() for span in spans.get_finished_spans())
    for personal in ("Fatima", "fatima", "Johnson", "example.com"):
        assert personal not in whole


def test_a_wait_for_an_approval_is_a_span_of_its_length(
    centre: Centre, spans: InMemorySpanExporter
) -> None:
    propose(centre)
    call = ToolCall.objects.get()
    register_recorder()
    request = make_request(make_queue("refunds"))
    traced.approval_wait(call, request, request.created_at + timedelta(minutes=4))
    wait = one(spans, "approval_wait")
    assert (wait.end_time or 0) - (wait.start_time or 0) == 240 * 10**9
    assert wait.parent is not None
    assert wait.parent.span_id == one(spans, "propose_tool find_user_id_by_email").context.span_id
    assert dict(wait.attributes or {})["orchestra.approval.id"] == str(request.public_id)


def test_without_tracing_nothing_is_kept(centre: Centre) -> None:
    propose(centre)
    assert ToolCall.objects.get().traceparent == ""
