"""What periods write into the ledger."""

from datetime import datetime
from typing import Any

from governance.ledger.services import append_entry
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, system
from orchestra.core.clock import rfc3339
from qa.sampling.models import SamplePeriod

Json = Any

SAMPLING = system("sampling")


def record(
    *, actor: Actor, now: datetime, period: SamplePeriod, kind: str, **payload: Json
) -> None:
    """Append one entry about a period to the stream of its plan.

    Args:
        actor: Who acts.
        now: When, UTC.
        period: The period, with its version and plan at hand.
        kind: Of the entry.
        payload: What the entry says besides.
    """
    version = period.version
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=f"sampling_plan:{version.plan.public_id}",
            kind=kind,
            payload={
                "title": version.plan.title,
                "plan": version.plan.key,
                "version": version.number,
                "starts_at": rfc3339(period.starts_at),
                "ends_at": rfc3339(period.ends_at),
                **payload,
            },
            subject_kind="sample_period",
            subject_id=str(period.public_id),
        ),
    )
