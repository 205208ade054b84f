"""The rooms are connected once, and every named task exists."""

from celery import current_app

from cases import wiring
from cases.tools import registry
from governance.approvals.registry import handlers
from governance.ledger.registry import kinds
from orchestra.core.dispatch import task_names


def test_connecting_twice_changes_nothing() -> None:
    before = (len(kinds), len(registry.settled), len(registry.fact_functions), len(handlers))
    wiring.connect()
    after = (len(kinds), len(registry.settled), len(registry.fact_functions), len(handlers))
    assert after == before


def test_what_must_report_upward_has_its_handler() -> None:
    assert "tool_call" in handlers
    for handlers_of in (registry.proposed, registry.settled, registry.handed_off):
        assert list(handlers_of) == ["journeys"]
    assert list(registry.adapters) == ["http", "mcp", "simulated"]


def test_every_task_a_service_rings_for_is_known_to_celery() -> None:
    current_app.loader.import_default_modules()
    assert {"cases.tools.execute", "cases.journeys.propose", "cases.journeys.resume"} <= set(
        task_names
    )
    assert set(task_names) <= set(current_app.tasks)
