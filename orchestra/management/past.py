"""The demonstration's past: two weeks of conversations, and the samples that were drawn of them.

A sample is only worth something if its seed was sealed before the first conversation of its
period. So the two weeks are played before anything of today is recorded, each act at its own
moment through the service that does it every day; nothing is written beside them.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import yaml

from cases.handoff.types import Reason
from cases.intake.models import Intent
from cases.journeys import services as journeys
from cases.memory.models import Case
from cases.memory.types import Channel, Speaker
from governance.access.models import Queue, User
from governance.ledger.services import one_act, sequence
from orchestra.core.actors import Actor
from orchestra.core.history import save_as
from orchestra.management import world
from orchestra.management.disclosure import publish_disclosure
from qa.builtin.services import read_shipped
from qa.findings import services as findings
from qa.population import services as population
from qa.reviewing import services as reviewing
from qa.reviewing.models import Review
from qa.reviewing.services import Filled
from qa.reviewing.types import ReviewKind, ReviewState
from qa.sampling import services as sampling
from qa.sampling.models import SamplingPlan
from qa.sampling.parsing import parse_plan
from qa.sampling.periods import Span, draws_at, span_at
from qa.sampling.types import Schedule
from qa.scorecards.services import publish_scorecard

Json = Any

FILE: Final = Path(__file__).with_name("past.yaml")
#: How long before a week its seed is sealed; the plan asks for it as well.
_SEALED_BEFORE: Final = timedelta(hours=2)
_DAY: Final = timedelta(days=1)
#: Conversations are held from this hour of a day on, for so long.
_OPENS: Final = timedelta(hours=9)
_OPEN_FOR: Final = timedelta(hours=9)
_REVIEWED_FOR: Final = timedelta(days=2)
#: How a person who is called knows the caller.
_KNOWN_TO_A_PERSON: Final[Mapping[str, Any]] = {
    "verified_level": "basic",
    "verified_method": "name and address",
}


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody says: ``customer``, ``ai`` or ``person``; and how long after the last word."""

    who: str
    text: str
    after: timedelta


@dataclass(frozen=True, slots=True, eq=False)
class Talk:
    """One kind of conversation.

    Attributes:
        lines: What is said; the customer begins. A person who speaks after the AI took over.
        need: Key of what the customer comes for.
        outcome: How it ended.
        is_closed: Whether who resolved it closes it as well.
        next_step: What an AI that hands over says is next.
        customer_of: The kind of conversation whose customer comes back; empty for somebody new.
        goes_wrong: Questions of the scorecard that a reviewer answers with no, each with the
            words that show it.
    """

    key: str
    channel: Channel
    lines: tuple[Line, ...]
    need: str
    outcome: str
    is_closed: bool
    next_step: str
    customer_of: str
    goes_wrong: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Story:
    """What the file tells.

    Attributes:
        total: Reviews of a week.
        target_percent: What the plan names as its target.
        weeks: The kinds of conversation of each week, in their order, one for each.
        needs: What people come for, by key, with its title.
        answers: What a reviewer says where nothing went wrong.
        customers: Names of those who come, in turn.
    """

    total: int
    target_percent: float
    weeks: tuple[tuple[Talk, ...], ...]
    needs: Mapping[str, str]
    answers: Mapping[str, str]
    customers: tuple[str, ...]


def read_story(*, disclosure: str = "") -> Story:
    """Return what is told in the file.

    Args:
        disclosure: What an AI says before its first words in each conversation.
    """
    told = yaml.safe_load(FILE.read_text("utf-8"))
    talks = {
        key: Talk(
            key=key,
            channel=Channel(one["channel"]),
            lines=tuple(_read_lines(one["lines"], disclosure)),
            need=one["need"],
            outcome=one["outcome"],
            is_closed=one.get("closed", False),
            next_step=one.get("next_step", ""),
            customer_of=one.get("customer_of", ""),
            goes_wrong=one.get("goes_wrong", {}),
        )
        for key, one in told["talks"].items()
    }
    return Story(
        total=told["reviews"],
        target_percent=told["target_percent"],
        weeks=tuple(
            tuple(_mixed({talks[key]: count for key, count in week.items()}))
            for week in told["weeks"]
        ),
        needs=told["needs"],
        answers=told["answers"],
        customers=tuple(told["customers"]),
    )


def _read_lines(told: Sequence[Mapping[str, Json]], disclosure: str) -> Iterator[Line]:
    for one in told:
        ((who, text),) = ((who, text) for who, text in one.items() if who != "after_minutes")
        if who == "ai" and disclosure:
            text, disclosure = f"{disclosure} {text}", ""
        yield Line(who, text, timedelta(minutes=one.get("after_minutes", 0)))


