"""Documents of quality: small right ones, and any JSON at all."""

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from qa.builtin.services import read_shipped

Json = Any

_TEXTS = st.text(max_size=12)
_LEAVES = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | _TEXTS
#: Any JSON value, with numbers and texts that no JSON may hold besides.
ANY_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


def shipped(folder: str) -> list[Json]:
    """The documents of one folder that ship."""
    return list(read_shipped(folder=folder))


def card(*questions: Json, **changes: Json) -> Json:
    """A scorecard of one section."""
    asked = questions or (yes_no("kept"),)
    return {
        "key": "calls",
        "title": "Calls",
        "purpose": "Were the calls good?",
        "applies_to": ["ai"],
        "scoring": {"pass_percent": 80},
        "sections": [{"key": "all", "title": "All", "questions": list(asked)}],
        **changes,
    }


def yes_no(key: str, **changes: Json) -> Json:
    return {"key": key, "text": f"Was it {key}?", "kind": "yes_no", "points": 10, **changes}


def choice(key: str, *points: int, **changes: Json) -> Json:
    answers = [
        {"key": f"a{index}", "text": f"Answer {index}", "points": one}
        for index, one in enumerate(points)
    ]
    return {
        "key": key,
        "text": f"Which {key}?",
        "kind": "choice",
        "answers": answers,
        **changes,
    }


def plan(**changes: Json) -> Json:
    """The weekly plan that ships, with changes; None takes a part away."""
    return _changed("sampling_plans", "weekly", changes)


def targeted(**changes: Json) -> Json:
    """The directed plan that ships, with changes."""
    return _changed("sampling_plans", "directed", changes)


def metric(key: str = "recontact_rate", **changes: Json) -> Json:
    """A definition that ships, with changes."""
    return _changed("metric_definitions", key, changes)


def _changed(folder: str, key: str, changes: dict[str, Json]) -> Json:
    found = deepcopy(next(one for one in shipped(folder) if one["key"] == key))
    found.update(changes)
    return {name: value for name, value in found.items() if value is not None}


def any_version(documents: list[Json]) -> st.SearchStrategy[Json]:
    """A right document in which one part, at any depth, is any JSON."""

    @st.composite
    def broken(draw: st.DrawFn) -> Json:
        document = deepcopy(draw(st.sampled_from(documents)))
        at = document
        while True:
            name = draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
            inner = at[name]
            if not inner or not isinstance(inner, dict | list) or draw(st.booleans()):
                at[name] = draw(ANY_JSON)
                return document
            at = inner

    return broken()
