"""Reads of exports: the list, one, its file, and what one would hold."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.selectors import require
from governance.access.types import Authority, Capability
from governance.evidence import rules, stored
from governance.evidence.models import EvidenceExport
from governance.evidence.reach import reads_everything
from governance.evidence.types import ExportState, Gap, ScopeKind, Stage, StageProgress
from governance.ledger.selectors import root_at
from orchestra.core.actors import ActorKind
from orchestra.core.errors import ConflictError, NotFoundError
from orchestra.core.together import Reading, answer, read


def list_exports(*, authority: Authority, before: int | None = None) -> QuerySet[EvidenceExport]:
    """Return the exports that an authority may see, newest first.

    Their own, and for whoever reads every queue everybody's: a file holds what its requester
    may see.

    Args:
        authority: Of whoever looks.
        before: Only those older than the export of this key.
    """
    rows = EvidenceExport.objects.filter(_visible(authority)).order_by("-id")
    return rows if before is None else rows.filter(pk__lt=before)


def get_export(*, authority: Authority, export_id: UUID) -> EvidenceExport:
    """Return one export.

    Raises:
        NotFoundError: There is none, or it is not theirs to see.
    """
    found = list_exports(authority=authority).filter(public_id=export_id).first()
    if found is None:
        raise NotFoundError(_("There is no such export, or it is not yours to see."))
    return found


def gaps_of(export: EvidenceExport) -> tuple[Gap, ...]:
    """Return the report of gaps of an export, with the explanations given so far."""
    return rules.read_gaps(export.gaps)


def unexplained(gaps: Iterable[Gap]) -> str:
    """Return in words how many gaps have no explanation; empty where none is left."""
    count = len(rules.open_gaps(gaps))
    if not count:
        return ""
    text = ngettext(
        "%(count)s gap has no explanation.", "%(count)s gaps have no explanation.", count
    )
    return text % {"count": count}


def progress_of(export: EvidenceExport) -> tuple[StageProgress, ...]:
    """Return how far each step of an export's building is."""
    return rules.progress(
        state=ExportState(export.state),
        stage=Stage(export.stage),
        done=export.done,
        total=export.total,
        counts=export.counts,
    )


def find_file(export: EvidenceExport) -> Path:
    """Return the finished, verified file of an export.

    Raises:
        ConflictError: It is not done, or the file is gone.
    """
    path = stored.file_path(export.public_id)
    if export.state != ExportState.DONE or not path.is_file():
        raise ConflictError(
            _("There is no file of this export: it is not finished, or was deleted."),
            code="evidence.no_file",
        )
    return path


def last_finished(*, export: EvidenceExport) -> EvidenceExport | None:
    """Return the newest finished export of the same scope and requester, or else of any."""
    finished = EvidenceExport.objects.filter(
        state__in=[ExportState.DONE, ExportState.DELETED],
        checkpoint_size__gt=0,
        pk__lt=export.pk,
    ).order_by("-id")
    own = finished.filter(by_id=export.by_id, scope_digest=export.scope_digest).first()
    return own or finished.first()


def earlier_sizes(*, export: EvidenceExport, most: int) -> list[int]:
    """Return the checkpoint sizes of the newest finished exports before one, largest first."""
    rows = EvidenceExport.objects.filter(checkpoint_size__gt=0, pk__lt=export.pk)
    sizes = rows.order_by("-checkpoint_size").values_list("checkpoint_size", flat=True)
    return [size for size in sizes.distinct()[:most] if size is not None]


def root_hex(size: int) -> str:
    """Return the root of the tree of a size, lower-case hex."""
    return root_at(size=size).hex()


def _visible(authority: Authority) -> Q:
    if authority.actor.kind is ActorKind.SYSTEM:
        return Q()
    require(authority=authority, capability=Capability.LEDGER_READ)
    return Q() if reads_everything(authority) else Q(by_id=authority.actor.id)


def last_exports() -> dict[str, datetime]:
    """Return when evidence was last built for each control, by its code: one query."""
    return answer(reading_last_exports())


def reading_last_exports() -> Reading[dict[str, datetime]]:
    """Come to when evidence was last built, as ``last_exports`` returns it."""
    rows = EvidenceExport.objects.filter(scope__kind=ScopeKind.CONTROL, verified_at__isnull=False)
    found = rows.order_by().values_list("scope__key").annotate(last=Max("verified_at"))
    return {str(key): last for key, last in (yield from read(found))}
