"""Every change published in a span, and a sample of them that anybody can draw again."""

import hashlib
from collections.abc import Iterator, Sequence
from heapq import nsmallest
from typing import Final

from django.db.models import Count, Q

from governance.controls.reading import Pages
from governance.controls.types import Asked, Cell, Table
from governance.reviews.models import ChangeRequest
from governance.reviews.types import ReviewChoice
from orchestra.core.clock import rfc3339
from orchestra.core.said import said
from orchestra.core.words import plain

#: So many changes an auditor usually tests.
SAMPLE: Final = 25
_HEADER: Final = (
    said("Change"),
    said("What"),
    said("Document"),
    said("Version"),
    said("Author"),
    said("Published"),
    said("Approving votes"),
    said("Rehearsed"),
    said("Digest of the text"),
)


def seed_of(asked: Asked) -> str:
    """Return what the sample is drawn by: as given, or the span itself."""
    return asked.seed or f"{rfc3339(asked.since)} {rfc3339(asked.until)}"


def tables(asked: Asked) -> tuple[Table, ...]:
    """Return the population and the sample."""
    seed, drawn_from, population = seed_of(asked), _published(asked), _published(asked)
    return (
        Table(
            "sample",
            said("Sample of up to %(count)d changes", count=SAMPLE),
            _HEADER,
            _sample(drawn_from, seed),
            said(
                "Drawn with the seed %(seed)s: those whose SHA-256 of seed, line feed and name "
                "(such as CR-7) is smallest. The same seed draws the same again.",
                seed=seed,
            ),
            begins=(drawn_from,),
        ),
        Table(
            "population",
            said("Every change published in the span"),
            _HEADER,
            _rows(population),
            begins=(population,),
        ),
    )


def rank(seed: str, label: str) -> str:
    """Return by what a change is drawn: lower-case hex SHA-256."""
    return hashlib.sha256(f"{seed}\n{label}".encode()).hexdigest()


def _sample(published: Pages, seed: str) -> Iterator[Sequence[Cell]]:
    drawn = nsmallest(SAMPLE, _rows(published), key=lambda row: rank(seed, str(row[0])))
    yield from drawn


def _published(asked: Asked) -> Pages:
    approving = Q(reviews__choice=ReviewChoice.APPROVE, reviews__voided_at__isnull=True)
    found = (
        ChangeRequest.objects.filter(published_at__gte=asked.since, published_at__lt=asked.until)
        .defer("document")
        .annotate(votes=Count("reviews", filter=approving))
    )
    return Pages(found)


def _rows(published: Pages) -> Iterator[Sequence[Cell]]:
    for page in published:
        for row in page:
            yield (
                row.label,
                plain(row.kind),
                row.document_key,
                row.published_number,
                row.author_label,
                row.published_at,
                row.votes,
                _rehearsed(row),
                row.digest,
            )


def _rehearsed(row: ChangeRequest) -> str:
    if not row.needs_rehearsal:
        return said("not needed")
    return said("yes") if row.rehearsal_digest == row.digest else said("no")
