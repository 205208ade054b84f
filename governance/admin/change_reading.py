"""What the page of a change shows beside its text, read in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import QuerySet

from governance.access.delegated import as_delegation, given_by
from governance.access.models import Delegation, Queue
from governance.admin.reads import list_all_queues
from governance.policies import selectors as policies
from governance.policies.loading import DOCUMENT_KIND, published
from governance.policies.models import DecisionRecord, PolicyVersion, Rehearsal
from governance.reviews import selectors
from governance.reviews.models import ChangeRequest, Review, ReviewComment
from orchestra.core.together import read_together

Json = Any


@dataclass(frozen=True, slots=True)
class ChangeRead:
    """What the page of a change shows beside its text.

    Attributes:
        reviews: Every review, oldest first, those that no longer count too.
        given: What its author and editor ever handed over.
        present: Number and document of the version in force, if any.
        comments: The comments, oldest first.
        history: How the change stood after each act, oldest first.
        rehearsals: The newest rehearsal; none for what is never rehearsed, as all that follows.
        shadows: The newest run beside the version in force.
        records: The key of some decision, if anything was ever decided.
        in_force: Key, number and digest of every policy in force.
        queues: Every queue, by title.
    """

    reviews: QuerySet[Review]
    given: QuerySet[Delegation]
    present: QuerySet[Any, tuple[int, Mapping[str, Json]]]
    comments: QuerySet[ReviewComment]
    history: QuerySet[Any]
    rehearsals: QuerySet[Rehearsal]
    shadows: QuerySet[Rehearsal]
    records: QuerySet[DecisionRecord, int]
    in_force: QuerySet[PolicyVersion, tuple[str, int, str]]
    queues: QuerySet[Queue]

    def known(self) -> dict[int, Mapping[str, Json]]:
        """Return the document in force by its number."""
        return dict(self.present)


def read_change(change: ChangeRequest) -> ChangeRead:
    """Return what stands beside a change, and give it its reviews: one statement.

    Args:
        change: The change, without its reviews.
    """
    rehearses = change.kind == DOCUMENT_KIND
    newest, shadows = policies.rehearsals_of(change)[:1], policies.shadows_of(change)[:1]
    records, in_force, queues = policies.any_record(), published(), list_all_queues()
    read = ChangeRead(
        reviews=selectors.all_reviews(change),
        given=given_by({change.author_id, change.editor_id}),
        present=selectors.kind_of(change).rows.present_row(change.document_key),
        comments=selectors.comments_on(change),
        history=selectors.history_of(change),
        rehearsals=newest if rehearses else newest.none(),
        shadows=shadows if rehearses else shadows.none(),
        records=records if rehearses else records.none(),
        in_force=in_force if rehearses else in_force.none(),
        queues=queues if rehearses else queues.none(),
    )
    read_together(*(getattr(read, one.name) for one in fields(read)))
    selectors.give_reviews(
        change, reviews=read.reviews, given=[as_delegation(row) for row in read.given]
    )
    return read
