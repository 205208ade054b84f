"""Bring every running journey of a locked case on, and the case to a person where one asks."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from cases.handoff import selectors as handoffs
from cases.handoff import services as handoff
from cases.handoff.models import Handoff
from cases.handoff.types import HandoffState, Warmth
from cases.journeys.bundle import NOTHING_SUGGESTED, Suggested, inputs_of
from cases.journeys.models import StepRun
from cases.journeys.runner import CONDUCTOR, Running, advance, hand_over_ai, load_running
from cases.journeys.selectors import list_running, spec_of
from cases.journeys.skilled import asked_at
from cases.journeys.types import NO_STEP_LEFT, STEP_NEEDS_PERSON, JourneyState, StepState
from cases.memory.models import Case
from cases.memory.services import gate_locked
from governance.access.models import Queue, User
from governance.access.selectors import get_queue
from governance.access.types import Role
from governance.skills.selectors import skills_needed
from orchestra.core.actors import Actor

#: States of a handoff in which people have the case already.
_WITH_PEOPLE = frozenset({HandoffState.OFFERED, HandoffState.ACCEPTED})
#: What a journey stopped at goes to the person together with what it would have done next.
_UNMET = frozenset({StepState.REFUSED, StepState.FAILED})
_WAITING = frozenset({HandoffState.OFFERED})


@dataclass(frozen=True, slots=True)
class Over:
    """That a case goes to a person, to whom, and why.

    Attributes:
        queue: Key of the queue; empty for the case's own.
        role: Role asked for; empty for anyone of the queue.
        note: Why, in plain words.
        hands_on: Whether a person passes on what people have already.
        gates: Whether a critical risk takes the case, so that no AI agent reads on.
        person: The one person asked for, if any.
        skills: What the sender, or the cue sheet, asks of whoever takes it, by key.
        risk: The risk of what stopped it; empty for none.
    """

    reason_code: str
    queue: str = ""
    role: str = ""
    note: str = ""
    suggested: Suggested = NOTHING_SUGGESTED
    hands_on: bool = False
    gates: bool = False
    person: User | None = None
    warmth: Warmth = Warmth.COLD
    skills: frozenset[str] = frozenset()
    risk: str = ""


def conduct(*, case: Case, now: datetime, journeys: list[Running] | None = None) -> None:
    """Bring the running journeys of a locked case on until nothing is due.

    A journey that cannot go on by itself takes the whole case to a person.

    Args:
        case: The locked case.
        now: When.
        journeys: Its running journeys as they stand, where they are loaded already.
    """
    journeys = load_running(case=case) if journeys is None else journeys
    for running in journeys:
        advance(running=running, now=now)
    wishes = [running for running in journeys if running.wish is not None]
    if wishes:
        hand_to_person(actor=CONDUCTOR, now=now, case=case, over=_over(wishes[0]))


def _over(running: Running) -> Over:
    wish = running.wish
    assert wish is not None  # noqa: S101  the caller picked it for its wish
    return Over(
        reason_code=STEP_NEEDS_PERSON if wish.step else NO_STEP_LEFT,
        queue=running.spec.queue,
        role=running.spec.sign_off_role or str(Role.HUMAN_AGENT),
        note=f"{running.journey.version.cue_sheet.title}: {wish.reason}.",
        skills=frozenset(running.spec.skills),
    )


def _wanted(case: Case, queue: Queue, over: Over) -> handoff.Wanted:
    """Return who is asked: the skills are those of the queue, of what runs, and of the risk.

    Of what runs: what its cue sheet asks for, and the cues that the journey is at.
    """
    running = list_running(case=case)
    specs = {journey.pk: spec_of(journey.version) for journey in running}
    states: dict[int, dict[str, StepState]] = {}
    if any(step.skills for spec in specs.values() for step in spec.steps):
        for step in StepRun.objects.filter(journey__in=specs):
            states.setdefault(step.journey_id, {})[step.key] = StepState(step.state)
    plans = frozenset[str]().union(
        *(asked_at(spec=spec, states=states.get(pk, {})) for pk, spec in specs.items())
    )
    skills = skills_needed(queue=queue, risk=over.risk, named=over.skills | plans)
    return handoff.Wanted(
        role=over.role, person=over.person, warmth=over.warmth, skills=tuple(skills)
    )


def hand_to_person(*, actor: Actor, now: datetime, case: Case, over: Over) -> Handoff:
    """Offer a locked case to people, with everything known, and stop what the AI would do.

    A case that already waits for a person is not offered twice; one that a person took is
    offered again only where a person hands it on.
    """
    offered = handoffs.find_latest_handoff(case=case)
    settled = _WAITING if over.hands_on else _WITH_PEOPLE
    if offered is None or offered.state not in settled:
        queue = get_queue(over.queue) if over.queue else case.queue
        offered = handoff.offer_handoff(
            actor=actor,
            now=now,
            case=case,
            queue=queue,
            reason_code=over.reason_code,
            note=over.note,
            wanted=_wanted(case, queue, over),
            inputs=inputs_of(case=case, suggested=over.suggested),
        )
    if over.gates:
        gate_locked(actor=CONDUCTOR, now=now, case=case, on=True)
    for running in load_running(case=case):
        hand_over_ai(running=running, reason=over.note or over.reason_code, now=now)
    stopped_it = Q(state__in=_UNMET, journey__state=JourneyState.HANDED_OFF)
    StepRun.objects.filter(
        Q(state=StepState.HANDED_OFF) | stopped_it, journey__case=case, handoff__isnull=True
    ).update(handoff=offered)
    return offered
