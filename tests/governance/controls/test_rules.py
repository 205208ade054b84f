"""What each report finds missing: a clean record shows nothing, a planted gap exactly itself."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from governance.controls import rules
from governance.controls.types import ChangeSeen, ChangeVote, Line, Seen, VoteSeen

AT = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)
CHANGE = ChangeSeen(
    label="CR-1",
    id="c1",
    writer_ids=frozenset({"tomas"}),
    needs_rehearsal=True,
    is_rehearsed=True,
    is_text_kept=True,
    is_high=True,
    is_opened_by_person=True,
    is_on_record=True,
    votes=(ChangeVote("ilse"), ChangeVote("maren")),
)
VOTE = VoteSeen(
    label="AP-1",
    at=AT,
    opened_at=AT - timedelta(seconds=40),
    saw_evidence_at=AT - timedelta(seconds=20),
    is_reasoned=True,
    has_role=True,
)


def seen(kind: str, *, at: datetime = AT, **changes: Any) -> Seen:
    given = {"actor_kind": "human", "actor_id": "u-1", "subject_id": "c1", **changes}
    return Seen(ref=f"system {kind}", kind=kind, at=at, **given)


UNDONE = seen("change.rolled_back", payload={"change": "CR-0", "successor": "CR-1"})


def gaps(lines: Sequence[Line]) -> dict[str, tuple[str, ...]]:
    return {line.code: line.missing for line in lines if line.complete < line.total}


def test_clean_changes_lack_nothing() -> None:
    lines = rules.cover_changes([CHANGE], [UNDONE])
    assert {line.code: (line.complete, line.total) for line in lines} == dict.fromkeys(
        ("proposer", "text", "rehearsal", "votes", "two_votes", "published", "rollback"), (1, 1)
    )


@pytest.mark.parametrize(
    ("change", "entries", "gap"),
    [
        (replace(CHANGE, is_opened_by_person=False), [], {"proposer": ("CR-1",)}),
        (replace(CHANGE, is_on_record=False), [], {"published": ("CR-1",)}),
        (replace(CHANGE, is_text_kept=False), [], {"text": ("CR-1",)}),
        (replace(CHANGE, is_rehearsed=False), [], {"rehearsal": ("CR-1",)}),
        (
            replace(CHANGE, votes=(*CHANGE.votes, ChangeVote("tomas"))),
            [],
            {"votes": ("CR-1",)},
        ),
        (replace(CHANGE, is_high=False, votes=()), [], {"votes": ("CR-1",)}),
        (
            replace(CHANGE, votes=(ChangeVote("ilse"), ChangeVote("ilse"))),
            [],
            {"two_votes": ("CR-1",)},
        ),
        (
            CHANGE,
            [replace(UNDONE, payload={"change": "CR-0"})],
            {"rollback": ("CR-0",)},
        ),
    ],
)
def test_a_planted_gap_in_a_change(change: ChangeSeen, entries: Any, gap: Any) -> None:
    assert gaps(rules.cover_changes([change], entries)) == gap


def test_what_needs_no_rehearsal_is_not_counted() -> None:
    change = replace(CHANGE, needs_rehearsal=False, is_rehearsed=False)
    lines = {one.code: one for one in rules.cover_changes([change], [])}
    assert (lines["rehearsal"].complete, lines["rehearsal"].total) == (0, 0)


@pytest.mark.parametrize(
    ("vote", "entry", "gap"),
    [
        (VOTE, seen("approval.granted"), {}),
        (replace(VOTE, has_role=False), None, {"role": ("AP-1",)}),
        (replace(VOTE, opened_at=None), None, {"opened": ("AP-1",)}),
        (replace(VOTE, opened_at=AT + timedelta(seconds=1)), None, {"opened": ("AP-1",)}),
        (replace(VOTE, saw_evidence_at=None), None, {"evidence": ("AP-1",)}),
        (replace(VOTE, is_reasoned=False), None, {}),
        (replace(VOTE, is_rejection=True, is_reasoned=False), None, {"reason": ("AP-1",)}),
        (VOTE, seen("approval.expired", payload={"approval": "AP-7"}), {"decided": ("AP-7",)}),
        (
            VOTE,
            seen("vigilance.judged", payload={"approval": "AP-8", "result": "missed"}),
            {"attention": ("AP-8",)},
        ),
        (VOTE, seen("vigilance.judged", payload={"result": "caught"}), {}),
    ],
)
def test_a_planted_gap_in_oversight(vote: VoteSeen, entry: Seen | None, gap: Any) -> None:
    assert gaps(rules.cover_oversight([vote], [entry] if entry else [])) == gap


def stop(**changes: Any) -> Seen:
    told = {"payload": {"agent": "Bot", "reason": "Drill: loops"}, "subject_id": "bot", **changes}
    return seen("agent.stopped", **told)


@pytest.mark.parametrize(
    ("entries", "gap"),
    [
        ([stop()], {}),
        ([], {"stop": ("-",), "drill": ("-",)}),
        ([stop(payload={"agent": "Bot", "reason": "Loops"})], {"drill": ("-",)}),
        ([stop(payload={"agent": "Bot"})], {"drill": ("-",), "reason": ("Bot",)}),
        ([stop(), seen("agent.started", payload={"agent": "Bot"})], {"reason": ("Bot",)}),
        ([stop(payload={}, erased=True), stop()], {}),
        (
            [stop(), seen("ledger.reconciled", payload={"unexplained": 2})],
            {"reconciled": ("system ledger.reconciled",)},
        ),
        (
            [stop(), seen("ledger.verified", payload={"ok": False})],
            {"verified": ("system ledger.verified",)},
        ),
    ],
)
def test_a_planted_gap_in_incidents(entries: Any, gap: Any) -> None:
    assert gaps(rules.cover_incidents(entries)) == gap


def test_a_stopped_agent_that_went_on_is_a_gap() -> None:
    lines = rules.cover_incidents([stop()], [(stop(), False), (stop(), True)])
    assert gaps(lines) == {"halted": ("Bot",)}
    assert [(one.complete, one.total) for one in lines if one.code == "halted"] == [(1, 2)]


def test_an_unknown_outcome_is_a_gap_until_it_is_settled() -> None:
    one = seen("tool_call.unknown")
    lines = {line.code: line for line in rules.cover_incidents([], [], [(one, False), (one, True)])}
    assert (lines["settled"].complete, lines["settled"].total) == (1, 2)


@pytest.mark.parametrize("kind", ["role.given", "person.disabled", "access_review.finished"])
def test_what_was_erased_is_counted_apart(kind: str) -> None:
    lines = rules.cover_access([seen(kind, erased=True), REVIEWED])
    assert sum(line.erased for line in lines) == 1
    assert not gaps(lines)


GIVEN = seen("role.given", payload={"reason": "Joined"})
REVIEWED = seen("access_review.finished", payload={"open": 0})


@pytest.mark.parametrize(
    ("entries", "gap"),
    [
        ([GIVEN, REVIEWED], {}),
        ([GIVEN], {"reviewed": ("-",)}),
        ([replace(GIVEN, actor_kind="system"), REVIEWED], {"giver": ("system role.given",)}),
        ([replace(GIVEN, payload={}), REVIEWED], {"reason": ("system role.given",)}),
        ([seen("person.disabled"), REVIEWED], {"leavers": ("system person.disabled",)}),
        (
            [replace(REVIEWED, payload={"open": 2})],
            {"decided": ("system access_review.finished",)},
        ),
    ],
)
def test_a_planted_gap_in_access(entries: Any, gap: Any) -> None:
    assert gaps(rules.cover_access(entries)) == gap


@pytest.mark.parametrize(
    ("entry", "gap"),
    [
        (seen("ledger.read", payload={"what": "Case C-1"}), {}),
        (seen("ledger.read"), {"what": ("system ledger.read",)}),
        (seen("evidence.requested", actor_id=""), {"reader": ("system evidence.requested",)}),
    ],
)
def test_a_planted_gap_in_access_to_the_logs(entry: Seen, gap: Any) -> None:
    assert gaps(rules.cover_log_access([entry])) == gap


@pytest.mark.parametrize(
    ("changes", "gap"),
    [
        ({}, {}),
        ({"quiet": ["2026-11-02"]}, {"days": ("2026-11-02",)}),
        ({"unknown": ["gone.kind"]}, {"kinds": ("gone.kind",)}),
        ({"is_verified": False}, {"verified": ("-",)}),
    ],
)
def test_a_planted_gap_in_recording(changes: Any, gap: Any) -> None:
    clean = {"days": ["2026-11-01", "2026-11-02"], "quiet": [], "unknown": [], "is_verified": True}
    assert gaps(rules.cover_recording(**{**clean, **changes})) == gap


def test_a_line_names_each_once_and_only_so_many() -> None:
    twice = rules.cover("code", "title", [("a", False), ("a", False), ("b", True)])
    assert (twice.complete, twice.total, twice.missing) == (1, 3, ("a",))
    many = rules.cover("code", "title", ((str(one), False) for one in range(600)))
    assert (many.total, len(many.missing)) == (600, rules.MOST_NAMED)
