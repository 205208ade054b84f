"""Files with everything held about one person, as a holder of personal data."""

from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.privacy.types import Subject
from governance.privacy.untold import Untold
from governance.subject_access.models import SubjectExport
from governance.subject_access.services import delete_files
from governance.subject_access.types import ExportState
from orchestra.core.actors import system

_ERASURE: Final = system("erasure")


class Files(Untold):
    """Files on disk; each is removed whole."""

    code = "subject_files"
    title: str | Promise = _("Files with everything held about the person")
    fields = frozenset[str]()

    def count(self, subject: Subject) -> int:
        """Return how many files there are."""
        return self._found(subject).count()

    def erase(self, subject: Subject, now: datetime) -> int:
        """Remove the files, with an entry each."""
        keys = list(self._found(subject).values_list("pk", flat=True))
        return delete_files(actor=_ERASURE, now=now, keys=keys, because="erasure")

    def _found(self, subject: Subject) -> QuerySet[SubjectExport]:
        mine = Q(subject_id=subject.id) | Q(subject_id__in=subject.case_ids)
        return SubjectExport.objects.filter(mine, state=ExportState.DONE)


HOLDERS = (Files(),)
