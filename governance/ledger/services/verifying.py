"""Verify: is what is stored what was recorded, and what was signed?"""

import time
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from governance.ledger import append_only, selectors
from governance.ledger.entries import LEDGER_VERIFIED, SYSTEM_STREAM
from governance.ledger.models import LedgerStream
from governance.ledger.services.appending import append_entry
from governance.ledger.services.check_checkpoints import check_checkpoints
from governance.ledger.services.check_entries import (
    Findings,
    StreamChecker,
    StreamState,
    read_rows,
)
from governance.ledger.services.check_tree import CHUNK, check_extra_nodes, check_tree
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

#: How many findings are recorded in words; their number always is.
FINDINGS_KEPT = 20
#: Findings that show the file outside and the ledger to have parted.
_PARTED = {ProblemKind.OUTSIDE_DIFFERS, ProblemKind.OUTSIDE_UNREADABLE, ProblemKind.TRUNCATED}


def verify(*, now: datetime) -> VerifyReport:
    """Check the whole ledger, and record the result as an entry.

    Entries are read while others append: what stands in the tree never changes, so no lock
    and no long transaction is needed.

    Args:
        now: When the check begins, UTC.

    Returns:
        What was found; nothing is repaired.
    """
    begun = time.perf_counter()
    findings = Findings()
    _sequence_first(now, findings)
    signed = check_checkpoints(findings)
    streams = check_tree(size=signed.size, findings=findings, outside=signed.outside_roots)
    _check_heads(streams, signed.size, findings)
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
    )
    return _record(report)


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


def _check_heads(streams: StreamChecker, size: int, findings: Findings) -> None:
    """Compare the heads with what was walked, and walk what was appended since."""
    walked = set(streams.streams)
    heads = LedgerStream.objects.order_by("pk").values_list("name", "count", "head")
    for name, count, head in heads.iterator(chunk_size=CHUNK):
        walked.discard(name)
        state = streams.streams.get(name, StreamState())
        if count > state.seq:
            newer = Q(leaf_index__isnull=True) | Q(leaf_index__gte=size)
            span = Q(stream=name, seq__gt=state.seq, seq__lte=count)
            for row in sorted(read_rows(newer & span), key=lambda row: row.seq):
                streams.check(row)
            state = streams.streams.get(name, StreamState())
        if (state.seq, state.head) != (count, head):
            findings.add(
                ProblemKind.STREAM_HEAD,
                f"stream {name}",
                _("The head counts %(count)s entries and names another last one; found: %(seq)s.")
                % {"count": count, "seq": state.seq},
            )
    for name in sorted(walked):
        findings.add(ProblemKind.STREAM_HEAD, f"stream {name}", _("The stream's head is gone."))
