"""What owners want of every version, drawn at random."""

from dataclasses import replace

from hypothesis import strategies as st

from governance.policies.types import Condition, Invariant, Operator, Outcome, PolicyTable

WHEN = (
    Condition("amount_minor", Operator.ABOVE, 50000),
    Condition("verification", Operator.NOT_IN, ("basic", "strong")),
    Condition("off_plan", Operator.IS, value=True),
    Condition("confidence", Operator.BELOW, 0.7),
)


@st.composite
def promises(draw: st.DrawFn, name: str) -> Invariant:
    """An invariant that can be written: votes, roles and the password are of an approval."""
    outcome = draw(st.sampled_from([one for one in Outcome if one is not Outcome.ALLOW]))
    when = tuple(draw(st.lists(st.sampled_from(WHEN), max_size=2, unique=True)))
    built = Invariant(name, f"Promise {name}", when, outcome)
    if outcome is not Outcome.APPROVE:
        return built
    return replace(
        built,
        votes=draw(st.integers(0, 3)),
        roles=draw(st.sampled_from([(), ("supervisor",), ("specialist", "supervisor")])),
        step_up=draw(st.booleans()),
    )


@st.composite
def promising(draw: st.DrawFn, tables: st.SearchStrategy[PolicyTable]) -> PolicyTable:
    """A table with up to two promises."""
    count = draw(st.integers(0, 2))
    return replace(
        draw(tables), invariants=tuple(draw(promises(f"p{place}")) for place in range(count))
    )
