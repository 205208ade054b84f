"""An article's file: fields above, text below, and every error in its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.packs.front_matter import read_article, write_article

FILE = """---
key: returns
audience: [ai]
---

Take it back.

---

Say thanks.
"""


def test_fields_and_text_are_read_with_their_lines() -> None:
    found = read_article(name="articles/returns.md", text=FILE)
    assert found.findings == []
    assert found.value == {
        "key": "returns",
        "audience": ["ai"],
        "body": "Take it back.\n\n---\n\nSay thanks.",
    }
    assert found.place("audience[0]") == "articles/returns.md:3: audience[0]"
    assert found.place("body") == "articles/returns.md:6: body"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "a.md:1"),
        ("Take it back.", "a.md:1"),
        ("---\nkey: a\nTake it back.", "a.md:1"),
        ("---\n---\nTake it back.", "a.md:2"),
        ("---\n- a\n---\nTake it back.", "a.md:2"),
        ("---\nkey: a\nkey: b\n---\nTake it back.", "a.md:3: key"),
        ("---\nkey: a\nbody: x\n---\nTake it back.", "a.md:3: body"),
        ("---\nkey: [\n---\nTake it back.", "a.md:3"),
    ],
)
def test_what_cannot_be_read_names_its_line(text: str, place: str) -> None:
    (finding,) = read_article(name="a.md", text=text).findings
    assert finding.field == place


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n")))
def test_what_was_written_is_read_again(body: str) -> None:
    document = {"key": "returns", "title": "a: b", "body": body.strip()}
    found = read_article(name="a.md", text=write_article(document))
    assert found.findings == []
    assert found.value == document
