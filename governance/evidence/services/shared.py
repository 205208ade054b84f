"""What every act on an export begins and ends with: who may, the row, and the entry."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Authority, Capability
from governance.evidence import selectors
from governance.evidence.models import EvidenceExport
from governance.ledger.services import append_entry
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, ActorKind, system
from orchestra.core.errors import NotFoundError
from orchestra.core.locking import lock

Json = Any

#: Who builds what people asked for.
BUILDER: Final = system("evidence")
BUILD_TASK: Final = "governance.evidence.build"


def require_reader(actor: Actor) -> Authority:
    """Return the authority of whoever takes evidence out.

    Raises:
        NotPermittedError: They may not read the ledger.
    """
    authority = authority_of(actor)
    if actor.kind is not ActorKind.SYSTEM:
        require(authority=authority, capability=Capability.LEDGER_READ)
    return authority


def lock_export(*, authority: Authority, export_id: UUID) -> EvidenceExport:
    """Lock an export that an authority may see.

    Raises:
        NotFoundError: There is none, or it is not theirs to see.
    """
    rows = lock(selectors.list_exports(authority=authority).filter(public_id=export_id))
    if not rows:
        raise NotFoundError(_("There is no such export, or it is not yours to see."))
    return rows[0]


def append(actor: Actor, now: datetime, export: EvidenceExport, kind: str, **more: Json) -> None:
    """Append one entry about an export to its stream."""
    payload: Mapping[str, Json] = {"title": export.title, "scope": export.scope, **more}
    draft = EntryDraft(
        stream=f"evidence:{export.public_id}",
        kind=kind,
        payload=payload,
        subject_kind="evidence_export",
        subject_id=str(export.public_id),
    )
    append_entry(actor=actor, now=now, draft=draft)


def authority_of_export(export: EvidenceExport) -> Authority:
    """Return what whoever asked for an export holds now."""
    actor = Actor(ActorKind(export.by_kind), export.by_id, export.by_label)
    return authority_of(actor)
