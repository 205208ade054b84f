"""What the rooms and apps above tell the policies: tool names, and what follows publishing.

Filled at start-up by the wiring of the app that knows. Facts are registered in
``catalogue.facts``.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from governance.access.types import Authority
from governance.policies.catalogue import Catalogue, known_facts
from governance.policies.models import PolicyVersion
from governance.policies.types import RiskLevel
from orchestra.core.actors import Actor
from orchestra.core.registry import Registry
from orchestra.core.together import Reading, all_of, answer

#: Each comes to the names of the tools it knows.
ToolNames = Callable[[], Reading[frozenset[str]]]
#: Each returns its tools by name with the facts that each declares.
ToolFacts = Callable[[], Mapping[str, frozenset[str]]]
#: Each returns the declared risk of the tools it knows.
ToolRisks = Callable[[], Mapping[str, RiskLevel]]


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What a decision was on, as far as one reader may know it.

    Attributes:
        words: What was asked, in words.
        case: The name people use of the case, such as ``C-12``.
        case_id: Public id of the case; empty where the reader may not open it.
        thing: What it was about in the system of record, such as an order's number.
        customer: The customer's name; empty where it is not known, or not for the reader.
    """

    words: str
    case: str = ""
    case_id: str = ""
    thing: str = ""
    customer: str = ""


#: Each returns what it knows of some subjects of decisions, by their id, for one reader.
Subjects = Callable[[Authority, Collection[str]], Mapping[str, AskedFor]]
#: Called in the transaction that publishes a version, or takes one out of force.
Published = Callable[[PolicyVersion, Actor, datetime], None]

tool_names: Registry[ToolNames] = Registry("source of tool names")
tool_facts: Registry[ToolFacts] = Registry("source of what tools declare")
tool_risks: Registry[ToolRisks] = Registry("source of tool risks")
subjects: Registry[Subjects] = Registry("source of what decisions were on")
published: Registry[Published] = Registry("handler of published policies")


def present_catalogue() -> Catalogue:
    """Return every registered fact, and every tool where someone can name the tools."""
    return Catalogue(facts=known_facts(), tools=answer(reading_tools()))


def reading_tools() -> Reading[frozenset[str] | None]:
    """Come to the name of every tool, or None where no one can name the tools."""
    named = yield from all_of({key: tool_names.get(key)() for key in tool_names})
    return frozenset[str]().union(*named.values()) if named else None


def declared_facts() -> dict[str, frozenset[str]]:
    """Return tool to the facts it declares now, as far as someone can say."""
    return {tool: named for key in tool_facts for tool, named in tool_facts.get(key)().items()}


def describe_subjects(authority: Authority, ids: Collection[str]) -> dict[str, AskedFor]:
    """Return what decisions were on, by the id of their subject, as far as someone can say."""
    found: dict[str, AskedFor] = {}
    for key in subjects if ids else ():
        found.update(subjects.get(key)(authority, ids))
    return found


def present_risks() -> dict[str, RiskLevel]:
    """Return the declared risk of every tool that is known by name."""
    found: dict[str, RiskLevel] = {}
    for key in tool_risks:
        found.update(tool_risks.get(key)())
    return found
