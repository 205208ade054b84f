"""Scopes and gaps survive being stored; progress follows the stages."""

from dataclasses import replace

import pytest

from governance.evidence import rules
from governance.evidence.types import ExportState, Gap, Stage
from tests.factories.evidence import UNOPENED, case_scope, span_scope
from tests.factories.ledger import AT


@pytest.mark.parametrize("scope", [case_scope(), span_scope()])
def test_a_scope_is_read_back_as_it_was(scope: object) -> None:
    assert rules.read_scope(rules.scope_as_json(scope)) == scope  # type: ignore[arg-type]


def test_another_span_of_the_same_is_recognised() -> None:
    assert rules.scope_digest(span_scope(days=1)) == rules.scope_digest(span_scope(days=9))
    assert rules.scope_digest(case_scope("c-1")) != rules.scope_digest(case_scope("c-2"))


def test_a_gap_is_open_until_somebody_says_why() -> None:
    gaps = (Gap("a", "A", 3, 3), UNOPENED)
    assert rules.open_gaps(gaps) == (UNOPENED,)
    explained = rules.explain(gaps, code="opened", explanation="Paper.", by="Ilse", now=AT)
    assert rules.open_gaps(explained) == ()
    assert rules.read_gaps([rules.gap_as_json(gap) for gap in explained]) == explained
    with pytest.raises(LookupError):
        rules.explain(gaps, code="b", explanation="Paper.", by="Ilse", now=AT)


def test_progress_names_the_step_it_is_at() -> None:
    counts = {"streams": 23, "withheld": 565}
    running = rules.progress(
        state=ExportState.RUNNING, stage=Stage.COLLECT, done=854, total=1204, counts=counts
    )
    assert [one.state for one in running] == ["running"] * 3 + ["waiting"] * 3
    assert (running[2].done, running[2].total) == (854, 1204)
    done = rules.progress(
        state=ExportState.DONE, stage=Stage.VERIFY, done=1204, total=1204, counts=counts
    )
    assert {one.state for one in done} == {"done"}
    assert replace(running[0], state="done") == replace(done[0], done=854)