def play(*, now: datetime) -> bool:
    """Play the two weeks that were drawn last, unless something happened here already.

    Args:
        now: When, UTC; everything that is played lies before it.

    Returns:
        Whether it was played.
    """
    if Case.objects.exists() or SamplingPlan.objects.exists():
        return False
    plan = _plan_document()
    spans = _spans(parse_plan(document=plan).schedule, now)
    begins = spans[0].starts_at
    people = _open_centre(begins)
    story = read_story(disclosure=publish_disclosure(now=begins, people=people))
    _name_needs(story)
    _publish(begins, story, plan)
    sampling.open_due(now=begins)
    agent = world.ensure_agent(now=begins, owner=people["operator"]).as_actor()
    crew = {"ai": agent, "person": people["agent"].as_actor()}
    played: dict[int, Talk] = {}
    for span, talks in zip(spans, story.weeks, strict=True):
        sampling.open_due(now=span.starts_at)
        played |= _hold(span, talks, crew, story.customers)
        # The next week's seed is sealed before this one is over.
        sampling.open_due(now=span.ends_at - _SEALED_BEFORE)
        sampling.open_due(now=span.ends_at)
        _draw(draws_at(parse_plan(document=plan).schedule, span.ends_at))
        _review(span, now, story, played, is_last=span == spans[-1])
    return True


def _spans(schedule: Schedule, now: datetime) -> tuple[Span, Span]:
    """Return the last two weeks of which the samples are due by now."""
    last = span_at(schedule, span_at(schedule, now).starts_at - _DAY)
    if draws_at(schedule, last.ends_at) > now:
        last = span_at(schedule, last.starts_at - _DAY)
    return span_at(schedule, last.starts_at - _DAY), last


def _open_centre(now: datetime) -> Mapping[str, User]:
    care = Queue(key="care", title="Customer care", is_default=True)
    save_as(care, actor=world.BUILDER, reason=world.REASON)
    return world.ensure_people(now=now)


def _name_needs(story: Story) -> None:
    """Name what people come for; the store's pack, loaded later, says more of each."""
    talks = {talk.key: talk for week in story.weeks for talk in week}.values()
    for key, title in story.needs.items():
        examples = [talk.lines[0].text for talk in talks if talk.need == key]
        need = Intent(key=key, title=title, queue="care", examples=examples)
        save_as(need, actor=world.BUILDER, reason=world.REASON)


def _plan_document() -> dict[str, Json]:
    found = (one for one in read_shipped(folder="sampling_plans") if one["key"] == "weekly")
    return dict(next(found))


def _publish(now: datetime, story: Story, plan: Mapping[str, Json]) -> None:
    """Put the plan that ships into force, for a centre as small as this, with its scorecard."""
    for document in read_shipped(folder="scorecards"):
        publish_scorecard(actor=world.BUILDER, now=now, document=document)
    allocation = {**plan["allocation"], "total": story.total}
    sampling.publish_plan(
        actor=world.BUILDER,
        now=now,
        document={**plan, "allocation": allocation, "target_percent": story.target_percent},
    )


@one_act()
def _hold(
    span: Span, talks: Sequence[Talk], crew: Mapping[str, Actor], names: Sequence[str]
) -> dict[int, Talk]:
    """Hold a week's conversations, spread over its five days, and return them by case.

    They overlap as conversations do: whichever goes on next is taken next.
    """
    played: dict[int, Talk] = {}
    going: list[tuple[datetime, int, Iterator[datetime]]] = []
    for place, (talk, customer) in enumerate(
        zip(talks, _customers(span, talks, names), strict=True)
    ):
        whole, part = divmod(5 * _DAY * place / len(talks), _DAY)
        at = span.starts_at + whole * _DAY + _OPENS + _OPEN_FOR * (part / _DAY)
        pace = timedelta(seconds=25 + 9 * (place % 7))
        going.append((at, place, _talk(talk, at, pace, customer, crew, played)))
    while going:
        _at, place, talking = heapq.heappop(going)
        if (upcoming := next(talking, None)) is not None:
            heapq.heappush(going, (upcoming, place, talking))
    return played


@dataclass(frozen=True, slots=True)
class _Customer:
    ref: str
    name: str


