"""Histories of cases in the ledger for the metrics, written as the rooms write them."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from governance.ledger import services as ledger
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, ActorKind, system
from qa.measurement.columns.flattening import tables_of
from qa.measurement.facts.types import CaseFacts
from qa.measurement.measuring import measure
from qa.measurement.models import MetricCell
from qa.measurement.rows import (
    Contact,
    Dimensions,
    Episode,
    FactState,
    Handover,
    Issue,
    OwnerKind,
    RequiredFact,
    Segment,
    StepExecution,
    Work,
)
from qa.measurement.selectors import list_in_force, spec_of
from qa.measurement.services.computing import body_of, period_of, this_monday
from qa.measurement.types import ExceptionKind

SPACE = UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
#: A Monday of a week that is over well before the tests' now.
BEGIN = datetime(2026, 10, 5, 14, tzinfo=UTC)
BOT = Actor(ActorKind.AGENT, "bot-1", "Bot")
BEN = Actor(ActorKind.HUMAN, "ben", "Ben")
SYSTEM = system("journey")


def case_id(number: int) -> str:
    return str(uuid5(SPACE, f"case {number}"))


def write(
    case: str,
    kind: str,
    at: datetime,
    /,
    *,
    by: Actor = BOT,
    subject: str = "",
    **payload: Any,
) -> None:
    """One entry in the stream of a case."""
    with one_act():
        append_entry(
            actor=by,
            now=at,
            draft=EntryDraft(
                stream=f"case:{case}",
                kind=kind,
                payload=payload,
                subject_kind="thing" if subject else "",
                subject_id=subject,
            ),
        )


def place(now: datetime) -> None:
    """Give everything its place in the ledger."""
    ledger.sequence(now=now, wait=True)


def open_case(number: int, at: datetime, *, customer: str = "", channel: str = "chat") -> str:
    """A case that an AI opened, of a known customer."""
    case = case_id(number)
    write(case, "case.opened", at, channel=channel, queue="care", interaction=f"k{number}")
    if customer:
        write(case, "customer.bound", at, by=SYSTEM, subject=customer, customer="", ref="", name="")
    write(case, "case.classified", at, by=SYSTEM, intent="return", title="", priority=3)
    write(
        case, "journey.started", at, by=SYSTEM, subject=f"j{number}",
        cue_sheet="returns", version=1, pattern="ai_first", title="",
    )  # fmt: skip
    write(
        case, "message.added", at, speaker="ai", interaction=f"k{number}", text="", channel=channel
    )
    return case


def resolve(case: str, at: datetime, *, by: Actor = BOT, **payload: Any) -> None:
    write(case, "case.resolved", at, by=by, **{"outcome": "Done", "confirmed": True, **payload})


def come_back(case: str, at: datetime, name: str) -> None:
    """The customer speaks again on a case that was resolved."""
    write(case, "case.reopened", at, before="resolved", reason="the customer came back")
    write(case, "interaction.started", at, subject=name, channel="chat", rejoined=True)


@dataclass
class Story:
    """Random acts on some cases, one after the other; the same seed tells the same story."""

    seed: int
    cases: int = 5
    at: datetime = BEGIN
    state: dict[str, str] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # noqa: S311

    def act(self) -> None:
        """Write one more act, of a kind that its case allows."""
        self.at += timedelta(hours=self.dice.uniform(0.1, 20))
        number = self.dice.randrange(self.cases)
        case = case_id(number)
        state = self.state.get(case)
        acts: Mapping[str | None, Any] = {
            None: self._open,
            "open": self._work,
            "resolved": self._after,
            "merged": self._give_back,
        }
        acts[state](case, number)

    def _open(self, case: str, number: int) -> None:
        open_case(number, self.at, customer=f"cust-{number % 2}")
        self.state[case] = "open"

    def _work(self, case: str, number: int) -> None:
        others = [one for one, state in self.state.items() if state == "open" and one != case]
        choice = self.dice.randrange(6)
        if choice == 0 and others:
            survivor = self.dice.choice(others)
            write(case, "case.merged", self.at, by=BEN, subject=survivor, survivor="", reason="")
            write(survivor, "case.took_in", self.at, by=BEN, subject=case, absorbed="", reason="")
            self.state[case], self.merged[case] = "merged", survivor
        elif choice == 1:
            name = f"h{self.at:%d%H%M%S}"
            write(
                case, "handoff.offered", self.at, subject=name, queue_key="billing",
                transfer="escalation", reason_code="low_confidence", queue="", reason="",
            )  # fmt: skip
            write(case, "handoff.accepted", self.at, by=BEN, subject=name, both_present=False)
        elif choice == 2:
            step = f"s{number}{self.at:%d%H%M%S}"
            write(case, "step.ready", self.at, by=SYSTEM, subject=step, step="x", owner="ai")
            write(case, "step.failed", self.at, by=SYSTEM, subject=step, step="x", reason="")
        elif choice == 3:
            kind = self.dice.choice(("journey.paused", "journey.resumed"))
            more = {"waits_for": "customer"} if kind == "journey.paused" else {}
            write(case, kind, self.at, by=BEN, subject=f"j{number}", title="", reason="", **more)
        else:
            resolve(case, self.at, by=BEN, after_contact_seconds=60 * self.dice.randrange(5))
            self.state[case] = "resolved"

    def _after(self, case: str, number: int) -> None:
        if self.dice.random() < 0.5:
            come_back(case, self.at, f"r{number}{self.at:%d%H%M%S}")
            self.state[case] = "open"
        else:
            write(case, "case.closed", self.at, by=BEN)

    def _give_back(self, case: str, number: int) -> None:
        del number
        survivor = self.merged[case]
        write(case, "case.unmerged", self.at, by=BEN, subject=survivor, survivor="", reason="")
        write(survivor, "case.gave_back", self.at, by=BEN, subject=case, absorbed="", reason="")
        self.state[case] = "open"


def make_cells(*, now: datetime, cases: int = 40, weeks: int = 12) -> None:
    """Cells of every metric in force, of made cases that were never in a ledger.

    Every case is opened on a Tuesday and resolved a few hours later; one in eight comes back,
    is transferred, and has an exception.
    """
    for version in list_in_force():
        spec = spec_of(version)
        monday = this_monday(now=now, time_zone=spec.time_zone)
        spans = [(monday - timedelta(weeks=back), 1) for back in range(1, weeks + 1)]
        spans += [(monday - timedelta(weeks=4), 4), (monday - timedelta(weeks=8), 4)]
        for begin, length in spans:
            period = period_of(spec=spec, begin=begin, weeks=length, now=now)
            facts = [made_case(f"{begin}-{one}", period.begin, one) for one in range(cases)]
            found = measure(spec=spec, cases=tables_of(facts), period=period)
            MetricCell.objects.create(
                key=spec.key,
                version=version.number,
                begin=begin,
                weeks=length,
                computed_at=now,
                upto_index=1234,
                body=body_of(found),
            )


def made_case(name: str, begin: datetime, number: int) -> CaseFacts:
    """One case as rows, without a ledger; what happens to it follows from its number."""
    opened = begin + timedelta(days=1, minutes=number)
    resolved = opened + timedelta(hours=1 + number % 9)
    odd = number % 8 == 0
    channel = ("chat", "voice", "email")[0 if number < 30 else 1 + number % 2]
    of = Dimensions("returns", channel, "ai_first", "1", "care", "bot", "low")
    issue = Issue(name, "return")
    contacts = [Contact(f"{name}-k", name, opened, issue, of=of)]
    if odd:
        back = resolved + timedelta(hours=20)
        contacts.append(Contact(f"{name}-r", name, back, issue, of=of))
    exception = ExceptionKind.TOOL_ERROR if odd else None
    move = Handover(
        f"{name}-h", f"{name}-k", opened, OwnerKind.AI, "bot", "care", OwnerKind.HUMAN, "ben",
        "billing", reason="low_confidence", of=of,
    )  # fmt: skip
    return CaseFacts(
        case=name,
        opened_at=opened,
        issue=issue,
        closed_at=resolved,
        episodes=(
            Episode(name, 1, opened, resolved, issue, contacts=(f"{name}-k",), of=of),
        ),
        contacts=tuple(contacts),
        segments=(Segment(name, OwnerKind.AI, "bot", opened, resolved, of),),
        handovers=(move,) if odd else (),
        work=(
            Work(f"{name}-w", f"{name}-k", name, "ben", opened, opened + timedelta(minutes=2),
                 handle_seconds=600.0, of=of),
        ),
        steps=(StepExecution(f"{name}-s", name, "refund", OwnerKind.AI, opened, exception, of=of),),
        required=(RequiredFact(name, "intake", "intake", FactState.PRESENT),),
        of=of,
    )  # fmt: skip
