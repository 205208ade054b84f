"""Where scorecards are kept, and a version as a value."""

from typing import Any

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from orchestra.core.canonical import digest
from orchestra.core.errors import ConflictError
from qa.documents.selectors import list_in_force, versions_in_force
from qa.documents.types import Shelf, errors_of
from qa.scorecards import entries
from qa.scorecards.models import Scorecard, ScorecardVersion
from qa.scorecards.parsing import parse_scorecard
from qa.scorecards.rules import DOMAIN, scoring_parts
from qa.scorecards.types import ScorecardSpec, Subject

Json = Any

DOCUMENT_KIND = "scorecard"


def spec_of(version: ScorecardVersion) -> ScorecardSpec:
    """Return a stored version as a value."""
    return parse_scorecard(document=version.document)


def keys_in_force() -> frozenset[str]:
    """Return the keys of the scorecards that may be used."""
    return list_in_force(shelf=SHELF)


def card_for(key: str) -> ScorecardVersion:
    """Return the version of a scorecard in force, or the last one that was.

    Raises:
        ConflictError: There never was one.
    """
    versions = ScorecardVersion.objects.select_related("scorecard").filter(scorecard__key=key)
    found = versions.filter(state="published").first() or versions.order_by("-number").first()
    if found is None:
        raise ConflictError(
            _("There is no scorecard %(key)s. Put one into force first.") % {"key": key},
            code="scorecard.none",
        )
    return found


def card_for_unit(kind: str, handled_by: str) -> ScorecardVersion:
    """Return the scorecard in force that judges what was worked, the first by key.

    Args:
        kind: What it is; handoffs and approvals have scorecards of their own.
        handled_by: Who worked it.

    Raises:
        ConflictError: None fits.
    """
    subject = kind if kind in {Subject.HANDOFF, Subject.APPROVAL} else handled_by
    for row in versions_in_force(shelf=SHELF):
        if subject in spec_of(row).applies_to:
            found: ScorecardVersion = row
            return found
    raise ConflictError(
        _("No scorecard in force judges this. Put one into force first."), code="scorecard.none"
    )


def edition_of(document: Json, versions: QuerySet[ScorecardVersion]) -> dict[str, Json]:
    """Return edition and scoring digest of a new version.

    A text that scores as an earlier version did belongs to the edition of that one, so that
    going back to it goes on with its series.

    Args:
        document: A right scorecard.
        versions: The versions before it.
    """
    scoring = digest(DOMAIN, scoring_parts(parse_scorecard(document=document)))
    same = versions.filter(scoring_digest=scoring).values_list("edition", flat=True).first()
    last = versions.aggregate(last=Max("edition"))["last"] or 0
    return {"edition": same or last + 1, "scoring_digest": scoring}


SHELF = Shelf(
    kind=DOCUMENT_KIND,
    document=Scorecard,
    version=ScorecardVersion,
    title="scorecard",
    find_errors=errors_of(parse_scorecard),
    link="scorecard",
    published=entries.PUBLISHED,
    retired=entries.RETIRED,
    fields=edition_of,
)
