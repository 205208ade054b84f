"""Open a change for every cue sheet drafted from written procedures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from cases.journeys.procedures import Draft
from cases.journeys.selectors import DOCUMENT_KIND
from governance.ledger.services import one_act
from governance.reviews import services as reviews
from governance.reviews.rules import document_digest
from governance.reviews.selectors import list_changes_of
from orchestra.core.actors import Actor


@dataclass(frozen=True, slots=True)
class ImportedSheet:
    """What became of one draft.

    Attributes:
        key: Of the cue sheet.
        is_new: Whether a change was opened; the same draft again opens none.
        draft: What was drafted, with what is left to decide.
    """

    key: str
    is_new: bool
    draft: Draft


@one_act()
def import_procedures(
    *, actor: Actor, now: datetime, drafts: Sequence[Draft], origin: str
) -> tuple[ImportedSheet, ...]:
    """Open one change for each draft, all or none; nothing goes into force by it.

    A draft stays with its author until everything left to decide is decided: what is missing
    is named in its summary, and keeps it from being handed in.

    Args:
        actor: Who imports.
        now: When, UTC.
        drafts: From ``procedures.draft_of``.
        origin: Where the procedures stood, such as a file's name.

    Raises:
        NotPermittedError: The actor may not draft cue sheets.
    """
    return tuple(_open(actor, now, draft, origin) for draft in drafts)


def _open(actor: Actor, now: datetime, draft: Draft, origin: str) -> ImportedSheet:
    key = str(draft.document["key"])
    digest = document_digest(kind=DOCUMENT_KIND, document=draft.document)
    is_new = not list_changes_of(kind=DOCUMENT_KIND, key=key).filter(digest=digest).exists()
    if is_new:
        said = "\n".join(f"{point.field}: {point.message}" for point in draft.open_points)
        reviews.open_change(
            actor=actor,
            now=now,
            kind=DOCUMENT_KIND,
            document_key=key,
            title=str(draft.document["title"]),
            summary=_("Drafted from the procedures in %(origin)s. To decide:\n%(points)s")
            % {"origin": origin, "points": said},
            document=draft.document,
        )
    return ImportedSheet(key, is_new, draft)
