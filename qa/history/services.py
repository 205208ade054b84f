"""Bring a log in, whole or not at all, and take it out again."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.canonical import digest
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError
from orchestra.core.locking import lock, take_turn
from qa.history import entries
from qa.history.figures import as_json, baseline_of, case_of
from qa.history.models import PastLog, PastLogCase, PastLogEvent
from qa.history.types import Baseline, LoggedEvent, LogMapping, PastCase, ReadLog

_DOMAIN: Final = "orchestra.history.mapping.v1"
_AT_ONCE: Final = 2000
#: Bad lines that are named one by one; the rest is counted.
_NAMED: Final = 50
_TURN: Final = "history"


@dataclass(frozen=True, slots=True)
class LogFile:
    """Where a log came from.

    Attributes:
        digest: SHA-256 of its bytes, in hex.
    """

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an import; the same file read the same way again is not new."""

    log: PastLog
    is_new: bool


def check_lines(read: ReadLog, *, skip_bad: bool) -> None:
    """Refuse a log with lines that cannot be read, unless the rest alone is asked for.

    Raises:
        InvalidInputError: Lines cannot be read, or no line can.
    """
    if read.bad and not (skip_bad and read.cases):
        named = [FieldError(f"line {one.line}", one.code, one.message) for one in read.bad[:_NAMED]]
        more = len(read.bad) - len(named)
        if more:
            named.append(FieldError("…", "more", f"{more} more lines cannot be read"))
        raise InvalidInputError(
            _(
                "%(count)d lines cannot be read; nothing was brought in. Correct them, or ask for "
                "the rest alone."
            )
            % {"count": len(read.bad)},
            code="history.lines",
            errors=named,
        )
    if not read.cases:
        raise InvalidInputError(
            _("The file has no event; nothing was brought in."), code="history.empty"
        )


@one_act()
def import_log(
    *,
    actor: Actor,
    now: datetime,
    mapping: LogMapping,
    file: LogFile,
    read: ReadLog,
    skip_bad: bool = False,
) -> Imported:
    """Bring a log in with its baseline; all of it or nothing.

    Args:
        actor: Who brings it in.
        now: When, UTC.
        mapping: How it was read; its key is the log's.
        file: Where it came from.
        read: What was read.
        skip_bad: Take what can be read where some lines cannot.

    Raises:
        NotPermittedError: The actor may not edit what is measured.
        InvalidInputError: Lines cannot be read, or there is none.
        ConflictError: Another log has the key.
    """
    require(authority=authority_of(actor), capability=Capability.METRIC_EDIT)
    check_lines(read, skip_bad=skip_bad)
    take_turn(_TURN)
    how = digest(_DOMAIN, asdict(mapping))
    present = PastLog.objects.filter(key=mapping.key).first()
    if present is not None:
        if (present.file_digest, present.mapping_digest) == (file.digest, how):
            return Imported(present, is_new=False)
        raise ConflictError(
            _(
                "There is a log %(key)s already, of other content. Take it out first, or choose "
                "another key."
            )
            % {"key": mapping.key},
            code="history.exists",
        )
    cases = [case_of(events) for events in read.cases.values()]
    log = _log(actor, now, mapping, file, read, how, cases, baseline_of(cases))
    log.save()
    _write(log, cases, read)
    _record(actor, now, log, entries.IMPORTED)
    return Imported(log, is_new=True)


@one_act()
def forget_log(*, actor: Actor, now: datetime, key: str) -> None:
    """Take a log out with all its cases; that it was there stays in the ledger.

    Raises:
        NotPermittedError: The actor may not edit what is measured.
        ConflictError: There is no such log.
    """
    require(authority=authority_of(actor), capability=Capability.METRIC_EDIT)
    log = next(iter(lock(PastLog.objects.filter(key=key))), None)
    if log is None:
        raise ConflictError(_("There is no such log."), code="history.unknown")
    _record(actor, now, log, entries.FORGOTTEN)
    PastLogEvent.objects.filter(case__log=log).delete()
    log.delete()


def _log(
    actor: Actor,
    now: datetime,
    mapping: LogMapping,
    file: LogFile,
    read: ReadLog,
    how: str,
    cases: Sequence[PastCase],
    baseline: Baseline,
) -> PastLog:
    return PastLog(
        key=mapping.key,
        title=mapping.title,
        file_name=file.name[:200],
        file_digest=file.digest,
        mapping_digest=how,
        cases=len(cases),
        events=baseline.events,
        left_out=len(read.bad),
        repeated=read.repeated,
        first_at=min(one.opened_at for one in cases),
        last_at=max(one.last_at for one in cases),
        figures=as_json(baseline),
        imported_at=now,
        by_kind=actor.kind,
        by_id=actor.id,
        by_label=actor.label,
    )


def _write(log: PastLog, cases: Sequence[PastCase], read: ReadLog) -> None:
    for start in range(0, len(cases), _AT_ONCE):
        part = cases[start : start + _AT_ONCE]
        rows = PastLogCase.objects.bulk_create(PastLogCase(log=log, **asdict(one)) for one in part)
        lines = (line for row in rows for line in _lines(row, read.cases[row.ref]))
        PastLogEvent.objects.bulk_create(lines, batch_size=_AT_ONCE)


def _lines(row: PastLogCase, events: Sequence[LoggedEvent]) -> Iterator[PastLogEvent]:
    for one in events:
        yield PastLogEvent(
            case=row,
            line=one.line,
            at=one.at,
            standing=one.standing,
            status=one.status,
            activity=one.activity,
            group=one.group,
            resource=one.resource,
        )


def _record(actor: Actor, now: datetime, log: PastLog, kind: str) -> None:
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=kind,
            payload={
                "log": log.key,
                "title": log.title,
                "file": log.file_name,
                "file_digest": log.file_digest,
                "mapping_digest": log.mapping_digest,
                "cases": log.cases,
                "events": log.events,
                "left_out": log.left_out,
            },
            subject_kind="past_log",
            subject_id=str(log.public_id),
        ),
    )
