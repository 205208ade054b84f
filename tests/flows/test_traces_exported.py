"""Spans of a governed call as they leave: OTLP over HTTP to a receiver on loopback."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from cases.tools.models import ToolCall
from governance.approvals.models import ApprovalRequest
from orchestra.core import tracing
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return
from tests.flows.test_people_over_rest import ballot, prove, sign_in

pytestmark = pytest.mark.django_db


class Receiver(ThreadingHTTPServer):
    """A collector that keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.paths: list[str] = []
        self.spans: list[Any] = []
        self.services: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def one(self, name: str) -> Any:
        [found] = [span for span in self.spans if span.name == name]
        return found


class Taking(BaseHTTPRequestHandler):
    """Takes one export."""

    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Content-Type"] == "application/x-protobuf"
        self.server.paths.append(self.path)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.server.services |= {
                one.value.string_value
                for one in resource.resource.attributes
                if one.key == "service.name"
            }
            for scope in resource.scope_spans:
                self.server.spans += scope.spans
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its own signature
        """Say nothing."""


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    for name in tracing.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        tracing.switch_off()
        server.shutdown()
        thread.join(timeout=5)


def told(span: Any) -> dict[str, Any]:
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


def test_a_voted_call_is_exported_with_its_wait(
    retail: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORCHESTRA_OTLP_ENDPOINT", receiver.url)
    assert tracing.configure() is True
    case, waiting = waiting_return(retail)
    supervisor = sign_in(retail, "supervisor")
    assert prove(supervisor).status_code in {200, 201, 204}
    approval = waiting["approval"]["id"]
    voted = supervisor.post(f"approvals/{approval}/vote/", ballot(supervisor, approval))
    assert voted.status_code in {200, 201}, voted.content
    retail.work()
    call = ToolCall.objects.get(public_id=waiting["id"])
    assert call.state == "succeeded"
    assert tracing.flush() is True

    assert set(receiver.paths) == {"/v1/traces"}
    assert receiver.services == {"orchestra"}
    wait, run = receiver.one("approval_wait"), receiver.one(f"execute_tool {call.tool.name}")
    proposal = receiver.one(f"propose_tool {call.tool.name}")
    assert wait.trace_id == run.trace_id == proposal.trace_id
    assert wait.parent_span_id == run.parent_span_id == proposal.span_id
    request = ApprovalRequest.objects.get(public_id=approval)
    assert request.decided_at is not None
    seconds = (request.decided_at - request.created_at).total_seconds()
    assert (wait.end_time_unix_nano - wait.start_time_unix_nano) / 1e9 == pytest.approx(seconds)
    common = {
        "gen_ai.tool.name": call.tool.name,
        "gen_ai.tool.call.id": str(call.public_id),
        "gen_ai.agent.id": call.requester_id,
        "orchestra.case.id": case,
        "orchestra.requester.kind": "agent",
    }
    assert told(wait) == {
        **common,
        "orchestra.approval.id": approval,
        "orchestra.approval.state": "granted",
    }
    assert told(run) == {
        **common,
        "gen_ai.operation.name": "execute_tool",
        "orchestra.attempt": 1,
        "orchestra.call.state": "succeeded",
    }
    whole = b"".join(span.SerializeToString() for span in receiver.spans)
    for personal in (b"Yusuf", b"Rossi", b"yusuf"):
        assert personal not in whole


def test_without_an_address_nothing_leaves(retail: World, receiver: Receiver) -> None:
    assert tracing.configure() is False
    assert tracing.flush() is False
    _case, waiting = waiting_return(retail)
    assert waiting["state"] == "awaiting_approval"
    assert receiver.paths == []
