"""The short way of a rehearsal comes to what deciding again comes to, and never guesses."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.policies.changes import Compared, Filters
from governance.policies.compiled import CompiledPolicies
from governance.policies.decision import compile_tables, decide
from governance.policies.records import record_body, record_digest
from governance.policies.rehearsal import ALTERED, UNREADABLE, Rehearser
from governance.policies.types import FactSet, Outcome, PolicyTable, Rule
from tests.factories.policies import ABSENT, UNKNOWN, make_facts, make_limit, make_rule, make_table
from tests.governance.policies.test_decision import fact_sets, policy_sets, rules

AT = "2026-11-19T19:05:00.000000Z"
BASE = make_table(rules=[make_rule("unsure", Outcome.APPROVE, ("confidence", "below", 0.5))])


def record(facts: FactSet, *tables: PolicyTable) -> tuple[bytes, str]:
    decision = decide(facts=facts, policies=compile_tables(tables))
    body = record_body(at=AT, facts=facts, sources={"order": "b" * 64}, decision=decision)
    return body, record_digest(body)


def history(*tables: PolicyTable) -> dict[tuple[str, int], PolicyTable]:
    return {(table.key, table.version): table for table in tables}


def compare(
    facts: FactSet,
    draft: PolicyTable,
    *,
    judged: PolicyTable = BASE,
    base: PolicyTable = BASE,
    **fields: Any,
) -> Compared:
    body, digest = record(facts, judged)
    rehearser = Rehearser(
        base=compile_tables([base]),
        draft=compile_tables([draft]),
        history=history(judged, base),
        **fields,
    )
    found = rehearser.compare(body=body, digest=digest)
    assert found is not None
    return found


@given(fact_sets(), policy_sets, policy_sets)
def test_the_short_way_equals_deciding_again(
    facts: FactSet, base: tuple[PolicyTable, ...], drafts: tuple[PolicyTable, ...]
) -> None:
    mine, theirs = compile_tables(base), compile_tables(drafts)
    body, digest = record(facts, *base)
    found = Rehearser(base=mine, draft=theirs, history=history(*base)).compare(
        body=body, digest=digest
    )
    assert found is not None
    if found.change.lacks:
        return
    _assert_equals_deciding(found, facts, mine, theirs)


@given(
    fact_sets(),
    st.lists(rules(), min_size=1, max_size=5, unique_by=lambda rule: rule.id),
    st.integers(0, 4),
    st.sampled_from(list(Outcome)),
    st.lists(rules(), max_size=1),
)
def test_it_does_so_for_a_draft_that_is_the_base_but_for_a_row(
    facts: FactSet, rows: list[Rule], place: int, outcome: Outcome, more: list[Rule]
) -> None:
    base = make_table("one", rows, version=1)
    kept = [row for index, row in enumerate(rows) if index != place % len(rows)]
    changed = [replace(kept[0], outcome=outcome), *kept[1:]] if kept else []
    draft = make_table("one", [*changed, *more], version=2, digest="b" * 64)
    mine, theirs = compile_tables([base]), compile_tables([draft])
    body, digest = record(facts, base)
    found = Rehearser(base=mine, draft=theirs, history=history(base)).compare(
        body=body, digest=digest
    )
    assert found is not None
    if not found.change.lacks:
        _assert_equals_deciding(found, facts, mine, theirs)


@given(
    fact_sets(),
    st.lists(rules(), min_size=1, max_size=4, unique_by=lambda rule: rule.id),
    st.integers(0, 4),
    st.integers(0, 4),
    st.sampled_from(list(Outcome)),
)
def test_it_does_so_where_another_version_judged(
    facts: FactSet, rows: list[Rule], gone: int, other: int, outcome: Outcome
) -> None:
    then = make_table("one", rows, version=1)
    kept = [row for index, row in enumerate(rows) if index != gone % len(rows)]
    base = make_table("one", kept, version=2, digest="b" * 64)
    changed = list(rows)
    changed[other % len(rows)] = replace(changed[other % len(rows)], outcome=outcome)
    draft = make_table("one", changed, version=3, digest="c" * 64)
    mine, theirs = compile_tables([base]), compile_tables([draft])
    body, digest = record(facts, then)
    for known in (history(then, base), history(base)):
        found = Rehearser(base=mine, draft=theirs, history=known).compare(body=body, digest=digest)
        assert found is not None
        if not found.change.lacks:
            _assert_equals_deciding(found, facts, mine, theirs)


@given(fact_sets(), policy_sets)
def test_what_is_in_force_against_itself_changes_nothing(
    facts: FactSet, tables: tuple[PolicyTable, ...]
) -> None:
    # The same text as a draft is the next version of each, with the same digest.
    drafts = [replace(table, version=table.version + 1) for table in tables]
    body, digest = record(facts, *tables)
    found = Rehearser(
        base=compile_tables(tables), draft=compile_tables(drafts), history=history(*tables)
    ).compare(body=body, digest=digest)
    assert found is not None
    change = found.change
    assert not change.differs
    assert (change.gained, change.lost) == ((), ())
    assert change.before is change.after


def _assert_equals_deciding(
    found: Compared, facts: FactSet, base: CompiledPolicies, draft: CompiledPolicies
) -> None:
    before, after = decide(facts=facts, policies=base), decide(facts=facts, policies=draft)
    change = found.change
    assert (change.before, change.after) == (before.outcome, after.outcome)
    assert (change.votes_before, change.votes_after) == (
        before.obligations.votes,
        after.obligations.votes,
    )
    if change.differs:
        assert set(change.gained) == set(after.rule_ids) - set(before.rule_ids)
        assert set(change.lost) == set(before.rule_ids) - set(after.rule_ids)


def test_a_lower_bound_makes_it_stricter_and_names_the_row() -> None:
    draft = make_table(
        rules=[*BASE.rules, make_rule("large", Outcome.APPROVE, ("amount_minor", "above", 3000))],
        version=2,
    )
    found = compare(make_facts(), draft)
    assert (found.change.before, found.change.after) == (Outcome.ALLOW, Outcome.APPROVE)
    assert found.change.gained == ("refunds:large",)
    assert found.change.lost == ()
    assert (found.queue, found.hour, found.amount_minor, found.currency) == (
        "returns",
        19,
        4000,
        "USD",
    )
    assert compare(make_facts(local_hour=3), draft).hour == 3


def test_a_row_taken_away_makes_it_looser() -> None:
    found = compare(make_facts(confidence=0.2), make_table(version=2))
    assert (found.change.before, found.change.after) == (Outcome.APPROVE, Outcome.ALLOW)
    assert found.change.lost == ("refunds:unsure",)


def test_more_votes_are_a_change_though_the_outcome_is_the_same() -> None:
    draft = make_table(
        rules=[make_rule("unsure", Outcome.APPROVE, ("confidence", "below", 0.5), votes=2)]
    )
    change = compare(make_facts(confidence=0.2), draft).change
    assert change.before is change.after is Outcome.APPROVE
    assert (change.votes_before, change.votes_after, change.differs) == (1, 2, True)


def test_a_draft_may_stand_beside_what_is_in_force() -> None:
    beside = make_table("more", rules=[make_rule("no", Outcome.DENY)])
    body, digest = record(make_facts(), BASE)
    rehearser = Rehearser(
        base=compile_tables([BASE]), draft=compile_tables([BASE, beside]), history=history(BASE)
    )
    found = rehearser.compare(body=body, digest=digest)
    assert found is not None
    assert (found.change.after, found.change.gained) == (Outcome.DENY, ("more:no",))


@pytest.mark.parametrize(
    ("facts", "declared", "lacks"),
    [
        (make_facts(local_hour=ABSENT), {}, ("local_hour",)),
        (make_facts(local_hour=UNKNOWN), {}, ()),
        (make_facts(local_hour=12), {}, ()),
    ],
)
def test_a_fact_that_the_draft_needs_is_named_and_never_guessed(
    facts: FactSet, declared: dict[str, frozenset[str]], lacks: tuple[str, ...]
) -> None:
    draft = make_table(rules=[make_rule("night", Outcome.DENY, ("local_hour", "below", 6))])
    assert compare(facts, draft, declared=declared).change.lacks == lacks


def test_only_what_the_tool_declares_can_be_lacking() -> None:
    draft = make_table(rules=[make_rule("item", Outcome.DENY, ("item_count", "above", 3))])
    assert compare(make_facts(), draft).change.lacks == ()
    declared = {"refund": frozenset({"item_count"})}
    assert compare(make_facts(), draft, declared=declared).change.lacks == ("item_count",)
    silent = make_table(
        rules=[
            make_rule("item", Outcome.DENY, ("item_count", "above", 3), ("channel", "is", "mail"))
        ]
    )
    # Whatever it had been, the row could not have fired.
    assert compare(make_facts(), silent, declared=declared).change.lacks == ()


def test_a_limit_that_did_not_count_then_is_lacking() -> None:
    draft = make_table(limits=[make_limit("per_day")])
    assert compare(make_facts(), draft).change.lacks == ("limit:per_day",)


def test_a_limit_that_counted_something_else_is_lacking() -> None:
    then = make_table(limits=[make_limit("per_day", window_hours=24)])
    facts = make_facts(**{"limit:per_day": 2})
    same = make_table(limits=[make_limit("per_day", window_hours=24, at_most=1)], version=2)
    other = make_table(limits=[make_limit("per_day", window_hours=48)], version=2)
    change = compare(facts, same, judged=then, base=then).change
    assert (change.before, change.after) == (Outcome.ALLOW, Outcome.APPROVE)
    assert compare(facts, other, judged=then, base=then).change.lacks == ("limit:per_day",)


def test_what_another_version_judged_is_compared_with_the_one_in_force() -> None:
    older = make_table(rules=[make_rule("all", Outcome.DENY)], version=1)
    base = make_table(rules=BASE.rules, version=2, digest="b" * 64)
    change = compare(make_facts(), base, judged=older, base=base).change
    assert (change.before, change.after, change.decided_again) == (
        Outcome.ALLOW,
        Outcome.ALLOW,
        True,
    )


def test_filters_leave_out_what_is_not_asked_for() -> None:
    body, digest = record(make_facts(), BASE)
    policies = compile_tables([BASE])
    for wanted, kept in (
        (Filters(), True),
        (Filters(queue="returns", tool="refund", risk="high"), True),
        (Filters(queue="orders"), False),
        (Filters(tool="cancel"), False),
        (Filters(risk="low"), False),
    ):
        rehearser = Rehearser(base=policies, draft=policies, filters=wanted)
        assert (rehearser.compare(body=body, digest=digest) is not None) is kept


def test_what_is_no_record_or_was_altered_is_said() -> None:
    body, digest = record(make_facts(), BASE)
    policies = compile_tables([BASE])
    rehearser = Rehearser(base=policies, draft=policies)
    altered = rehearser.compare(body=body.replace(b"4000", b"4001"), digest=digest)
    assert altered is not None
    assert altered.change.lacks == (ALTERED,)
    for bad in (b"", b"{}", b"\xff", body.replace(b'"outcome":"allow"', b'"outcome":"maybe"')):
        found = rehearser.compare(body=bad, digest=record_digest(bad))
        assert found is not None
        assert found.change.lacks == (UNREADABLE,)


def test_another_engine_is_not_replayed_under_this_one() -> None:
    body, _digest = record(make_facts(), BASE)
    body = body.replace(b"orchestra.decide/1", b"orchestra.decide/0")
    policies = compile_tables([BASE])
    found = Rehearser(base=policies, draft=policies).compare(body=body, digest=record_digest(body))
    assert found is not None
    assert found.change.lacks == (UNREADABLE,)


def test_a_wrong_type_denies_then_and_now() -> None:
    change = compare(make_facts(confidence="high"), make_table(rules=BASE.rules, version=2)).change
    assert (change.before, change.after) == (Outcome.DENY, Outcome.DENY)
