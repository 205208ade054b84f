"""What exports of evidence hold of a customer: files on disk, and searches that name them."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.evidence.models import EvidenceExport, ExportedStream
from governance.evidence.services import forget_files
from governance.evidence.types import ExportState
from governance.privacy.rows import Rows
from governance.privacy.types import Subject
from governance.privacy.untold import Untold
from orchestra.core.actors import system

_ERASURE: Final = system("erasure")


class Files(Untold):
    """Finished files that hold an entry of a subject's cases; each is removed whole."""

    code = "export_files"
    title: str | Promise = _("Files of evidence exports on disk")
    fields = frozenset[str]()

    def count(self, subject: Subject) -> int:
        """Return how many files there are."""
        holding = ExportedStream.objects.filter(stream__in=subject.streams).values("export_id")
        return EvidenceExport.objects.filter(state=ExportState.DONE, pk__in=holding).count()

    def erase(self, subject: Subject, now: datetime) -> int:
        """Remove the files, with an entry each; what is being built begins again without it."""
        return sum(
            forget_files(actor=_ERASURE, now=now, stream=stream) for stream in subject.streams
        )


def _mentions(subject: Subject) -> Q | None:
    wanted = [
        Q(title__icontains=text) | Q(scope__icontains=text) | Q(gaps__icontains=text)
        for text in subject.needles
    ]
    return reduce(or_, wanted) if wanted else None


HOLDERS = (
    Files(),
    Rows(
        code="exports",
        title=_("Evidence exports that were asked for by the person's name or reference"),
        model=EvidenceExport,
        reach=_mentions,
        blank={"title": "", "scope": {}, "gaps": []},
        at="created_at",
    ),
)
