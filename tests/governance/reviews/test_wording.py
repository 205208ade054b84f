"""The words that differ, and that both sentences stay whole."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.reviews.wording import Part, Parts, changed_words, mark_words


def marked(parts: Parts) -> str:
    return "".join(f"[{part.text}]" if part.is_changed else part.text for part in parts)


@pytest.mark.parametrize(
    ("before", "after", "was", "now"),
    [
        ("", "All new.", "", "[All new.]"),
        ("All gone.", "", "[All gone.]", ""),
        ("", "", "", ""),
        ("The same.", "The same.", "The same.", "The same."),
        (
            "When a return moves more than USD 500.00, ask for 1 vote.",
            "When a return moves more than USD 300.00, ask for 1 vote.",
            "When a return moves more than [USD 500.00], ask for 1 vote.",
            "When a return moves more than [USD 300.00], ask for 1 vote.",
        ),
        (
            "ask for 1 vote by a supervisor of the queue",
            "ask for 2 votes by a supervisor of the queue",
            "ask for [1 vote] by a supervisor of the queue",
            "ask for [2 votes] by a supervisor of the queue",
        ),
        (
            "ask a supervisor within 30 minutes",
            "ask a supervisor",
            "ask a supervisor[ within 30 minutes]",
            "ask a supervisor",
        ),
        (
            "above $1,000.00, deny",
            "above $1,500.00, deny",
            "above [$1,000.00], deny",
            "above [$1,500.00], deny",
        ),
        (
            "When confidence is less than 0.7: verify.",
            "When confidence is less than 0.65: verify.",
            "When confidence is less than [0.7]: verify.",
            "When confidence is less than [0.65]: verify.",
        ),
        ("Apples are red.", "Nothing here stays", "[Apples are red.]", "[Nothing here stays]"),
    ],
)
def test_the_words_that_differ_are_marked(before: str, after: str, was: str, now: str) -> None:
    old, new = mark_words(before, after)
    assert (marked(old), marked(new)) == (was, now)


def test_the_marked_words_alone_are_told_without_signs_around_them() -> None:
    old, new = mark_words("ask for 1 vote by a lead.", "ask for 2 votes.")
    assert (changed_words(old), changed_words(new)) == (["1 vote by a lead"], ["2 votes"])
    assert changed_words([Part(", ", is_changed=True), Part("word", is_changed=False)]) == []


def test_a_very_long_text_is_marked_whole_and_at_once() -> None:
    before, after = "word " * 3000, "ward " * 3000
    assert mark_words(before, after) == (
        (Part(before, is_changed=True),),
        (Part(after, is_changed=True),),
    )


words = st.lists(st.sampled_from(["a", "b", "USD 5.00", "0.7", ",", "is", "  ", "\n", "Ä"]))
sentences = st.one_of(words.map(" ".join), st.text(max_size=40))


@given(sentences, sentences)
def test_the_parts_are_the_sentences_and_what_is_unmarked_is_in_both(
    before: str, after: str
) -> None:
    old, new = mark_words(before, after)
    assert "".join(part.text for part in old) == before
    assert "".join(part.text for part in new) == after
    common = [[part.text for part in one if not part.is_changed] for one in (old, new)]
    assert "".join(common[0]) == "".join(common[1])
    for parts in (old, new):
        assert all(one.is_changed is not two.is_changed for one, two in pairwise(parts))
        assert all(part.text for part in parts)
    if before == after:
        assert not any(part.is_changed for part in (*old, *new))
