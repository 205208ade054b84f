"""What starting and running a rehearsal share: who, which task, and its entries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from governance.ledger.services import append_entry
from governance.ledger.types import EntryDraft
from governance.policies.models import Rehearsal
from governance.policies.types import RehearsalState
from orchestra.core.actors import Actor, system

Json = Any

REHEARSE_TASK = "governance.policies.rehearse"
#: Who runs a rehearsal once a person began it.
REHEARSAL = system("rehearsal")
LACKING = "lacking"
OPEN = (RehearsalState.QUEUED, RehearsalState.RUNNING)


def append(
    actor: Actor, now: datetime, rehearsal: Rehearsal, kind: str, more: Mapping[str, Json]
) -> None:
    """Append one entry about a rehearsal to its stream."""
    draft = EntryDraft(
        stream=f"rehearsal:{rehearsal.public_id}",
        kind=kind,
        payload={
            "policy": rehearsal.policy_key,
            "draft": rehearsal.document_digest,
            "rehearsal": str(rehearsal.public_id),
            **more,
        },
        subject_kind="rehearsal",
        subject_id=str(rehearsal.public_id),
        policy=rehearsal.document_digest,
    )
    append_entry(actor=actor, now=now, draft=draft)
