"""A tool goes through the same review as a policy; its risk decides whose votes that takes."""

from datetime import timedelta
from typing import Any

import pytest

from cases.tools.governed import TOOL_KIND
from cases.tools.models import ToolVersion
from cases.tools.selectors import DOCUMENT_KIND, get_tool
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.reviews import services
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import documents
from governance.reviews.types import RiskLevel
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.factories.access import make_person
from tests.factories.retail import Centre
from tests.factories.reviews import ballot_of

pytestmark = pytest.mark.django_db
NAME = "cancel_pending_order"
READ = "get_product_details"


@pytest.fixture
def centre(retail_centre: Centre) -> Centre:
    return retail_centre


def person(role: Role) -> Actor:
    return make_person(roles=[role]).as_actor()


def text_of(name: str, **changes: Any) -> dict[str, Any]:
    present = TOOL_KIND.rows.present(name)
    assert present is not None
    return {**present[1], **changes}


def open_change(
    centre: Centre, author: Actor, document: dict[str, Any], key: str = ""
) -> ChangeRequest:
    return services.open_change(
        actor=author,
        now=centre.clock(),
        kind=DOCUMENT_KIND,
        document_key=key or document["name"],
        title="Another risk",
        document=document,
    )


def carry(centre: Centre, change: ChangeRequest, author: Actor) -> ChangeRequest:
    """Submit, approve with as many votes of other roles as it takes, and publish."""
    now = centre.clock()
    change = services.submit(actor=author, now=now, change_id=change.public_id)
    for role in (Role.COMPLIANCE_OFFICER, Role.QA_LEAD):
        if change.state == "submitted":
            change = services.approve(
                actor=person(role),
                now=now,
                change_id=change.public_id,
                ballot=ballot_of(change, at=now),
            )
    return services.publish(actor=person(Role.POLICY_OWNER), now=now, change_id=change.public_id)


def test_a_tool_is_changed_and_rolled_back(centre: Centre) -> None:
    author = person(Role.ADMINISTRATOR)
    before = text_of(NAME)
    document = text_of(NAME, title="Cancel")
    first = carry(centre, open_change(centre, author, document), author)
    assert (first.published_number, first.risk) == (2, RiskLevel.HIGH)
    assert (get_tool(name=NAME).title, get_tool(name=NAME).number) == ("Cancel", 2)
    back = services.roll_back(
        actor=author,
        now=centre.clock(),
        kind=DOCUMENT_KIND,
        document_key=NAME,
        number=1,
        summary="No.",
    )
    back = carry(centre, back, author)
    assert (back.published_number, TOOL_KIND.rows.present(NAME)) == (3, (3, before))
    first.refresh_from_db()
    assert first.state == "rolled_back"
    assert LedgerEntry.objects.filter(kind="tool.published").count() == 16 + 2


def test_a_tool_is_taken_out_of_force_once_nothing_uses_it(centre: Centre) -> None:
    author = person(Role.POLICY_OWNER)
    change = carry(
        centre, open_change(centre, author, text_of(READ, title="Read one product")), author
    )
    gone = services.retire(
        actor=author, now=centre.clock(), change_id=change.public_id, summary="Unused."
    )
    with pytest.raises(ConflictError) as caught:
        carry(centre, gone, author)
    assert caught.value.error_code == "tool.in_use"
    assert TOOL_KIND.rows.present(READ) is not None


@pytest.mark.parametrize(
    ("was", "wanted", "expected"),
    [
        ("low", "critical", RiskLevel.CRITICAL),
        ("critical", "low", RiskLevel.CRITICAL),
        ("medium", "low", RiskLevel.MEDIUM),
        ("low", "low", RiskLevel.LOW),
    ],
)
def test_the_higher_risk_of_old_and_new_decides_on_the_votes(
    centre: Centre, was: str, wanted: str, expected: RiskLevel
) -> None:
    author = person(Role.ADMINISTRATOR)
    if was != "low":
        carry(centre, open_change(centre, author, text_of(READ, risk=was)), author)
    change = open_change(centre, author, text_of(READ, risk=wanted, title="Other"))
    assert change.risk == expected
    kind = documents.get(DOCUMENT_KIND)
    assert kind.quorum[RiskLevel(change.risk)].votes == (2 if expected == "critical" else 1)
    # Also once nothing is in force that could be compared with.
    ToolVersion.objects.filter(tool__name=READ).update(state="retired")
    assert open_change(centre, author, dict(change.document), READ).risk == expected


def test_a_text_is_not_submitted_for_another_tool(centre: Centre) -> None:
    author = person(Role.ADMINISTRATOR)
    change = open_change(centre, author, text_of(NAME), READ)
    with pytest.raises(InvalidInputError) as caught:
        services.submit(actor=author, now=centre.clock(), change_id=change.public_id)
    assert ("name", "other_document") in {(one.field, one.code) for one in caught.value.errors}


def test_every_error_stops_the_submission(centre: Centre) -> None:
    author = person(Role.POLICY_OWNER)
    change = open_change(centre, author, {"name": READ, "connection": "nowhere"})
    assert change.risk == RiskLevel.CRITICAL
    with pytest.raises(InvalidInputError) as caught:
        services.submit(
            actor=author, now=centre.clock() + timedelta(minutes=1), change_id=change.public_id
        )
    assert {error.field for error in caught.value.errors} >= {"effect", "arguments"}


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.HUMAN_AGENT, Role.QA_LEAD])
def test_who_may_not_change_tools_opens_nothing(centre: Centre, role: Role) -> None:
    with pytest.raises(NotPermittedError):
        open_change(centre, person(role), text_of(READ, title="Mine"))
    assert not ChangeRequest.objects.exists()