def _customers(span: Span, talks: Sequence[Talk], names: Sequence[str]) -> Iterator[_Customer]:
    """Yield who comes: somebody new, or whoever waits longest of those who come back."""
    waiting: dict[str, list[_Customer]] = defaultdict(list)
    for place, talk in enumerate(talks):
        known = waiting[talk.customer_of] if talk.customer_of else []
        new = _Customer(f"guest_{span.starts_at:%m%d}_{place:02}", names[place % len(names)])
        customer = known.pop(0) if known else new
        waiting[talk.key].append(customer)
        yield customer


def _talk(
    talk: Talk,
    at: datetime,
    pace: timedelta,
    customer: _Customer,
    crew: Mapping[str, Actor],
    played: dict[int, Talk],
) -> Iterator[datetime]:
    """Hold one conversation, and yield after each act when the next is due."""
    first, *lines = talk.lines
    who = next(line.who for line in lines if line.who in crew)
    case = journeys.open_case(
        actor=crew[who],
        now=at,
        contact=journeys.Contact(
            channel=talk.channel,
            text=first.text,
            customer_ref=customer.ref,
            customer_name=customer.name,
            **(_KNOWN_TO_A_PERSON if who == "person" else {}),
        ),
    ).case
    played[int(case.pk)] = talk
    said = first.text
    for line in lines:
        yield (at := at + line.after + pace)
        if line.who == "person" and who == "ai":
            offer = journeys.HandoffOffer(
                reason_code=Reason.CUSTOMER_REQUEST,
                suggested_next_step=talk.next_step,
                customer_paragraph=said,
            )
            handed = journeys.offer_handoff(actor=crew["ai"], now=at, case=case, offer=offer)
            yield (at := at + pace)
            journeys.accept_handoff(actor=crew["person"], now=at, handoff_id=handed.public_id)
            yield (at := at + pace)
        who = line.who if line.who in crew else who
        speaker = {"ai": Speaker.AI, "person": Speaker.HUMAN}.get(line.who, Speaker.CUSTOMER)
        journeys.add_message(actor=crew[who], now=at, case=case, speaker=speaker, text=line.text)
        said = line.text
    yield (at := at + pace * 2)
    journeys.resolve(actor=crew[who], now=at, case=case, outcome=talk.outcome, confirmed=True)
    if talk.is_closed:
        yield (at := at + pace)
        journeys.close(actor=crew[who], now=at, case=case)


def _draw(now: datetime) -> None:
    sequence(now=now, wait=True)
    population.follow_ledger(now=now)
    findings.run_due(now=now)
    sampling.draw_due(now=now)


@one_act()
def _review(
    span: Span, now: datetime, story: Story, played: Mapping[int, Talk], *, is_last: bool
) -> None:
    """Hand in the reviews of a week; of the last week all but one."""
    rows = Review.objects.filter(drawn__period__starts_at=span.starts_at, state=ReviewState.WAITING)
    waiting = list(
        rows.exclude(kind=ReviewKind.GOLD)
        .select_related("reviewer", "unit")
        .order_by("drawn__drawn_of_stratum", "-kind", "pk")
    )
    drawn_at = waiting[0].assigned_at
    if is_last:
        # A first review of the largest part is left, so that somebody finds work.
        waiting.remove(max(waiting, key=_leaves_most))
    step = min(_REVIEWED_FOR, now - drawn_at) / (len(waiting) + 1)
    for place, review in enumerate(waiting):
        if review.reviewer is not None:
            _hand_in(review, drawn_at + step * (place + 1), story, played[review.unit.case_id])


def _leaves_most(review: Review) -> tuple[bool, int, int]:
    size = review.drawn.drawn_of_stratum if review.drawn else 0
    return review.kind == ReviewKind.FIRST, size, review.pk


def _hand_in(review: Review, at: datetime, story: Story, talk: Talk) -> None:
    assert review.reviewer is not None  # noqa: S101  the caller asked
    actor, review_id = review.reviewer.as_actor(), review.public_id
    answers: dict[str, Json] = {key: {"value": value} for key, value in story.answers.items()}
    answers |= {key: {"value": "no", "words": words} for key, words in talk.goes_wrong.items()}
    taken = reviewing.take_review(actor=actor, now=at, review_id=review_id)
    reviewing.submit_review(
        actor=actor,
        now=at + timedelta(minutes=4),
        review_id=review_id,
        filled=Filled(revision=taken.revision, answers=answers, seconds=180),
    )


def _mixed(counts: Mapping[Talk, int]) -> Iterator[Talk]:
    """Yield each kind of conversation as often as it was held, in turn."""
    left = dict(counts)
    for talk in cycle(counts):
        if not any(left.values()):
            return
        if left[talk]:
            left[talk] -= 1
            yield talk
