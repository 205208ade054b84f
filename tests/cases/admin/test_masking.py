"""Masking for pages: every text in a value, and nothing else."""

from dataclasses import dataclass

from django.utils.safestring import mark_safe

from cases.admin.masking import masked
from orchestra.templatetags.parts import masked as masked_filter

TEXT = "write to noah@example.com"
HIDDEN = "write to n•••@•••.com"


@dataclass(frozen=True)
class Line:
    text: str
    parts: tuple[str, ...] = ()
    count: int = 1


def test_every_text_is_masked_and_the_value_stays() -> None:
    value = {"a": TEXT, "b": [TEXT, 5, None], "c": Line(TEXT, (TEXT,)), "d": (TEXT,)}
    assert masked(value) == {
        "a": HIDDEN,
        "b": [HIDDEN, 5, None],
        "c": Line(HIDDEN, (HIDDEN,)),
        "d": (HIDDEN,),
    }
    assert value["a"] == TEXT


def test_markup_of_our_own_and_what_was_opened_stay() -> None:
    own = mark_safe("<a href='mailto:help@example.com'>help</a>")
    assert masked(own) is own
    assert masked(TEXT, unmasked=True) == TEXT
    assert masked(Line(TEXT), unmasked=True) == Line(TEXT)


def test_the_filter() -> None:
    assert masked_filter(TEXT) == HIDDEN
    assert masked_filter(TEXT, "1") == TEXT
    assert masked_filter(5) == "5"
