"""What quality registers at start-up, once however often it is called."""

from governance.ledger.registry import kinds as entry_kinds
from governance.reviews.registry import documents
from qa import wiring
from qa.sampling.registry import scorecard_keys


def test_connecting_twice_is_harmless() -> None:
    wiring.connect()
    found = {"scorecard", "sampling_plan", "metric_definition"}
    assert found <= set(documents)
    assert set(scorecard_keys) == {"scorecards"}
    for kind in found:
        assert {f"{kind}.published", f"{kind}.retired"} <= set(entry_kinds)
