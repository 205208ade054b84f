"""Lines of the log: no personal data, no secret and no payload, whoever wrote them."""

import copy
import io
import json
import logging
import logging.config
from collections.abc import Iterator
from uuid import UUID

import pytest
import structlog
from django.utils.translation import gettext_lazy

from orchestra.core.logs import LEFT_OUT, configure_structlog, logging_settings, mask_event

CANARIES = [
    "canary.bird@example.org",
    "+44 20 7946 0958",
    "4539578763621486",
    "GB29NWBK60161331926819",
    "219-09-4990",
    "203.0.113.77",
]
SONG = "Call me: " + ", ".join(CANARIES)


@pytest.fixture(params=[True, False], ids=["json", "reading"])
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Yield what the log writes, by each way to write it, on a handler of its own."""
    settings = logging_settings(as_json=request.param)
    stream = io.StringIO()
    configurator = logging.config.DictConfigurator(copy.copy(settings))
    handler = logging.StreamHandler(stream)
    handler.setFormatter(configurator.configure_formatter(settings["formatters"]["masked"]))
    logger = logging.getLogger("orchestra.canaries")
    logger.addHandler(handler)
    logger.propagate = False
    configure_structlog()
    yield stream
    logger.removeHandler(handler)
    logger.propagate = True


def sung(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


def fails() -> None:
    raise ValueError(SONG)


def test_values_and_errors_of_events_are_masked(written: io.StringIO) -> None:
    log = structlog.get_logger("orchestra.canaries")
    try:
        fails()
    except ValueError as error:
        log.exception("canary.failed", why=str(error), error=error, deep={"a": [SONG]})
    log.warning(SONG, token="of no form at all", payload={"said": "a word in private"})
    text = written.getvalue()
    assert "canary.failed" in text
    assert "Traceback" in text
    assert "ValueError" in text
    assert sung(text) == []
    assert "of no form" not in text
    assert "in private" not in text


def test_lines_of_libraries_are_masked_too(written: io.StringIO) -> None:
    log = logging.getLogger("orchestra.canaries")
    try:
        fails()
    except ValueError:
        log.exception("It failed for %s", SONG, extra={"request": SONG, "said": SONG})
    text = written.getvalue()
    assert "It failed for" in text
    assert "Traceback" in text
    assert sung(text) == []


@pytest.mark.parametrize("written", [True], indirect=True)
def test_a_line_of_production_is_one_json_object(written: io.StringIO) -> None:
    structlog.get_logger("orchestra.canaries").warning("canary.sang", call=7)
    line = json.loads(written.getvalue())
    assert line.pop("at").endswith("Z")
    assert line == {
        "event": "canary.sang",
        "call": 7,
        "level": "warning",
        "logger": "orchestra.canaries",
    }


def test_ids_stay_and_objects_are_told_by_type_only() -> None:
    one = UUID("01890000-0000-7000-8000-000000000001")
    event = {"event": "x", "call": one, "why": gettext_lazy("Yes"), "row": object(), "on": True}
    assert mask_event(None, "info", {**event, "result": {"a": 1}, "body": None}) == {
        "event": "x",
        "call": str(one),
        "why": "Yes",
        "row": "object",
        "on": True,
        "result": LEFT_OUT,
        "body": None,
    }


def test_no_other_handler_writes() -> None:
    settings = logging_settings(as_json=True)
    assert settings["root"]["handlers"] == ["masked"]
    for name in ("django", "django.server"):
        assert logging.getLogger(name).handlers == []
        assert logging.getLogger(name).propagate
