"""What the ledger page offers to narrow by: who acted, tools, levels of risk, versions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from governance.access.models import AgentIdentity, User
from governance.admin.ledger_filters import link_to
from governance.ledger.models import LedgerEntry
from governance.ledger.searching import CAP, Found
from governance.policies import registry
from governance.policies.models import PolicyVersion
from governance.policies.types import Outcome, RiskLevel
from orchestra.core import words

#: As many as a list to choose from can hold; others are reached from an entry of theirs.
_MOST = 300

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


def describe_choices(wanted: dict[str, str]) -> Choices:
    """Return what can be chosen: three queries, each of so many rows at most."""
    people = User.objects.order_by("last_name", "first_name", "username")[:_MOST]
    agents = AgentIdentity.objects.order_by("name")[:_MOST]
    versions = PolicyVersion.objects.exclude(digest="").select_related("policy")
    newest = versions.order_by("policy__title", "-number")[:_MOST]
    actors = [(str(one.public_id), one.label) for one in people]
    own = [(str(one.public_id), one.name) for one in agents]
    known = {value for value, _title in (*actors, *own)}
    if wanted["actor"] and wanted["actor"] not in known:
        actors.append((wanted["actor"], _("one actor")))
    return Choices(
        people=actors,
        agents=own,
        tools=_with(_named(_tools()), wanted["tool"]),
        risks=_with(_named(RiskLevel), wanted["risk"]),
        outcomes=_with(_named(Outcome), wanted["outcome"]),
        policies=_with([(one.digest, str(one)) for one in newest], wanted["policy"]),
    )


def count_words(found: Found) -> str:
    """Return how many entries match, in words; never more exact than was counted."""
    if found.count is not None:
        return ""
    if found.at_least >= CAP:
        return _("more than %(count)s") % {"count": f"{CAP:,}"}
    return ""


def find_moment(found: Found) -> datetime | None:
    """Return back to when a page looked that did not fill; None where it looked at all."""
    if found.looked_to is None:
        return None
    entry = LedgerEntry.objects.filter(pk=found.looked_to).only("at").first()
    return entry.at if entry else None


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


def _tools() -> list[str]:
    return sorted(registry.present_catalogue().tools or ())


def _with(choices: list[Choice], chosen: str) -> list[Choice]:
    if chosen and chosen not in {value for value, _title in choices}:
        return [*choices, (chosen, words.plain(chosen))]
    return choices
