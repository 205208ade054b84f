"""Tracing: nothing while it is off, spans that go on from each other while it is on."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from orchestra.core import tracing

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    assert tracing.configure(exporter)
    yield exporter
    tracing.switch_off()


@pytest.fixture(autouse=True)
def _no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in tracing.VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_without_an_address_there_is_nothing() -> None:
    assert not tracing.configure()
    assert not tracing.is_on()
    with tracing.span("one") as one, tracing.span("two") as two, tracing.continued(CALLER):
        one.set_attribute("a", 1)
        assert one is two
        assert tracing.current() == ""
    tracing.record("wait", begun_at=datetime.now(UTC), ended_at=datetime.now(UTC))


def test_without_the_package_it_stays_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRA_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    assert not tracing.configure()
    assert not tracing.is_on()


@pytest.mark.parametrize(
    ("name", "value", "address"),
    [
        ("ORCHESTRA_OTLP_ENDPOINT", "http://h:4318", "http://h:4318/v1/traces"),
        ("ORCHESTRA_OTLP_ENDPOINT", "http://h/v1/traces", "http://h/v1/traces"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h:4318/", "http://h:4318/v1/traces"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://h/own", "http://h/own"),
    ],
)
def test_where_spans_go(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, address: str
) -> None:
    monkeypatch.setenv(name, value)
    assert tracing._endpoint() == address


def test_a_span_goes_on_from_its_caller_and_later_from_what_was_kept(
    spans: InMemorySpanExporter,
) -> None:
    with tracing.continued(CALLER), tracing.span("propose", {"a": 1}) as told:
        told.set_attribute("b", "two")
        kept = tracing.current()
    with tracing.span("execute", parent=kept):
        pass
    propose, execute = spans.get_finished_spans()
    assert dict(propose.attributes or {}) == {"a": 1, "b": "two"}
    assert propose.parent is not None
    assert f"{propose.parent.span_id:x}" == CALLER.split("-")[2]
    assert execute.parent is not None
    assert execute.parent.span_id == propose.context.span_id
    assert f"{execute.context.trace_id:032x}" == CALLER.split("-")[1]


@pytest.mark.parametrize("bad", ["", "nonsense", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
def test_a_bad_trace_context_begins_a_trace_of_its_own(
    spans: InMemorySpanExporter, bad: str
) -> None:
    with tracing.continued(bad), tracing.span("one", parent=bad):
        pass
    [one] = spans.get_finished_spans()
    assert one.parent is None


def test_an_error_leaves_its_class_and_not_its_words(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="Yusuf"), tracing.span("one"):
        raise ValueError("Yusuf Rossi said so")
    [one] = spans.get_finished_spans()
    assert one.status.status_code is StatusCode.ERROR
    assert "Yusuf" not in one.to_json()
    assert dict(one.attributes or {}) == {"error.type": "ValueError"}


def test_a_wait_has_its_true_length(spans: InMemorySpanExporter) -> None:
    begun: Any = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)
    tracing.record("wait", begun_at=begun, ended_at=begun + timedelta(minutes=3))
    [wait] = spans.get_finished_spans()
    assert (wait.end_time or 0) - (wait.start_time or 0) == 180 * 10**9
