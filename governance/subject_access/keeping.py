"""How long the files of subject access exports are kept."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.retention.types import Batch, Due
from governance.subject_access.models import SubjectExport
from governance.subject_access.services import delete_files
from governance.subject_access.types import ExportState
from orchestra.core.actors import Actor


class Files:
    """Files; that there was one, and its digest, stay."""

    code = "subject_files"
    title: str | Promise = _("Files with everything held about one person")
    counts_from: str | Promise = _("the day it was put together")
    basis: str | Promise = _("A copy of everything in one place is kept no longer than needed.")
    least_days = 1
    usual_days = 14

    def find_due(self, *, before: datetime, after: int, most: int) -> Batch:
        """Return the files; what they hold is held elsewhere too, so no hold needs them."""
        rows = SubjectExport.objects.filter(
            state=ExportState.DONE, built_at__lt=before, pk__gt=after
        )
        found = list(rows.order_by("pk")[:most])
        due = [Due(row.pk, row.built_at or row.asked_at, 1) for row in found]
        return Batch(due, found[-1].pk if len(found) == most else None)

    def remove(self, *, actor: Actor, now: datetime, days: int, due: Sequence[Due]) -> int:
        """Delete the files, with an entry each."""
        del days
        keys = [one.key for one in due]
        return delete_files(actor=actor, now=now, keys=keys, because="age")

    def oldest(self, *, before: datetime) -> datetime | None:
        """Return when the oldest file was put together that is kept."""
        rows = SubjectExport.objects.filter(state=ExportState.DONE, built_at__gte=before)
        return rows.order_by("built_at").values_list("built_at", flat=True).first()


CLASSES = (Files(),)
