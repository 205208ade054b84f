"""What the rooms below keep: reads of the record, notices, and the cases of old rehearsals.

They know nothing of periods, so it is told here for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.knowledge.models import ArticleUse
from governance.ledger.entries import ACT_REFUSED, LEDGER_READ
from governance.ledger.erasable import Reach, list_aged, oldest_with_payload
from governance.ledger.services import erase_payloads
from governance.notifications.models import Notice
from governance.notifications.selectors import list_forgettable
from governance.policies.models import Rehearsal, RehearsedDecision
from governance.policies.types import RehearsalState
from governance.retention.registry import case_refs
from governance.retention.types import Batch, Due
from orchestra.core.actors import Actor

_CASE = "case:"
_ENDED = [one for one in RehearsalState if one.is_terminal]
Words = str | Promise

#: Why records of what an AI system did are kept (EU AI Act, Articles 19 and 26(6)).
SIX_MONTHS: Words = _("Logs of an AI system are kept for at least six months.")
#: Why the audit history is kept (PCI DSS 10.5.1).
TWELVE_MONTHS: Words = _("An audit history is kept for at least twelve months.")
FROM_THEIR_TIME: Words = _("the record itself")


class ReadRecords:
    """Payloads of who read the ledger and who was refused, outside the streams of cases."""

    code = "read_records"
    title: Words = _("Who read the audit history, and who was refused")
    counts_from: Words = FROM_THEIR_TIME
    basis: Words = TWELVE_MONTHS
    least_days = 365
    usual_days = 730
    _kinds: ClassVar = (LEDGER_READ, ACT_REFUSED)

    def find_due(self, *, before: datetime, after: int, most: int) -> Batch:
        """Return the payloads; the entries themselves stay for good."""
        aged, through = list_aged(kinds=self._kinds, before=before, after=after, most=most)
        return Batch([Due(one.entry, one.at, 1) for one in aged], through)

    def remove(self, *, actor: Actor, now: datetime, days: int, due: Sequence[Due]) -> int:
        """Delete the payloads, under an entry in each stream they are of."""
        if not due:
            return 0
        return erase_payloads(
            actor=actor,
            now=now,
            reach=Reach(streams=(), entries=[one.key for one in due]),
            told={"reason": "retention", "class": self.code, "days": days},
            subject=("retention_class", self.code),
        )

    def oldest(self, *, before: datetime) -> datetime | None:
        """Return the oldest whose period is not over."""
        return oldest_with_payload(kinds=self._kinds, since=before)


@dataclass(frozen=True)
class _Rows:
    """Rows that are deleted whole, each with the moment its period counts from."""

    code: str
    title: Words
    basis: Words
    least_days: int
    usual_days: int
    moment: str
    counts_from: Words = FROM_THEIR_TIME

    def rows(self) -> "QuerySet[Any]":
        """Return the rows there are."""
        raise NotImplementedError

    def find_due(self, *, before: datetime, after: int, most: int) -> Batch:
        """Return the rows."""
        rows = self.rows().filter(**{f"{self.moment}__lt": before}, pk__gt=after).order_by("pk")
        found = list(rows[:most])
        return Batch(self.judge(found), found[-1].pk if len(found) == most else None)

    def judge(self, rows: Sequence[Any]) -> list[Due]:
        """Return rows as what is due."""
        return [Due(row.pk, getattr(row, self.moment), 1) for row in rows]

    def remove(self, *, actor: Actor, now: datetime, days: int, due: Sequence[Due]) -> int:
        """Delete them."""
        del actor, now, days
        self.rows().filter(pk__in=[one.key for one in due]).delete()
        return len(due)

    def oldest(self, *, before: datetime) -> datetime | None:
        """Return the oldest whose period is not over."""
        rows = self.rows().filter(**{f"{self.moment}__gte": before}).order_by(self.moment)
        found: datetime | None = rows.values_list(self.moment, flat=True).first()
        return found


class Notices(_Rows):
    """News for people, with its messages; the ledger says what it was about."""

    def rows(self) -> QuerySet[Notice]:
        """Return those whose messages are not under way."""
        return list_forgettable()


class KnowledgeUses(_Rows):
    """Which version of an article was used for what."""

    def rows(self) -> QuerySet[ArticleUse]:
        """Return all of them."""
        return ArticleUse.objects.all()

    def judge(self, rows: Sequence[ArticleUse]) -> list[Due]:
        """Return rows with the cases they were used on."""
        ids = {row.stream.removeprefix(_CASE) for row in rows if row.stream.startswith(_CASE)}
        cases = case_refs(ids) if ids else {}
        found = [(row, cases.get(row.stream.removeprefix(_CASE))) for row in rows]
        return [Due(row.pk, row.at, 1, (case,) if case else ()) for row, case in found]


class RehearsedCases:
    """Single decisions that rehearsals listed; the result and its digest stay."""

    code = "rehearsed_cases"
    title: Words = _("Decisions that rehearsals of changes listed one by one")
    counts_from: Words = _("the rehearsal's end")
    basis: Words = SIX_MONTHS
    least_days = 183
    usual_days = 730

    def find_due(self, *, before: datetime, after: int, most: int) -> Batch:
        """Return rehearsals whose list is kept."""
        rows = Rehearsal.objects.filter(state__in=_ENDED, ended_at__lt=before, pk__gt=after)
        found = list(rows.order_by("pk")[:most])
        due = []
        for row in found:
            count = row.cases.count()
            if count and row.ended_at:
                ids = row.cases.values_list("record__stream", flat=True).distinct()
                keys = [one.removeprefix(_CASE) for one in ids if one.startswith(_CASE)]
                due.append(Due(row.pk, row.ended_at, count, tuple(case_refs(keys).values())))
        return Batch(due, found[-1].pk if len(found) == most else None)

    def remove(self, *, actor: Actor, now: datetime, days: int, due: Sequence[Due]) -> int:
        """Delete the lists."""
        del actor, now, days
        RehearsedDecision.objects.filter(rehearsal__in=[one.key for one in due]).delete()
        return sum(one.rows for one in due)

    def oldest(self, *, before: datetime) -> datetime | None:
        """Return the end of the oldest rehearsal whose period is not over."""
        rows = Rehearsal.objects.filter(state__in=_ENDED, ended_at__gte=before)
        return rows.order_by("ended_at").values_list("ended_at", flat=True).first()


CLASSES = (
    ReadRecords(),
    Notices(
        code="notices",
        title=_("Notices to people, and the messages that carried them"),
        basis=_("Nothing is lost with them that the audit history does not say."),
        least_days=7,
        usual_days=90,
        moment="at",
    ),
    KnowledgeUses(
        code="knowledge_uses",
        title=_("Which version of an article was used for what"),
        basis=SIX_MONTHS,
        least_days=183,
        usual_days=730,
        moment="at",
    ),
    RehearsedCases(),
)
