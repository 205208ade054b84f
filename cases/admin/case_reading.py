"""What the case page shows, read in two statements: what hangs on the case, then on that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet

from cases.admin import reads
from cases.admin.assist import is_helped
from cases.admin.case_merge import may_take_in
from cases.admin.case_work import names_wanted
from cases.assist import selectors as assist
from cases.assist.models import AssistPause, SuggestionRecord
from cases.handoff import selectors as handoffs
from cases.handoff.models import Handoff
from cases.intake import selectors as intake
from cases.intake.models import ClassificationRecord, Intent, IntentExample
from cases.journeys import selectors as journeys
from cases.journeys.models import Journey, StepRun
from cases.memory import selectors as memory
from cases.memory.models import Case, CaseFact, Evidence, Message, Verification
from cases.tools import selectors as tools
from cases.tools.models import ToolAttempt, ToolCall, ToolDefinition
from governance.admin.visit import Visit
from governance.ledger.selectors import list_stream, list_streams
from governance.privacy.models import LegalHold
from governance.privacy.selectors import list_holds_in_force
from governance.switches.models import Stop
from governance.switches.selectors import in_force
from orchestra.core.together import read_together


@dataclass(frozen=True, slots=True)
class CaseRead:
    """All that the page of a case shows of it.

    Attributes:
        newest: The newest handoff, if any.
        said: The utterances, oldest first.
        running: The journeys, oldest first.
        steps: The steps, journey by journey.
        asked: The tool calls, oldest first.
        attempts: The attempts at them.
        absorbed: The cases it took in.
        entries: The entries of its own stream, in order.
        others: Other open cases of its customer, for who may take them in.
        stops: Every stop in force.
        holds: Every legal hold in force.
        checks: The check by which its customer is known.
        records: The classifications, oldest first.
        intents: Key and title of every intent.
        settled: What people said about the messages.
        evidence: What was attached.
        facts: What was stated.
        offered: What live assist suggests, for who is helped by it.
        pauses: That live assist is paused, likewise.
    """

    newest: QuerySet[Handoff]
    said: QuerySet[Message]
    running: QuerySet[Journey]
    steps: QuerySet[StepRun]
    asked: QuerySet[ToolCall]
    attempts: QuerySet[ToolAttempt]
    absorbed: QuerySet[Case]
    entries: QuerySet[Any]
    others: QuerySet[Case]
    stops: QuerySet[Stop]
    holds: QuerySet[LegalHold]
    checks: QuerySet[Verification]
    records: QuerySet[ClassificationRecord]
    intents: QuerySet[Intent, tuple[str, str]]
    settled: QuerySet[IntentExample]
    evidence: QuerySet[Evidence]
    facts: QuerySet[CaseFact]
    offered: QuerySet[SuggestionRecord]
    pauses: QuerySet[AssistPause]


@dataclass(frozen=True, slots=True)
class CaseMore:
    """What is known only once the case has been read.

    Attributes:
        known: The tools that the visitor may propose here, by name.
        alike: The cases that look like the same matter.
        entries: Everything recorded of the case and of those it took in, oldest first.
    """

    known: Mapping[str, ToolDefinition]
    alike: Sequence[memory.Duplicate]
    entries: Sequence[Any]


def read_case(case: Case, visit: Visit) -> CaseRead:
    """Return what hangs on a case, in one statement.

    Args:
        case: The case as the visitor may read it.
        visit: Who looks.
    """
    offered, pauses = assist.list_offered(case=case), assist.list_pauses(case=case)
    others = memory.list_of_customer(authority=visit.authority, case=case)
    helped, takes_in = is_helped(case, visit), may_take_in(case, visit)
    found = CaseRead(
        newest=handoffs.list_handoffs(case=case).order_by("-pk")[:1],
        said=memory.list_messages(case=case),
        running=journeys.journeys_of(case=case),
        steps=journeys.list_steps(case=case),
        asked=tools.list_calls(case=case),
        attempts=reads.list_attempts(case=case),
        absorbed=memory.list_absorbed(case=case),
        entries=list_stream(stream=case.stream),
        others=others if takes_in else others.none(),
        stops=in_force(),
        holds=list_holds_in_force(),
        checks=memory.list_verifications(case=case),
        records=intake.classifications_of(case=case),
        intents=intake.list_titles(),
        settled=intake.list_settled(case=case),
        evidence=memory.list_evidence(case=case),
        facts=memory.list_fact_rows(case=case),
        offered=offered if helped else offered.none(),
        pauses=pauses if helped else pauses.none(),
    )
    read_together(*(getattr(found, one.name) for one in fields(found)))
    return found


def read_more(case: Case, visit: Visit, read: CaseRead) -> CaseMore:
    """Return what hangs on what was read of a case: one statement, none where nothing does.

    Args:
        case: The case.
        visit: Who looks.
        read: What was read of it.
    """
    known = tools.list_named(names_wanted(case, read.steps, visit))
    stated = memory.list_stated(cases=[case, *read.others] if read.others else ())
    theirs = list_streams(streams=[one.stream for one in read.absorbed])
    read_together(known, stated, theirs)
    return CaseMore(
        known={tool.name: tool for tool in known},
        alike=memory.duplicates_among(read.others, case=case, stated=stated),
        # Numbers of two streams say nothing of each other; keys tell what was recorded first.
        entries=sorted([*read.entries, *theirs], key=attrgetter("pk")),
    )
