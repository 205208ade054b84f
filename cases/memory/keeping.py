"""How long what a closed case holds is kept: its words, its tool records, its history in words."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.memory.models import Case
from governance.ledger.entries import SUBJECT_ERASED
from governance.ledger.erasable import Reach, count_erasable
from governance.ledger.services import append_entry, erase_payloads
from governance.ledger.types import EntryDraft
from governance.privacy.registry import holders
from governance.privacy.types import Subject, SubjectCase, SubjectKind
from governance.retention.kept import SIX_MONTHS, TWELVE_MONTHS
from governance.retention.types import Batch, CaseRef, Due
from orchestra.core.actors import Actor

Words = str | Promise
FROM_CLOSING: Words = _("the case's closing")


@dataclass(frozen=True)
class OfCases:
    """What some holders of personal data keep of a case, from when it was closed.

    Attributes:
        holding: Codes of the holders.
    """

    code: str
    title: Words
    basis: Words
    least_days: int
    usual_days: int
    holding: tuple[str, ...]
    counts_from: Words = FROM_CLOSING

    def find_due(self, *, before: datetime, after: int, most: int) -> Batch:
        """Return closed cases that hold something; one that holds nothing costs no query alone."""
        found = list(_closed().filter(closed_at__lt=before, pk__gt=after).order_by("pk")[:most])
        through = found[-1].pk if len(found) == most else None
        if not self._count(found):
            return Batch([], through)
        counted = [(case, self._count([case])) for case in found]
        return Batch([_due(case, count) for case, count in counted if count], through)

    def remove(self, *, actor: Actor, now: datetime, days: int, due: Sequence[Due]) -> int:
        """Erase it, with an entry in the stream of each case."""
        told = {"reason": "retention", "class": self.code, "days": days}
        for one in due:
            case = one.cases[0].case
            draft = EntryDraft(
                stream=f"case:{case.id}",
                kind=SUBJECT_ERASED,
                payload={**told, "count": one.rows},
                subject_kind="case",
                subject_id=case.id,
            )
            append_entry(actor=actor, now=now, draft=draft)
        cases = [one.cases[0].case for one in due]
        if cases:
            for code in self.holding:
                holders.get(code).erase(_as_subject(cases), now)
        return sum(one.rows for one in due)

    def oldest(self, *, before: datetime) -> datetime | None:
        """Return when the oldest case was closed whose period is not over."""
        return _oldest(before)

    def _count(self, cases: Sequence[Case]) -> int:
        if not cases:
            return 0
        subject = _as_subject([_as_value(case) for case in cases])
        return sum(holders.get(code).count(subject) for code in self.holding)


class History:
    """Payloads of the streams of closed cases; the entries stay, and prove on."""

    code = "case_history"
    title: Words = _("What the audit history of a case says in words")
    counts_from: Words = FROM_CLOSING
    basis: Words = TWELVE_MONTHS
    least_days = 365
    usual_days = 2555

    def find_due(self, *, before: datetime, after: int, most: int) -> Batch:
        """Return closed cases whose payloads are there."""
        found = list(_closed().filter(closed_at__lt=before, pk__gt=after).order_by("pk")[:most])
        through = found[-1].pk if len(found) == most else None
        if not count_erasable(_reach([str(case.public_id) for case in found])):
            return Batch([], through)
        counted = [(case, count_erasable(_reach([str(case.public_id)]))) for case in found]
        return Batch([_due(case, count) for case, count in counted if count], through)

    def remove(self, *, actor: Actor, now: datetime, days: int, due: Sequence[Due]) -> int:
        """Delete them with their salts, under an entry in each stream."""
        told = {"reason": "retention", "class": self.code, "days": days}
        gone = 0
        for one in due:
            case = one.cases[0].case
            reach, subject = _reach([case.id]), ("case", case.id)
            gone += erase_payloads(actor=actor, now=now, reach=reach, told=told, subject=subject)
        return gone

    def oldest(self, *, before: datetime) -> datetime | None:
        """Return when the oldest case was closed whose period is not over."""
        return _oldest(before)


class CaseRefs:
    """Finds cases for the records of other rooms that belong to them."""

    def refs(self, ids: Collection[str]) -> Mapping[str, CaseRef]:
        """Return the cases there are, by public id."""
        rows = Case.objects.filter(public_id__in=list(ids)).select_related("customer")
        return {str(case.public_id): _as_ref(case) for case in rows}


def _closed() -> QuerySet[Case]:
    return Case.objects.filter(closed_at__isnull=False).select_related("customer")


def _oldest(before: datetime) -> datetime | None:
    rows = Case.objects.filter(closed_at__gte=before).order_by("closed_at")
    return rows.values_list("closed_at", flat=True).first()


def _due(case: Case, count: int) -> Due:
    return Due(case.pk, case.closed_at or case.opened_at, count, (_as_ref(case),))


def _as_ref(case: Case) -> CaseRef:
    return CaseRef(_as_value(case), str(case.customer.public_id) if case.customer else "")


def _as_value(case: Case) -> SubjectCase:
    return SubjectCase(str(case.public_id), case.label, case.opened_at, case.closed_at)


def _as_subject(cases: Sequence[SubjectCase]) -> Subject:
    return Subject(SubjectKind.CASE, cases[0].id, cases[0].label, tuple(cases))


def _reach(ids: Sequence[str]) -> Reach:
    return Reach(streams=[f"case:{one}" for one in ids], ids=ids)


CLASSES = (
    OfCases(
        code="case_words",
        title=_("Messages of a closed case, what it was about, and what was attached"),
        basis=_("A customer may come back to a matter; nothing else asks for longer."),
        least_days=30,
        usual_days=730,
        holding=(
            "messages",
            "cases",
            "classifications",
            "attachments",
            "facts",
            "merges",
            "verifications",
        ),
    ),
    OfCases(
        code="case_work",
        title=_("Tool calls with arguments and answers, decisions, approvals and handoffs"),
        basis=SIX_MONTHS,
        least_days=183,
        usual_days=1095,
        holding=(
            "tool_calls",
            "tool_attempts",
            "decisions",
            "approvals",
            "votes",
            "handoffs",
            "steps",
            "differences",
        ),
    ),
    History(),
)
