"""Check of the streams' heads against the entries that were walked."""

from collections.abc import Iterator
from itertools import islice

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from governance.ledger.models import LedgerEntry, LedgerStream
from governance.ledger.services.check_entries import (
    Findings,
    StreamChecker,
    StreamState,
    states_before,
)
from governance.ledger.services.stored_rows import read_newer
from governance.ledger.types import ProblemKind

_AT_ONCE = 2000

Head = tuple[str, int, str]


def check_heads(streams: StreamChecker, size: int, findings: Findings) -> None:
    """Compare the heads with what was walked, and walk what was appended since.

    After a check that began later than the first entry, only the streams that it met.

    Args:
        streams: Followed through the tree.
        size: How many entries the tree had.
        findings: Collects what is wrong.
    """
    walked = set(streams.streams)
    found = _heads(streams, walked)
    while heads := list(islice(found, _AT_ONCE)):
        unseen = {name: count for name, count, _hash in heads if name not in streams.streams}
        if streams.first or streams.let_go:
            streams.streams |= states_before(unseen, before=size)
        for head in heads:
            walked.discard(head[0])
            _check_head(head, streams, size, findings)
        for name in unseen.keys() & streams.streams.keys():
            if streams.let_go and not streams.streams[name].without_payload:
                del streams.streams[name]
    headless = sorted(walked)
    if streams.let_go:
        headless = _headless()
    for name in headless:
        findings.add(ProblemKind.STREAM_HEAD, f"stream {name}", _("The stream's head is gone."))


def _heads(streams: StreamChecker, walked: set[str]) -> Iterator[Head]:
    heads = LedgerStream.objects.order_by("pk")
    if not streams.first:
        yield from heads.values_list("name", "count", "head").iterator(chunk_size=_AT_ONCE)
        return
    waiting = LedgerEntry.objects.filter(leaf_index__isnull=True).values_list("stream", flat=True)
    names = iter(sorted({*walked, *waiting.distinct()}))
    while some := list(islice(names, _AT_ONCE)):
        yield from heads.filter(name__in=some).values_list("name", "count", "head")


def _check_head(head: Head, streams: StreamChecker, size: int, findings: Findings) -> None:
    name, count, last = head
    state = streams.streams.get(name, StreamState())
    if count > state.seq:
        for row in read_newer(stream=name, after=state.seq, last=count, size=size):
            streams.check(row)
        state = streams.streams.get(name, StreamState())
    if (state.seq, state.head) != (count, last):
        findings.add(
            ProblemKind.STREAM_HEAD,
            f"stream {name}",
            _("The head counts %(count)s entries and names another last one; found: %(seq)s.")
            % {"count": count, "seq": state.seq},
        )


def _headless() -> list[str]:
    own = LedgerStream.objects.filter(name=OuterRef("stream"))
    rows = LedgerEntry.objects.filter(~Exists(own), seq=1)
    return list(rows.order_by("stream").values_list("stream", flat=True)[:_AT_ONCE])
