"""Small event logs."""

from datetime import UTC, datetime
from typing import Any

from orchestra.core.actors import Actor
from qa.history.models import PastLog
from qa.history.parsing import parse_mapping
from qa.history.reading import read_log
from qa.history.services import LogFile, import_log
from qa.history.types import LogMapping, ReadLog
from tests.factories.access import FACTORY

Json = Any
READ_AT = datetime(2026, 11, 23, 19, 5, tzinfo=UTC)
HEADER = "case,time,status,group,who,via"
LINES = (
    HEADER,
    "A-1,2026-05-01T08:00:00Z,open,first,Ann,mail",
    "A-1,2026-05-01T09:00:00Z,open,second,Ben,mail",
    "A-1,2026-05-02T08:00:00Z,open,first,Ann,mail",
    "A-1,2026-05-03T08:00:00Z,done,first,Ann,mail",
    "B-1,2026-05-02T08:00:00Z,open,first,Ann,chat",
    "B-1,2026-05-02T08:30:00Z,done,first,Ann,chat",
    "B-1,2026-06-02T08:30:00Z,open,first,Cid,chat",
    "C-1,2026-06-02T08:00:00Z,open,second,Ben,chat",
)


def mapping_document(**changes: Json) -> Json:
    """A whole mapping, with changes; None takes a part away."""
    whole = {
        "key": "desk",
        "title": "The old desk",
        "columns": {
            "case": "case",
            "time": "time",
            "status": "status",
            "group": "group",
            "resource": "who",
            "channel": "via",
        },
        "statuses": {"active": ["open"], "resolved": ["done"], "withdrawn": ["gone"]},
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def mapping(**changes: Json) -> LogMapping:
    return parse_mapping(document=mapping_document(**changes))


def read(*lines: str, **changes: Json) -> ReadLog:
    """What is read of lines, of the small log unless others are given."""
    return read_log(lines=lines or LINES, mapping=mapping(**changes), now=READ_AT)


def make_past_log(actor: Actor = FACTORY) -> PastLog:
    """The small log, brought in."""
    return import_log(
        actor=actor, now=READ_AT, mapping=mapping(), file=LogFile("desk.csv", "0" * 64), read=read()
    ).log
