"""A sentence of a pure module is English by itself and the reader's language on a page."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from orchestra.core.said import Said, said
from orchestra.core.words import in_words

ROWS = "has %(count)d rows of %(names)s"


def test_it_reads_as_english_and_knows_its_parts() -> None:
    text = said(ROWS, count=3, names=("a", "b"))
    assert text == "has 3 rows of a, b"
    assert isinstance(text, Said)
    assert (text.template, dict(text.values)) == (ROWS, {"count": 3, "names": ("a", "b")})
    assert said("100 %%") == "100 %"


@pytest.fixture
def in_german(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    known = {ROWS: "hat %(count)d Zeilen von %(names)s", "a row": "eine Zeile"}
    monkeypatch.setattr("orchestra.core.words._", lambda text: known.get(text, text))
    with translation.override("de"):
        yield


@pytest.mark.usefixtures("in_german")
def test_it_is_translated_with_all_that_stands_in_it() -> None:
    text = said(ROWS, count=1, names=(said("a row"), "a%b"))
    assert in_words(text) == "hat 1 Zeilen von eine Zeile, a%b"
    assert in_words("any other text") == "any other text"
