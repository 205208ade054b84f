"""The list of decisions narrowed to those in which one row of a policy's version fired."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.admin import reads as governed
from governance.admin.visit import Visit
from governance.policies.fired import FIRED_DAYS, list_fired
from governance.policies.models import DecisionRecord, PolicyVersion
from governance.policies.types import Outcome
from orchestra.core.errors import NotFoundError

#: Records named in one query; a row that fired more often is paged through its newest.
_MOST = 2000


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What narrows the list of decisions.

    Attributes:
        outcome: Only this outcome; empty for all.
        row: ``policy:version:row`` that fired; empty for any.
    """

    outcome: str = ""
    row: str = ""

    def records(self, visit: Visit) -> QuerySet[DecisionRecord]:
        """Return the decisions, newest first.

        Raises:
            NotFoundError: The row is named in no way that can be read.
        """
        rows = governed.list_decisions()
        if self.row:
            key, version, rule = self._parts()
            found = list_fired(policy_key=key, version=version, rule=rule, now=visit.now)
            rows = rows.filter(pk__in=found[:_MOST])
        return rows.filter(outcome=self.outcome) if self.outcome in set(Outcome) else rows

    def words(self) -> str:
        """Return which row the list is narrowed to; empty for none."""
        if not self.row:
            return ""
        key, version, rule = self._parts()
        document = (
            PolicyVersion.objects.filter(policy__key=key, number=version)
            .values_list("document", flat=True)
            .first()
        )
        return _(
            "Those of the last %(days)d days in which “%(row)s” fired, judged by version "
            "%(number)d of %(policy)s."
        ) % {
            "days": FIRED_DAYS,
            "row": _title(document or {}, rule),
            "number": version,
            "policy": (document or {}).get("title", key),
        }

    def chips(self) -> list[dict[str, Any]]:
        """Return a choice for each outcome, the row kept."""
        options = [("", _("All")), *((str(each), str(each)) for each in Outcome)]
        return [
            {
                "title": title,
                "on": self.outcome == code,
                "link": Narrowed(code, self.row).link(),
            }
            for code, title in options
        ]

    def link(self, before: int | None = None) -> str:
        """Return the address of the list, or of what is older than a record."""
        query = QueryDict(mutable=True)
        for name, value in (("outcome", self.outcome), ("row", self.row)):
            if value:
                query[name] = value
        if before is not None:
            query["before"] = str(before)
        return reverse("admin:decisions") + (f"?{query.urlencode()}" if query else "")

    def _parts(self) -> tuple[str, int, str]:
        key, _colon, rest = self.row.partition(":")
        version, _colon, rule = rest.partition(":")
        if not (
            key
            and rule
            and version.isascii()
            and version.isdigit()
            and len(version) < len("1000000")
        ):
            raise NotFoundError(_("There is no such row."))
        return key, int(version), rule


def _title(document: dict[str, Any], rule: str) -> str:
    rows = [*document.get("rules", []), *document.get("limits", [])]
    found: dict[str, Any] = next(
        (row for row in rows if rule in {row.get("id"), row.get("key")}), {}
    )
    return str(found.get("title", rule))
