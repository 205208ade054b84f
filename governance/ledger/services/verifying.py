"""Verify: is what is stored what was recorded, and what was signed?"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from governance.ledger import append_only, selectors
from governance.ledger.entries import LEDGER_VERIFIED, SYSTEM_STREAM
from governance.ledger.services.appending import append_entry
from governance.ledger.services.check_checkpoints import check_checkpoints
from governance.ledger.services.check_entries import Findings
from governance.ledger.services.check_heads import check_heads
from governance.ledger.services.check_tree import check_extra_nodes, check_tree
from governance.ledger.services.sequencing import sequence
from governance.ledger.types import (
    DamagedLedgerError,
    EntryDraft,
    OutsideCopy,
    Problem,
    ProblemKind,
    VerifyReport,
)
from orchestra.core import actors
from orchestra.core.clock import rfc3339

#: How many findings are recorded in words; their number always is.
FINDINGS_KEPT = 20
#: Findings that show the file outside and the ledger to have parted.
_PARTED = {ProblemKind.OUTSIDE_DIFFERS, ProblemKind.OUTSIDE_UNREADABLE, ProblemKind.TRUNCATED}


def verify(
    *,
    now: datetime,
    since_last: bool = False,
    told: Callable[[int, int], None] | None = None,
) -> VerifyReport:
    """Check the ledger, and record the result as an entry.

    Entries are read while others append: what stands in the tree never changes, so no lock
    and no long transaction is needed. Memory does not grow with the ledger.

    Args:
        now: When the check begins, UTC.
        since_last: Only what came after the checkpoint of the last check that found nothing;
            that checkpoint's root is computed again from the stored nodes.
        told: Called now and then with how many entries were checked, and of how many.

    Returns:
        What was found; nothing is repaired.
    """
    begun = time.perf_counter()
    findings = Findings()
    _sequence_first(now, findings)
    first = _verified_before(findings) if since_last else 0
    signed = check_checkpoints(findings, first)
    streams = check_tree(
        size=signed.size,
        findings=findings,
        outside=signed.outside_roots,
        first=min(first, signed.size),
        told=told,
    )
    check_heads(streams, signed.size, findings)
    streams.finish()
    check_extra_nodes(findings)
    parted = any(problem.kind in _PARTED for problem in findings.problems)
    kept = signed.outside is not OutsideCopy.NOT_KEPT
    last = selectors.latest_checkpoint()
    report = VerifyReport(
        ok=not findings.problems,
        size=signed.size,
        checked_at=now,
        seconds=round(time.perf_counter() - begun, 3),
        problems=tuple(findings.problems),
        more_problems=findings.more,
        checkpoint_size=last.size if last else 0,
        checkpoint_root=last.root if last else "",
        outside=OutsideCopy.DIFFERS if parted and kept else signed.outside,
        missing_guards=tuple(append_only.missing_guards(connection)),
        first=first,
    )
    return _record(report)


def verify_due(*, now: datetime, whole_after: timedelta) -> VerifyReport:
    """Check the whole ledger where that is due, else what came since the last check.

    Args:
        now: When, UTC.
        whole_after: How long a check of the whole is good for.
    """
    whole = selectors.last_whole_verification()
    return verify(now=now, since_last=whole is not None and now - whole.at < whole_after)


def _verified_before(findings: Findings) -> int:
    """Return the size under the last clean check's checkpoint, if its root still stands."""
    last = selectors.last_clean_verification()
    if last is None or not last.checkpoint_size:
        return 0
    try:
        root = selectors.root_at(size=last.checkpoint_size).hex()
    except DamagedLedgerError as error:
        findings.add(ProblemKind.NODE_MISSING, f"checkpoint {last.checkpoint_size}", error.message)
        return 0
    if root != last.checkpoint_root:
        findings.add(
            ProblemKind.CHECKPOINT_DIFFERS,
            f"checkpoint {last.checkpoint_size}",
            _("The tree that was verified on %(at)s now has another root.")
            % {"at": rfc3339(last.at)},
        )
        return 0
    return last.checkpoint_size


def _sequence_first(now: datetime, findings: Findings) -> None:
    try:
        sequence(now=now, wait=True)
    except DamagedLedgerError as error:
        findings.add(ProblemKind.SEQUENCER_STOPPED, "sequencer", error.message)


def _record(report: VerifyReport) -> VerifyReport:
    draft = EntryDraft(
        stream=SYSTEM_STREAM,
        kind=LEDGER_VERIFIED,
        payload={
            # Kept with the result, so that a reader need not run the check to see what it saw.
            "findings": [
                {"kind": str(found.kind), "where": found.where, "message": found.message}
                for found in report.problems[:FINDINGS_KEPT]
            ],
            "checkpoint_root": report.checkpoint_root,
            "checkpoint_size": report.checkpoint_size,
            "first": report.first,
            "guards_missing": list(report.missing_guards),
            "ok": report.ok,
            "outside": str(report.outside),
            "problems": len(report.problems) + report.more_problems,
            "seconds": report.seconds,
            "size": report.size,
        },
    )
    try:
        with transaction.atomic():
            append_entry(actor=actors.system("ledger"), now=report.checked_at, draft=draft)
    except IntegrityError:
        # The system stream itself is damaged; the findings must still reach the reader.
        problem = Problem(
            ProblemKind.STREAM_HEAD,
            f"stream {SYSTEM_STREAM}",
            _("The result of this check could not be recorded: its number is taken."),
        )
        return replace(report, ok=False, problems=(*report.problems, problem))
    return report
