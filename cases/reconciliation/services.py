"""Compare the rows with the ledger and the systems of record; let a person explain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.utils.translation import gettext as _

from cases.reconciliation import selectors
from cases.reconciliation.entries import DIFFERENCE_EXPLAINED, RECONCILED
from cases.reconciliation.models import Difference, Reconciliation
from cases.reconciliation.rules import check_asked, check_causes, check_effect
from cases.reconciliation.types import Asked, Finding, Gap
from cases.tools.models import ToolCall
from cases.tools.selectors import spec_of_call
from cases.tools.services import ask_back
from cases.tools.types import CallState
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, system
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotPermittedError,
    UpstreamError,
)
from orchestra.core.locking import compare_and_set, take_turn

log = structlog.get_logger(__name__)

#: Who compares when nobody asked for it.
RECONCILER = system("reconciliation")
#: A partial comparison looks again at what was recent when the one before it began.
OVERLAP: Final = timedelta(hours=1)
OVERLAP_ENTRIES: Final = 5_000
#: Differences kept as rows; their number is always recorded.
MAX_KEPT: Final = 10_000
_MAY_STAND: Final = frozenset(
    {CallState.SUCCEEDED, CallState.UNKNOWN, CallState.EXECUTING, CallState.COMPENSATED}
)


@dataclass(slots=True)
class _Sum:
    """What a comparison has come to so far."""

    effects: int = 0
    entries: int = 0
    asked: int = 0
    silent: int = 0
    found: dict[tuple[str, str, str], Finding] = field(default_factory=dict)

    def add(self, findings: Iterable[Finding]) -> None:
        for each in findings:
            self.found.setdefault((each.gap, each.id, each.wanted), each)


def reconcile(
    *, now: datetime, actor: Actor = RECONCILER, whole: bool = False, ask: int = 0
) -> Reconciliation:
    """Compare what happened with what the ledger says, both ways, and keep what differs.

    The rows are read before their entries and entries before their rows, and each commits with
    the other, so work that goes on meanwhile is no difference. Nothing is repaired.

    Args:
        now: The moment of the task.
        actor: Who asked for it.
        whole: Compare everything; else what is new since the last comparison. Only a whole
            one can tell that a difference is gone.
        ask: Of how many settled writes, newest first, the systems of record are asked.

    Returns:
        The comparison, with how many differences it found.

    Raises:
        NotPermittedError: A person may not have the ledger checked.
    """
    if actor.is_agent:
        raise NotPermittedError(_("An AI agent does not check the ledger."))
    if actor.is_human:
        require(authority=authority_of(actor), capability=Capability.LEDGER_VERIFY)
    last = None if whole else selectors.last_reconciliation()
    since = last.at - OVERLAP if last else None
    place = max(last.until_entry - OVERLAP_ENTRIES, 0) if last else 0
    until = selectors.newest_entry()
    total = _Sum()
    _compare_effects(total, since)
    _compare_entries(total, place, until)
    _ask(total, since, ask)
    return _keep(total, actor=actor, now=now, since=since, until=until)


def explain(*, actor: Actor, now: datetime, difference_id: UUID, explanation: str) -> Difference:
    """Record what a person found out about a difference; it stays on record, with its reason.

    Raises:
        NotFoundError: There is no such difference.
        NotPermittedError: The actor may not have the ledger checked.
        InvalidInputError: Nothing is said.
        ConflictError: Somebody explained it already, or it is gone.
    """
    require(authority=authority_of(actor), capability=Capability.LEDGER_VERIFY)
    said = explanation.strip()
    if not said:
        message = _("Say how the difference came about; it is kept in the ledger.")
        raise InvalidInputError(message, errors=[FieldError("explanation", "blank", message)])
    found = selectors.get_difference(difference_id)
    if found.gone_at is not None:
        raise ConflictError(_("This difference is gone; there is nothing left to explain."))
    with one_act():
        compare_and_set(
            found,
            expected={"explained_at": None, "gone_at": None},
            changes={
                "explained_at": now,
                "explained_by_id": actor.id,
                "explained_by_label": actor.label,
                "explanation": said[:1000],
            },
            actor=actor,
            reason=said,
        )
        append_entry(
            actor=actor,
            now=now,
            draft=EntryDraft(
                stream=SYSTEM_STREAM,
                kind=DIFFERENCE_EXPLAINED,
                subject_kind="difference",
                subject_id=str(found.public_id),
                payload={
                    "gap": found.gap,
                    "of": found.subject_kind,
                    "id": found.subject_id,
                    "wanted": found.wanted,
                    "explanation": said[:1000],
                },
            ),
        )
    return found


def _compare_effects(total: _Sum, since: datetime | None) -> None:
    for chunk in selectors.effects_since(since):
        seen = selectors.seen_of([effect.id for effect in chunk])
        total.effects += len(chunk)
        for effect in chunk:
            total.add(check_effect(effect, seen[effect.id]))


def _compare_entries(total: _Sum, place: int, until: int) -> None:
    for subjects in selectors.subjects_since(place, until):
        seen = selectors.seen_of([subject for _kind, subject in subjects])
        total.entries += sum(len(each) for each in seen.values())
        for kind in {kind for kind, _subject in subjects}:
            ids = [subject for each, subject in subjects if each == kind]
            known = selectors.known_ids(kind, ids)
            for subject in ids:
                case_id = subjects[kind, subject]
                if subject not in known:
                    total.add([Finding(Gap.EFFECT_MISSING, kind, subject, kind, case_id)])
                total.add(check_causes(kind=kind, id=subject, case_id=case_id, seen=seen[subject]))


def _ask(total: _Sum, since: datetime | None, most: int) -> None:
    for call in selectors.writes_to_ask(since, most) if most else ():
        spec = spec_of_call(call)
        if not spec.lookup:
            continue
        try:
            answer = ask_back(call=call, spec=spec)
        except UpstreamError:
            total.silent += 1
            continue
        total.asked += 1
        state = CallState(call.state)
        found = check_asked(
            Asked(
                call_id=str(call.public_id),
                case_id=str(call.case.public_id),
                state=call.state,
                may_stand=state in _MAY_STAND,
                must_stand=state is CallState.SUCCEEDED,
                stands=answer is not None and answer.ok,
            )
        )
        total.add([found] if found and _still(call) else [])


def _still(call: ToolCall) -> bool:
    """Return whether the call stands as it stood when its system was asked."""
    return ToolCall.objects.filter(pk=call.pk, state=call.state).exists()


def _keep(
    total: _Sum, *, actor: Actor, now: datetime, since: datetime | None, until: int
) -> Reconciliation:
    found = list(total.found.values())
    with one_act():
        take_turn("reconciliation")
        standing = {
            (row.gap, row.subject_id, row.wanted): row for row in selectors.list_differences()
        }
        new = [each for key, each in total.found.items() if key not in standing][:MAX_KEPT]
        Difference.objects.bulk_create(_row(each, now) for each in new)
        if since is None:
            asked = {Gap.NOT_IN_SYSTEM, Gap.ONLY_IN_SYSTEM}
            gone = [
                row.pk
                for key, row in standing.items()
                if key not in total.found and (total.asked or Gap(row.gap) not in asked)
            ]
            Difference.objects.filter(pk__in=gone).update(gone_at=now)
        done = Reconciliation.objects.create(
            since_at=since,
            at=now,
            until_entry=until,
            effects=total.effects,
            entries=total.entries,
            asked=total.asked,
            silent=total.silent,
            found=len(found),
            by_kind=actor.kind,
            by_id=actor.id,
            by_label=actor.label,
        )
        append_entry(actor=actor, now=now, draft=_draft(done, new))
    if new:
        log.error("reconciliation.differs", new=len(new))
    return done


def _row(found: Finding, now: datetime) -> Difference:
    return Difference(
        gap=found.gap,
        subject_kind=found.kind,
        subject_id=found.id,
        wanted=found.wanted,
        case_public_id=found.case_id,
        found_at=now,
    )


def _draft(done: Reconciliation, new: Sequence[Finding]) -> EntryDraft:
    return EntryDraft(
        stream=SYSTEM_STREAM,
        kind=RECONCILED,
        subject_kind="reconciliation",
        subject_id=str(done.public_id),
        payload={
            "effects": done.effects,
            "entries": done.entries,
            "asked": done.asked,
            "silent": done.silent,
            "whole": done.since_at is None,
            "found": done.found,
            "new": len(new),
            "unexplained": selectors.count_unexplained(),
        },
    )
