"""What holds for every kind of document of quality, whatever stands in it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.reviews.rules import document_digest
from orchestra.core.errors import InvalidInputError
from orchestra.core.yaml_text import read_located, write_yaml
from qa.measurement.describing import describe_changes as describe_metric
from qa.measurement.parsing import parse_metric
from qa.sampling.describing import describe_changes as describe_plan
from qa.sampling.parsing import parse_plan
from qa.scorecards.describing import describe_changes as describe_card
from qa.scorecards.parsing import parse_scorecard
from tests.factories.quality import ANY_JSON, any_version, card, choice, shipped, yes_no

Json = Any

CARDS = [
    *shipped("scorecards"),
    card(yes_no("a"), choice("b", 0, 5), yes_no("c", only_if={"question": "b", "is": ["a1"]})),
]
KINDS = [
    pytest.param("scorecard", parse_scorecard, describe_card, CARDS, id="scorecard"),
    pytest.param(
        "sampling_plan", parse_plan, describe_plan, shipped("sampling_plans"), id="sampling_plan"
    ),
    pytest.param(
        "metric_definition",
        parse_metric,
        describe_metric,
        shipped("metric_definitions"),
        id="metric_definition",
    ),
]
every_kind = pytest.mark.parametrize(("kind", "parse", "describe", "documents"), KINDS)


def reads(parse: Callable[..., Any], document: Json) -> bool:
    """Return whether a document is right; anything but a list of errors is a fault."""
    try:
        parse(document=document)
    except InvalidInputError as error:
        found = error.errors
    else:
        return True
    assert found
    assert all(one.code and one.message for one in found)
    return False


@every_kind
def test_what_ships_is_right(kind: str, parse: Any, describe: Any, documents: list[Json]) -> None:
    del kind
    for document in documents:
        assert reads(parse, document)
        assert describe(None, document)
        assert describe(document, document) == ()


@every_kind
@given(data=st.data())
def test_any_json_is_refused_with_words_or_read(
    kind: str, parse: Any, describe: Any, documents: list[Json], data: st.DataObject
) -> None:
    del kind
    document = data.draw(ANY_JSON | any_version(documents))
    if reads(parse, document):
        assert describe(document, deepcopy(document)) == ()
        for other in documents:
            describe(document, other)
            describe(other, document)


@every_kind
@given(data=st.data())
def test_a_document_goes_through_yaml_and_back(
    kind: str, parse: Any, describe: Any, documents: list[Json], data: st.DataObject
) -> None:
    del describe
    document = data.draw(st.sampled_from(documents))
    text = write_yaml(document)
    back = read_located(name="", text=text, strict=True)
    assert (back.findings, back.value) == ([], document)
    assert parse(document=back.value) == parse(document=document)
    shuffled = _shuffled(document, data)
    assert document_digest(kind=kind, document=shuffled) == document_digest(
        kind=kind, document=document
    )
    assert parse(document=shuffled) == parse(document=document)


def _shuffled(value: Json, data: st.DataObject) -> Json:
    """Return the same value with the names of every mapping in another order."""
    if isinstance(value, dict):
        names = data.draw(st.permutations(sorted(value)))
        return {name: _shuffled(value[name], data) for name in names}
    if isinstance(value, list):
        return [_shuffled(one, data) for one in value]
    return value


@every_kind
def test_an_unknown_field_is_refused_wherever_it_stands(
    kind: str, parse: Any, describe: Any, documents: list[Json]
) -> None:
    del kind, describe
    for document in documents:
        for path, place in _mappings(document):
            place["nonsense"] = 1
            with pytest.raises(InvalidInputError) as caught:
                parse(document=document)
            del place["nonsense"]
            where = f"{path}.nonsense" if path else "nonsense"
            assert where in {one.field for one in caught.value.errors}


def _mappings(value: Json, path: str = "") -> list[tuple[str, dict[str, Json]]]:
    if isinstance(value, dict):
        inner = [
            found
            for name, one in value.items()
            for found in _mappings(one, f"{path}.{name}" if path else name)
        ]
        return [(path, value), *inner]
    if isinstance(value, list):
        return [found for at, one in enumerate(value) for found in _mappings(one, f"{path}[{at}]")]
    return []


@every_kind
@pytest.mark.parametrize("text", ["\x00", "\ud800"])
def test_text_that_no_database_holds_is_refused(
    kind: str, parse: Any, describe: Any, documents: list[Json], text: str
) -> None:
    del kind, describe
    assert not reads(parse, {**documents[0], "title": f"a{text}"})
    assert not reads(parse, {**documents[0], text: 1})


@every_kind
def test_what_is_nested_too_deeply_is_refused(
    kind: str, parse: Any, describe: Any, documents: list[Json]
) -> None:
    del kind, describe
    deep: Json = []
    for _ in range(100_000):
        deep = [deep]
    assert not reads(parse, {**documents[0], "title": deep})
