"""An article's document: what is refused, all at once, and that nothing breaks the reader."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.knowledge.parsing import FIELDS, MAX_BODY, find_errors, is_address, parse_article
from governance.knowledge.types import Audience, Source
from orchestra.core.errors import InvalidInputError
from tests.factories.articles import make_document

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def test_a_good_document_is_read_whole() -> None:
    sources = [
        {"title": "Store policy", "reference": "Section 4"},
        {"title": "Law", "url": "https://law.example/returns?x=1#a"},
    ]
    found = parse_article(document=make_document(sources=sources, language="pt-BR"))
    assert found.review_by == date(2027, 5, 31)
    assert found.audience == {Audience.AI, Audience.HUMAN}
    assert found.topics == ("return_items",)
    assert found.language == "pt-BR"
    assert found.sources == (
        Source("Store policy", reference="Section 4"),
        Source("Law", url="https://law.example/returns?x=1#a"),
    )


def test_every_error_is_told_at_once() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_article(document={"colour": "red"})
    fields = [error.field for error in caught.value.errors]
    assert fields == ["colour", "key", "title", "body", "owner", "review_by", "audience"]
    assert caught.value.error_code == "article.invalid"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"key": "Returns"}, "key", "key"),
        ({"key": "retürn"}, "key", "key"),
        ({"title": "x" * 201}, "title", "length"),
        ({"title": " Returns"}, "title", "spaces"),
        ({"title": "Re\u0000turns"}, "title", "characters"),
        ({"title": "Re\ue000turns"}, "title", "characters"),
        ({"owner": 7}, "owner", "text"),
        ({"body": "x" * (MAX_BODY + 1)}, "body", "length"),
        ({"body": "one\r\ntwo"}, "body", "characters"),
        ({"body": "one\n"}, "body", "spaces"),
        ({"body": ["one"]}, "body", "text"),
        ({"review_by": "2027-02-30"}, "review_by", "date"),
        ({"review_by": "31.05.2027"}, "review_by", "date"),
        ({"review_by": 20270531}, "review_by", "date"),
        ({"audience": []}, "audience", "required"),
        ({"audience": "ai"}, "audience", "required"),
        ({"audience": ["ai", "robots"]}, "audience[1]", "choice"),
        ({"audience": ["ai", ["ai"]]}, "audience[1]", "choice"),
        ({"audience": ["ai", "ai"]}, "audience[1]", "twice"),
        ({"topics": "returns"}, "topics", "list"),
        ({"topics": ["a", "a"]}, "topics[1]", "twice"),
        ({"topics": ["a, b"]}, "topics[0]", "comma"),
        ({"topics": ["x"] * 21}, "topics", "length"),
        ({"language": "English"}, "language", "language"),
        ({"sources": [{"title": "Law"}]}, "sources[0]", "one_of"),
        ({"sources": [{"title": "Law", "url": "x", "reference": "y"}]}, "sources[0]", "one_of"),
        ({"sources": [{"title": "Law", "url": "javascript:x"}]}, "sources[0].url", "url"),
        ({"sources": [{"url": "https://law.example"}]}, "sources[0].title", "required"),
        (
            {"sources": [{"title": "L", "reference": "y", "by": "z"}]},
            "sources[0].by",
            "unknown_field",
        ),
        ({"sources": ["Law"]}, "sources[0]", "mapping"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], field: str, code: str) -> None:
    found = {(error.field, error.code) for error in find_errors(make_document(**changes))}
    assert (field, code) in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://law.example/a", True),
        ("http://10.0.0.1:8000/", True),
        ("//law.example", False),
        ("https:law.example", False),
        ("javascript://law.example/%0aalert(1)", False),
        ("https://law.example/ a", False),
        ("https://[::1", False),
        ("https://", False),
        (None, False),
    ],
)
def test_addresses(text: Any, *, expected: bool) -> None:
    assert is_address(text) is expected


@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(), json_values))
def test_no_document_breaks_the_reader(document: dict[str, Any]) -> None:
    assert isinstance(find_errors(document), tuple)
