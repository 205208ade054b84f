"""What a case's memory holds of a customer: who they are, what was said, what was attached."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat, Replace
from django.utils.translation import gettext_lazy as _

from cases.memory import stored
from cases.memory.models import Case, CaseFact, CaseMerge, Customer, Evidence, Message, Verification
from cases.memory.services.files import clear_after_commit
from cases.memory.types import ERASED
from governance.privacy.rows import Rows, of_cases, of_customer
from governance.privacy.types import PersonalRecord, Subject

_PLACE: Final = ("case__public_id", "digest")

_REFERENCE = Concat(Value(ERASED), Replace(Cast("public_id", CharField()), Value("-"), Value("")))


class Attachments(Rows):
    """Evidence with its files: they are told with the row, and removed with it."""

    def collect(self, subject: Subject) -> Iterator[PersonalRecord]:
        """Yield the rows that hold something, each file as Base64 beside its row."""
        rows = Evidence.objects.filter(case__public_id__in=subject.case_ids).exclude(file_name="")
        files = {str(pk): places for pk, *places in rows.values_list("pk", *_PLACE)}
        for record in super().collect(subject):
            content = stored.read(*files[record.id]) if record.id in files else None
            if content is None:
                yield record
            else:
                told = {**record.values, "content": base64.b64encode(content).decode()}
                yield replace(record, values=told)

    def erase(self, subject: Subject, now: datetime) -> int:
        """Blank the rows; the files go right after that commits."""
        erased = super().erase(subject, now)
        clear_after_commit([UUID(one) for one in subject.case_ids])
        return erased


HOLDERS = (
    Rows(
        code="customers",
        title=_("The customer's name, reference and ways of contact"),
        model=Customer,
        reach=of_customer(),
        blank={"ref": _REFERENCE, "name": "", "contact_points": []},
        at="created_at",
        is_last=True,
    ),
    Rows(
        code="cases",
        title=_("What each case says of its matter and its outcome"),
        model=Case,
        reach=of_cases("public_id"),
        blank={"claimed_name": "", "subject": "", "external_ref": None, "outcome": ""},
        at="opened_at",
        told=("channel", "intent", "status"),
    ),
    Rows(
        code="messages",
        title=_("Messages"),
        model=Message,
        reach=of_cases(),
        blank={"text": ""},
        at="at",
        told=("speaker",),
    ),
    Rows(
        code="verifications",
        title=_("How the customer's identity was checked"),
        model=Verification,
        reach=of_cases(),
        blank={"method": ""},
        at="at",
        told=("level",),
    ),
    Attachments(
        code="attachments",
        title=_("Evidence attached to cases, with its files"),
        model=Evidence,
        reach=of_cases(),
        blank={"title": "", "proves": "", "reference": "", "digest": "", "file_name": ""},
        at="at",
        untold=("digest",),
    ),
    Rows(
        code="merges",
        title=_("Why cases were merged"),
        model=CaseMerge,
        reach=lambda subject: (
            Q(survivor__public_id__in=subject.case_ids)
            | Q(absorbed__public_id__in=subject.case_ids)
        ),
        blank={"reason": ""},
        at="at",
    ),
    Rows(
        code="facts",
        title=_("What was stated of the matter"),
        model=CaseFact,
        reach=of_cases(),
        blank={"value": ""},
        at="at",
        told=("name", "trust"),
    ),
)
