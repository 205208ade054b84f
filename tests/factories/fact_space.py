"""Small tables and every point of the small fact space they cut, for brute force."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from hypothesis import strategies as st

from governance.policies.catalogue import OWN_FACTS, Catalogue
from governance.policies.types import FactSet, Outcome, PolicyTable, Rule
from tests.factories.policies import ABSENT, UNKNOWN, make_rule, make_table

CATALOGUE = Catalogue(facts={spec.name: spec for spec in OWN_FACTS})

#: Every value that a condition below can tell apart, more than once where it cannot.
POINTS: dict[str, list[Any]] = {
    "amount_minor": [-1, 0, 1, 4, 5, 6, 9, 10, 11, 500, UNKNOWN, ABSENT],
    "verification": ["none", "claimed", "basic", "strong", UNKNOWN, ABSENT],
    "customer_bound": [True, False, UNKNOWN, ABSENT],
    "risk_flags": [[], ["fraud"], ["vip"], ["vip", "fraud", "else"], UNKNOWN, ABSENT],
}
CONDITIONS: list[tuple[str, str, Any]] = [
    ("amount_minor", "above", 5),
    ("amount_minor", "at_most", 10),
    ("amount_minor", "at_least", 10),
    ("amount_minor", "below", 5),
    ("amount_minor", "is", 0),
    ("amount_minor", "is_not", 10),
    ("verification", "in", ("none", "claimed")),
    ("verification", "is", "basic"),
    ("verification", "is_not", "strong"),
    ("customer_bound", "is", False),
    ("customer_bound", "is", True),
    ("risk_flags", "contains", "fraud"),
    ("risk_flags", "lacks", "vip"),
]


@st.composite
def small_rules(draw: st.DrawFn, most: int = 5) -> list[Rule]:
    listed = []
    for number in range(draw(st.integers(1, most))):
        when = draw(st.lists(st.sampled_from(CONDITIONS), max_size=3))
        outcome = draw(st.sampled_from(list(Outcome)))
        asked: dict[str, Any] = {}
        if outcome is Outcome.APPROVE:
            roles = st.sampled_from([(), ("supervisor",), ("specialist",)])
            asked = {
                "votes": draw(st.integers(1, 3)),
                "roles": draw(roles),
                "step_up": draw(st.booleans()),
            }
        listed.append(make_rule(f"r{number}", outcome, *when, **asked))
    return listed


def small_table(rules: Sequence[Rule], **changes: Any) -> PolicyTable:
    return make_table(rules=rules, **{"thresholds": {"USD": 5}, **changes})


def every_point(**fixed: Sequence[Any]) -> Iterator[FactSet]:
    """Every combination of the small facts with those given; pass lists of values."""
    facts = {**POINTS, "tool": ["refund"], **fixed}
    for values in product(*facts.values()):
        merged = dict(zip(facts, values, strict=True))
        yield FactSet(
            values={k: v for k, v in merged.items() if v is not ABSENT and v is not UNKNOWN},
            unknown=frozenset(k for k, v in merged.items() if v is UNKNOWN),
        )
