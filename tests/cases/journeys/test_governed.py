"""A cue sheet goes through the same review as a policy."""

from datetime import timedelta

import pytest

from cases.journeys import selectors
from cases.journeys.models import CueSheetVersion
from cases.tools.models import ToolDefinition
from cases.tools.services import publish_tool, retire_tool
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.reviews import services
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import documents
from governance.reviews.types import RiskLevel
from orchestra.core.actors import Actor
from orchestra.core.errors import InvalidInputError
from tests.factories.access import make_person
from tests.factories.centres import Centre
from tests.factories.reviews import ballot_of

pytestmark = pytest.mark.django_db
KIND = selectors.DOCUMENT_KIND
KEY = "cancel_order"


def carry(centre: Centre, change: ChangeRequest, author: Actor) -> ChangeRequest:
    """Submit, approve with as many votes of other roles as it takes, and publish."""
    now = centre.clock()
    change = services.submit(actor=author, now=now, change_id=change.public_id)
    for role in (Role.COMPLIANCE_OFFICER, Role.QA_LEAD):
        if change.state == "submitted":
            change = services.approve(
                actor=make_person(roles=[role]).as_actor(),
                now=now,
                change_id=change.public_id,
                ballot=ballot_of(change, at=now),
            )
    publisher = make_person(roles=[Role.POLICY_OWNER]).as_actor()
    return services.publish(actor=publisher, now=now, change_id=change.public_id)


def test_a_cue_sheet_is_changed_rolled_back_and_taken_out_of_force(centre: Centre) -> None:
    present = selectors.get_published(key=KEY)
    author = make_person(roles=[Role.POLICY_OWNER]).as_actor()
    given = {"actor": author, "now": centre.clock(), "kind": KIND, "document_key": KEY}
    document = {**present.document, "title": "Cancel an order"}
    first = carry(centre, services.open_change(**given, title="Rename", document=document), author)
    assert (first.published_number, first.risk) == (2, RiskLevel.HIGH)
    assert selectors.get_published(key=KEY).document == document
    back = carry(centre, services.roll_back(**given, number=1, summary="No."), author)
    assert selectors.get_published(key=KEY).document == present.document
    first.refresh_from_db()
    assert (first.state, back.published_number) == ("rolled_back", 3)
    gone = services.retire(
        actor=author, now=centre.clock(), change_id=back.public_id, summary="Unused."
    )
    carry(centre, gone, author)
    assert selectors.find_published(key=KEY) is None
    assert CueSheetVersion.objects.get(cue_sheet__key=KEY, number=3).state == "retired"
    assert LedgerEntry.objects.filter(kind="cue_sheet.retired").count() == 1


def test_every_error_of_a_cue_sheet_stops_its_submission(centre: Centre) -> None:
    author = make_person(roles=[Role.POLICY_OWNER]).as_actor()
    change = services.open_change(
        actor=author,
        now=centre.clock(),
        kind=KIND,
        document_key=KEY,
        title="Wrong",
        document={"key": KEY},
    )
    assert change.risk == RiskLevel.CRITICAL
    with pytest.raises(InvalidInputError) as caught:
        services.submit(
            actor=author, now=centre.clock() + timedelta(minutes=1), change_id=change.public_id
        )
    assert caught.value.errors == documents.get(KIND).validate({"key": KEY})
    assert len(caught.value.errors) > 1


def test_a_plan_is_held_against_the_centre_it_would_run_in(centre: Centre) -> None:
    del centre
    document = selectors.get_published(key=KEY).document
    steps = [dict(step) for step in document["steps"]]
    at = next(i for i, step in enumerate(steps) if step["key"] == "cancel")
    steps[at]["bind"] = {"order_id": "order_id", "why": "cancel_reason"}
    validate = documents.get(KIND).validate
    found = validate({**document, "queue": "nowhere", "steps": steps})
    assert [(error.field, error.code) for error in found] == [
        ("queue", "unknown_queue"),
        (f"steps[{at}].bind.why", "unknown_argument"),
        (f"steps[{at}].bind", "missing_argument"),
    ]
    steps[at]["bind"] = {"order_id": "order_id", "reason": "cancel_reason"}
    assert validate({**document, "steps": steps}) == ()


def test_a_retired_tool_is_planned_no_more(centre: Centre) -> None:
    tool = ToolDefinition.objects.get(name="calculate")
    author = make_person(roles=[Role.POLICY_OWNER]).as_actor()
    other = {**tool.document, "name": "count_up"}
    publish_tool(actor=author, now=centre.clock(), document=other)
    document = selectors.get_published(key=KEY).document
    steps = [dict(step) for step in document["steps"]]
    steps[1]["does"] = {"tool": "count_up"}
    validate = documents.get(KIND).validate
    assert validate({**document, "steps": steps}) == ()
    retire_tool(actor=author, now=centre.clock(), name="count_up")
    [error] = validate({**document, "steps": steps})
    assert (error.field, error.code) == ("steps[1].does.tool", "unknown_tool")
