"""The form of an article, and the document it states."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from governance.admin.article_forms import describe_form, errors_by_field, read_form
from governance.knowledge.parsing import FIELDS, find_errors
from orchestra.core.errors import FieldError
from tests.factories.articles import make_document


def filled(document: dict[str, Any]) -> dict[str, Any]:
    form = describe_form(document)
    audience = form.pop("audience")
    return read_form(form, key=document["key"], audience=audience)


def test_what_a_form_shows_is_what_it_states() -> None:
    sources = [
        {"title": "Law | 4", "url": "https://law.example/a"},
        {"title": "Manual", "reference": "page 4"},
    ]
    document = make_document(sources=sources, topics=["a", "b"], language="de")
    assert filled(document) == document


def test_line_ends_and_empty_lines_of_a_browser_are_none() -> None:
    given = {"body": "\r\nOne.\r\n\r\nTwo.\r\n", "topics": " a,, b ,", "sources": "\r\nA | b\r\n"}
    document = read_form(given, key="returns", audience=["ai"])
    assert document["body"] == "One.\n\nTwo."
    assert document["topics"] == ["a", "b"]
    assert document["sources"] == [{"title": "A", "reference": "b"}]


def test_an_address_alone_is_its_own_title_and_a_title_alone_is_told() -> None:
    document = read_form({"sources": "https://law.example\nLaw"}, key="returns", audience=[])
    assert document["sources"] == [
        {"title": "https://law.example", "url": "https://law.example"},
        {"title": "Law"},
    ]
    assert "sources[1]" in [error.field for error in find_errors(document)]


def test_errors_stand_at_their_field_with_their_number() -> None:
    errors = [
        FieldError("sources[1].url", "url", "write an address"),
        FieldError("title", "required", "give it a title"),
    ]
    assert errors_by_field(errors) == {
        "sources": ["2: write an address"],
        "title": ["give it a title"],
    }


@given(
    st.dictionaries(
        st.sampled_from(FIELDS),
        st.none() | st.text() | st.integers() | st.lists(st.none() | st.text()),
    )
)
def test_any_draft_can_be_shown(document: dict[str, Any]) -> None:
    form = describe_form(document)
    audience = form.pop("audience")
    assert isinstance(read_form(form, key="a", audience=audience), dict)
