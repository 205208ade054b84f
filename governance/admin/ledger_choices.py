"""What the ledger page offers to narrow by: who acted, tools, levels of risk, versions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, IntegerField, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from governance.access.models import AgentIdentity, User
from governance.admin.ledger_filters import link_to
from governance.ledger.models import LedgerEntry
from governance.ledger.searching import CAP, Found
from governance.policies import registry
from governance.policies.models import PolicyVersion
from governance.policies.types import Outcome, RiskLevel
from orchestra.core import words
from orchestra.core.together import Reading, all_of, read

#: As many as a list to choose from can hold; others are reached from an entry of theirs.
_MOST = 300

_PEOPLE, _AGENTS, _POLICIES = "people", "agents", "policies"

Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Choices:
    """Pairs of value and title, by filter; the one that is on is always among them."""

    people: list[Choice]
    agents: list[Choice]
    tools: list[Choice]
    risks: list[Choice]
    outcomes: list[Choice]
    policies: list[Choice]


def describe_choices(wanted: dict[str, str]) -> Reading[Choices]:
    """Come to what can be chosen: one trip, of so many rows of a kind at most."""
    found = yield from all_of({"rows": _rows(), "tools": registry.reading_tools()})
    people, own, newest = found["rows"]
    actors = list(people)
    known = {value for value, _title in (*actors, *own)}
    if wanted["actor"] and wanted["actor"] not in known:
        actors.append((wanted["actor"], _("one actor")))
    return Choices(
        people=actors,
        agents=own,
        tools=_with(_named(sorted(found["tools"] or ())), wanted["tool"]),
        risks=_with(_named(RiskLevel), wanted["risk"]),
        outcomes=_with(_named(Outcome), wanted["outcome"]),
        policies=_with(newest, wanted["policy"]),
    )


def _rows() -> Reading[tuple[list[Choice], list[Choice], list[Choice]]]:
    """Come to people, AI agents and versions of policies, each in the order they are offered."""
    people = User.objects.order_by("last_name", "first_name", "username")
    agents = AgentIdentity.objects.order_by("name")
    versions = PolicyVersion.objects.exclude(digest="").order_by("policy__title", "-number")
    own = F("public_id")
    columns = (
        _columns(people, _PEOPLE, own, F("last_name"), F("first_name"), F("username")),
        _columns(agents, _AGENTS, own, F("name")),
        _columns(versions, _POLICIES, F("digest"), F("policy__title"), number=F("number")),
    )
    rows = yield from read(columns[0].union(*columns[1:], all=True))
    found = sorted(rows, key=lambda row: (*row[2:5], -row[5]))
    return (
        [
            (str(UUID(key)), f"{first} {last}".strip() or login)
            for of, key, last, first, login, _number in found
            if of == _PEOPLE
        ],
        [(str(UUID(row[1])), row[2]) for row in found if row[0] == _AGENTS],
        [(row[1], f"{row[2]} {row[5]}") for row in found if row[0] == _POLICIES],
    )


def _columns(
    rows: QuerySet[Any], of: str, key: F, *texts: F, number: Any = None
) -> QuerySet[Any, Any]:
    """Return what is offered of a kind, in columns that all kinds share."""
    told = rows.model._default_manager.filter(pk__in=rows.values("pk")[:_MOST]).order_by()  # noqa: SLF001  Django's documented entry for generic code
    padded: list[Any] = [*texts, *(Value("") for _missing in range(len(texts), 3))]
    named = {f"offered_{place}": Cast(one, CharField()) for place, one in enumerate(padded)}
    told = told.annotate(
        offered_of=Value(of, output_field=CharField()),
        offered_key=Cast(key, CharField()),
        **named,
        offered_number=Value(0, output_field=IntegerField()) if number is None else number,
    )
    columns: QuerySet[Any, Any] = told.values_list(
        "offered_of", "offered_key", *named, "offered_number"
    )
    return columns


def count_words(found: Found) -> str:
    """Return how many entries match, in words; never more exact than was counted."""
    if found.count is not None:
        return ""
    if found.at_least >= CAP:
        return _("more than %(count)s") % {"count": f"{CAP:,}"}
    return ""


def reading_moment(found: Found) -> Reading[datetime | None]:
    """Come to the moment back to which a page looked that did not fill; None where it saw all."""
    if found.looked_to is None:
        return None
    moments = LedgerEntry.objects.filter(pk=found.looked_to).values_list("at", flat=True)
    return next(iter((yield from read(moments))), None)


def page_links(found: Found, wanted: dict[str, str]) -> dict[str, str]:
    """Return the addresses of the pages beside this one, empty where there is none."""
    older, newer = found.older, found.newer
    return {
        "older_link": link_to(wanted, before=older, after="", entry="") if older else "",
        "newer_link": link_to(wanted, after=newer, before="", entry="") if newer else "",
        "newest_link": link_to(wanted, before="", after="", entry="")
        if wanted["before"] or wanted["after"]
        else "",
    }


def _named(codes: Iterable[str]) -> list[Choice]:
    return [(str(code), words.plain(str(code))) for code in codes]


def _with(choices: list[Choice], chosen: str) -> list[Choice]:
    if chosen and chosen not in {value for value, _title in choices}:
        return [*choices, (chosen, words.plain(chosen))]
    return choices
