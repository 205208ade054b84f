"""Metric definitions as one kind of document under review."""

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
from qa.measurement.catalogue import FORMULAS
from qa.measurement.describing import describe_changes
from qa.measurement.parsing import parse_metric
from qa.measurement.selectors import SHELF
from qa.measurement.services import publish_metric, retire_metric

Json = Any
Document = Mapping[str, Json]

REVIEWERS: Final = frozenset(
    {Role.QA_LEAD, Role.SUPERVISOR, Role.COMPLIANCE_OFFICER, Role.POLICY_OWNER}
)


def _risk(document: Document) -> RiskLevel:
    """Return high for what compliance leans on, medium for the rest."""
    formula = FORMULAS[parse_metric(document=document).formula]
    return RiskLevel.HIGH if formula.audits else RiskLevel.MEDIUM


def _publish(actor: Actor, now: datetime, document: Document) -> int:
    return publish_metric(actor=actor, now=now, document=document).number


def _retire(actor: Actor, now: datetime, key: str) -> int:
    return retire_metric(actor=actor, now=now, key=key).number


def _blank(begun: Beginning) -> Document:
    return {
        "key": begun.key,
        "title": begun.title,
        "meaning": "",
        "formula": "",
        "counted": "",
        "among": "",
        "unit": "",
        "better": "",
        "targets": [],
        "owner": "",
    }


METRIC_DEFINITION_KIND: Final = DocumentKind(
    title=_("metric definition"),
    drafting=Capability.METRIC_EDIT,
    quorum=default_quorum(REVIEWERS),
    validate=SHELF.find_errors,
    describe=describe_changes,
    rows=rows_of(SHELF),
    risk=_risk,
    publish=_publish,
    retire=_retire,
    blank=_blank,
    page="metric_definition",
)
