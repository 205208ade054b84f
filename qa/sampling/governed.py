"""Sampling plans as one kind of document under review."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from governance.access.types import Capability, Role
from governance.reviews.registry import Beginning, DocumentKind
from governance.reviews.rules import default_quorum
from governance.reviews.types import RiskLevel
from orchestra.core.actors import Actor
from qa.documents.selectors import rows_of
from qa.sampling.describing import describe_changes
from qa.sampling.parsing import parse_plan
from qa.sampling.selectors import SHELF
from qa.sampling.services import publish_plan, retire_plan
from qa.sampling.types import Claim

Json = Any
Document = Mapping[str, Json]

REVIEWERS: Final = frozenset({Role.QA_LEAD, Role.SUPERVISOR, Role.COMPLIANCE_OFFICER})


def _risk(document: Document) -> RiskLevel:
    """Return high where a number stands for the whole; medium where nothing is claimed."""
    claim = parse_plan(document=document).claim
    return RiskLevel.MEDIUM if claim is Claim.NOTHING else RiskLevel.HIGH


def _publish(actor: Actor, now: datetime, document: Document) -> int:
    return publish_plan(actor=actor, now=now, document=document).number


def _retire(actor: Actor, now: datetime, key: str) -> int:
    return retire_plan(actor=actor, now=now, key=key).number


def _blank(begun: Beginning) -> Document:
    return {
        "key": begun.key,
        "title": begun.title,
        "purpose": "",
        "kind": "probability",
        "claim": "estimate",
        "population": {"unit": "interaction", "handled_by": [], "leave_out": []},
        "strata": {"by": ["risk"], "minimum": 2},
        "allocation": {"method": "proportional", "total": 100},
        "schedule": {"every": "week", "time_zone": "UTC", "draw": "after_period", "at": "06:00"},
        "seed": {"committed_hours_before": 6},
        "reviewing": {"scorecard": "", "roles": ["qa_analyst"], "blind": True, "due_hours": 120},
    }


SAMPLING_PLAN_KIND: Final = DocumentKind(
    title=_("sampling plan"),
    drafting=Capability.SAMPLING_EDIT,
    quorum=default_quorum(REVIEWERS),
    validate=SHELF.find_errors,
    describe=describe_changes,
    rows=rows_of(SHELF),
    risk=_risk,
    publish=_publish,
    retire=_retire,
    blank=_blank,
    page="sampling_plan",
)
