"""Times as text: one reading, with an offset, within the years that UTC has."""

from datetime import UTC, datetime

import pytest

from orchestra.core.clock import parse_rfc3339, rfc3339


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-19T19:05:00Z",
        "2026-11-19t19:05:00z",
        "2026-11-19 20:05:00+01:00",
        "2026-11-19T14:05:00.000000-05:00",
    ],
)
def test_one_moment_in_many_writings(text: str) -> None:
    assert parse_rfc3339(text) == datetime(2026, 11, 19, 19, 5, tzinfo=UTC)
    assert rfc3339(parse_rfc3339(text)) == "2026-11-19T19:05:00.000000Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-19",
        "2026-11-19T19:05:00",
        "2026-11-19T19:05Z",
        "2026-W47-4T19:05:00Z",
        "20261119T190500Z",
        "2026-13-01T00:00:00Z",
        "2026-11-19T24:01:00Z",
        "2026-11-19T19:05:00Z\n",
        "٢٠٢٦-11-19T19:05:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_rfc3339(text)
