"""How long the files of exports are kept."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.evidence.models import EvidenceExport
from governance.evidence.services import delete_files
from governance.evidence.types import ExportState
from governance.retention.registry import case_refs
from governance.retention.types import Batch, Due
from orchestra.core.actors import Actor

_CASE = "case:"


class Files:
    """Finished files; that there was one, its digest and its checkpoint stay."""

    code = "evidence_files"
    title: str | Promise = _("Files of evidence exports on disk")
    counts_from: str | Promise = _("the end of the building")
    basis: str | Promise = _("An export can be made again at any time.")
    least_days = 1
    usual_days = 30

    def find_due(self, *, before: datetime, after: int, most: int) -> Batch:
        """Return the files, with the cases of which they hold entries."""
        rows = EvidenceExport.objects.filter(
            state=ExportState.DONE, ended_at__lt=before, pk__gt=after
        ).prefetch_related("streams")
        found = list(rows.order_by("pk")[:most])
        due = []
        for row in found:
            ids = [
                one.stream.removeprefix(_CASE)
                for one in row.streams.all()
                if one.stream.startswith(_CASE)
            ]
            cases = tuple(case_refs(ids).values()) if ids else ()
            due.append(Due(row.pk, row.ended_at or row.created_at, 1, cases))
        return Batch(due, found[-1].pk if len(found) == most else None)

    def remove(self, *, actor: Actor, now: datetime, days: int, due: Sequence[Due]) -> int:
        """Delete the files, with an entry each."""
        del days
        return delete_files(actor=actor, now=now, keys=[one.key for one in due])

    def oldest(self, *, before: datetime) -> datetime | None:
        """Return the end of the oldest building whose file is kept."""
        rows = EvidenceExport.objects.filter(state=ExportState.DONE, ended_at__gte=before)
        return rows.order_by("ended_at").values_list("ended_at", flat=True).first()


CLASSES = (Files(),)
