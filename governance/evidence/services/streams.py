"""Keep account of the streams an export holds, step by step, and write what is said of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db import connection
from django.db.models.functions import Collate

from governance.evidence import packing, working
from governance.evidence.models import EvidenceExport, ExportedStream
from governance.ledger import packs

_AT_ONCE = 500
#: Streams stand in the order of their characters, whatever the database sorts by.
_BYTES = {"postgresql": "C", "sqlite": "BINARY"}


@dataclass(slots=True)
class Met:
    """What one step met of a stream.

    Attributes:
        first: The first number.
        last: The last number.
        entries: How many.
        payloads: How many of their payloads are shown.
    """

    first: int
    last: int = 0
    entries: int = 0
    payloads: int = 0

    def take(self, seq: int, *, is_open: bool) -> None:
        """Add one entry."""
        self.last = seq
        self.entries += 1
        self.payloads += is_open


def add_streams(export: EvidenceExport, met: Mapping[str, Met]) -> None:
    """Add what a step met to what is known of each stream; three statements."""
    held = {row.stream: row for row in export.streams.filter(stream__in=list(met))}
    for stream, row in held.items():
        more = met[stream]
        row.last = more.last
        row.entries += more.entries
        row.payloads += more.payloads
    ExportedStream.objects.bulk_update(held.values(), ["last", "entries", "payloads"])
    ExportedStream.objects.bulk_create(
        ExportedStream(
            export=export,
            stream=stream,
            first=one.first,
            last=one.last,
            entries=one.entries,
            payloads=one.payloads,
        )
        for stream, one in met.items()
        if stream not in held
    )


def close_streams(export: EvidenceExport, folder: Path) -> Iterator[tuple[int, int]]:
    """Write ``streams.jsonl`` and tell how many are written and how many of them are whole."""
    path = folder / "streams.jsonl"
    working.replace(path, b"")
    ordered = export.streams.annotate(name=Collate("stream", _BYTES[connection.vendor]))
    rows = iter(ordered.order_by("name").iterator(chunk_size=_AT_ONCE))
    done = whole = 0
    while some := list(islice(rows, _AT_ONCE)):
        ends = packs.last_numbers([row.stream for row in some], size=export.ceiling or 0)
        lines = []
        for row in some:
            is_whole = row.first == 1 and row.entries == row.last == ends.get(row.stream)
            whole += is_whole
            told = {
                "entries": row.entries,
                "first": row.first,
                "last": row.last,
                "stream": row.stream,
                "whole": is_whole,
            }
            lines.append(packing.checked(told))
        working.write(path, b"".join(lines))
        done += len(some)
        yield done, whole
