"""Fields that a spreadsheet would run as a formula are made text."""

import csv
from io import StringIO

import pytest

from orchestra.core.csv_text import csv_lines, safe_field


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ("Maren Osei", "Maren Osei"),
        ("a-b=c", "a-b=c"),
        ("", ""),
        (None, ""),
        (12, "12"),
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-2", "'-2"),
        (-2, "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("\0=1", "'\0=1"),
        ("  =1", "'  =1"),
        ("\uff1d1", "'\uff1d1"),
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff201", "'\uff201"),
    ],
)
def test_a_leading_sign_is_quoted(value: object, field: str) -> None:
    assert safe_field(value) == field


def test_lines_read_back_as_they_were_written() -> None:
    rows = [["a,b", 'say "x"', "two\nlines"], ["=x", None, 3]]
    text = "".join(csv_lines(["one", "two", "three"], rows))
    assert text.startswith('"one","two","three"\r\n')
    assert list(csv.reader(StringIO(text, newline=""))) == [
        ["one", "two", "three"],
        ["a,b", 'say "x"', "two\nlines"],
        ["'=x", "", "3"],
    ]
