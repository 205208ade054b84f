"""Single things that stand in the scene, each made as shortly as it can be."""

from cases.journeys.models import Reversal, StepRun
from cases.journeys.types import ReversalState
from cases.memory.models import Case
from cases.reconciliation.models import Difference
from cases.reconciliation.types import Gap
from cases.tools.models import ToolCall, ToolDefinition
from governance.access.models import User
from governance.reviews import services as reviews
from governance.reviews.models import ChangeRequest
from governance.subject_access.models import SubjectExport
from governance.switches.services import stop
from governance.switches.types import StopScope
from orchestra.core import clock
from orchestra.core.actors import Actor
from orchestra.management import world
from qa.disputes.models import Coaching, Dispute
from qa.findings.models import Finding, UnitCheck
from qa.reviewing.models import Review
from qa.reviewing.types import ReviewState
from qa.sampling.types import PeriodState
from qa.targets.services import publish_target
from tests.factories.access import FACTORY, make_person
from tests.factories.sampled import WEEK, draw_units, make_period, make_review, make_unit
from tests.factories.targets import make_alert, target

GONE = "00000000-0000-7000-8000-00000000dead"


def stopped() -> str:
    """Return the id of a stop, on a tool that nothing here uses."""
    row = stop(
        actor=world.BUILDER,
        now=clock.now(),
        scope=StopScope.TOOL,
        key="calculate",
        reason="It adds up wrongly.",
    )
    return str(row.public_id)


def held_sample() -> str:
    """Return the id of a period whose draw did not come out again."""
    row = make_period(
        starts_at=clock.now() - 2 * WEEK,
        state=PeriodState.HELD,
        redrawn_at=clock.now(),
        redrawn={"same": False, "frame_size": 0, "frame_digest": "", "missing": []},
    )
    return str(row.public_id)


def reversal(step: StepRun, call: ToolCall) -> Reversal:
    return Reversal.objects.create(
        journey=step.journey, call=call, position=0, state=ReversalState.BY_PERSON
    )


def to_review(case: Case) -> Review:
    """Return a review that was drawn and that nobody was given."""
    unit = make_unit(case=case)
    drawn = draw_units(make_period(starts_at=case.opened_at), {"low": [unit]}, {"low": 1})
    return make_review(
        unit, drawn=drawn[0], state=ReviewState.WAITING, taken_at=None, submitted_at=None
    )


def disputed(case: Case) -> dict[str, str]:
    """Return the ids of a dispute and of something to learn, of a person who knocks nowhere."""
    person, now = make_person(), clock.now()
    answers = {"policy_followed": {"value": "no", "quotes": [], "comment": ""}}
    review = make_review(make_unit(case=case), state=ReviewState.RELEASED, answers=answers)
    values = {"review": review, "words": "It was right.", "due_at": now}
    dispute = Dispute.objects.create(
        question="policy_followed", raised_by=person, raised_at=now, **values
    )
    task = Coaching.objects.create(person=person, given_by=person, given_at=now, **values)
    return {"dispute_id": str(dispute.public_id), "coaching_id": str(task.public_id)}


def difference(case: Case) -> Difference:
    return Difference.objects.create(
        gap=Gap.ENTRY_MISSING,
        subject_kind="case",
        subject_id=str(case.public_id),
        wanted="case.opened",
        case_public_id=str(case.public_id),
        found_at=case.opened_at,
    )


def finding(case: Case) -> Finding:
    """Return what a check found in the talk of a case."""
    unit = make_unit(case=case)
    check = UnitCheck.objects.create(
        unit=unit, check_key="tone", series="tone/1", result="found", at=unit.ended_at
    )
    return Finding.objects.create(
        check_row=check, unit=unit, harm="low", detail="blames", found_at=unit.ended_at
    )


def imported_draft(author: Actor) -> ChangeRequest:
    """Return the draft of a tool that was imported, as an import opens it."""
    tool = ToolDefinition.objects.get(name="get_order_details")
    upstream = {"source": "openapi", "name": "getOrderDetails", "digest": "0" * 64}
    return reviews.open_change(
        actor=author,
        now=clock.now(),
        kind="tool",
        document_key=tool.name,
        title="Import: order details",
        document={**tool.document, "title": "Order details, anew", "upstream": upstream},
    )


def subject_export(officer: User) -> SubjectExport:
    return SubjectExport.objects.create(
        subject_kind="case",
        subject_id=GONE,
        label="C-1",
        reference="DSR-1",
        asked_by=officer,
        asked_at=clock.now(),
    )


def outcome_alert() -> str:
    """Return the id of an alert on a target that supervisors own."""
    version = publish_target(actor=FACTORY, now=clock.now(), document=target(owner="supervisor"))
    return str(make_alert(version, clock.now()).public_id)
