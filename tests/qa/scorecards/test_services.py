"""A scorecard goes through review, and its versions know their edition."""

from datetime import datetime

import pytest

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.reviews import services
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import documents
from governance.reviews.types import RiskLevel
from orchestra.core.actors import Actor
from orchestra.core.errors import InvalidInputError, NotPermittedError
from qa.scorecards.models import ScorecardVersion
from qa.scorecards.selectors import SHELF
from qa.scorecards.services import publish_scorecard
from tests.factories.access import FACTORY, make_person
from tests.factories.quality import card, yes_no
from tests.factories.reviews import ballot_of

pytestmark = pytest.mark.django_db
KIND = "scorecard"


def carry(change: ChangeRequest, author: Actor, now: datetime) -> ChangeRequest:
    """Submit, approve with as many votes of other people as it takes, and publish."""
    change = services.submit(actor=author, now=now, change_id=change.public_id)
    for role in (Role.COMPLIANCE_OFFICER, Role.SUPERVISOR):
        if change.state == "submitted":
            change = services.approve(
                actor=make_person(roles=[role]).as_actor(),
                now=now,
                change_id=change.public_id,
                ballot=ballot_of(change, at=now),
            )
    publisher = make_person(roles=[Role.COMPLIANCE_OFFICER]).as_actor()
    return services.publish(actor=publisher, now=now, change_id=change.public_id)


def test_a_scorecard_is_written_changed_rolled_back_and_retired(now: datetime) -> None:
    author = make_person(roles=[Role.QA_LEAD]).as_actor()
    given = {"actor": author, "now": now, "kind": KIND, "document_key": "calls"}
    first = services.open_change(**given, title="Begin", document=card())
    assert carry(first, author, now).published_number == 1
    harder = card(yes_no("kept", points=20))
    carry(services.open_change(**given, title="Harder", document=harder), author, now)
    back = carry(services.roll_back(**given, number=1, summary="Too hard."), author, now)
    assert back.published_number == 3
    found = ScorecardVersion.objects.order_by("number").values_list("number", "edition", "state")
    assert list(found) == [(1, 1, "retired"), (2, 2, "retired"), (3, 1, "published")]
    gone = services.retire(actor=author, now=now, change_id=back.public_id, summary="Unused.")
    carry(gone, author, now)
    assert not ScorecardVersion.objects.filter(state="published").exists()
    assert LedgerEntry.objects.filter(kind="scorecard.retired").count() == 1


def test_wording_makes_a_version_but_no_edition(now: datetime) -> None:
    for document in (
        card(),
        card(yes_no("kept", guidance="Look twice.")),
        card(yes_no("kept", points=11)),
        card(yes_no("kept", points=11), title="Phone calls"),
    ):
        publish_scorecard(actor=FACTORY, now=now, document=document)
    found = ScorecardVersion.objects.order_by("number").values_list("number", "edition")
    assert list(found) == [(1, 1), (2, 1), (3, 2), (4, 2)]


def test_a_wrong_scorecard_is_neither_submitted_nor_published(now: datetime) -> None:
    author = make_person(roles=[Role.QA_ANALYST]).as_actor()
    wrong = card(key="calls", sections=[])
    change = services.open_change(
        actor=author, now=now, kind=KIND, document_key="calls", title="Wrong", document=wrong
    )
    with pytest.raises(InvalidInputError) as caught:
        services.submit(actor=author, now=now, change_id=change.public_id)
    assert caught.value.errors == SHELF.find_errors(wrong)
    with pytest.raises(InvalidInputError):
        publish_scorecard(actor=FACTORY, now=now, document=wrong)
    assert not ScorecardVersion.objects.exists()


@pytest.mark.parametrize(
    ("applies_to", "risk"),
    [(["ai"], RiskLevel.MEDIUM), (["ai", "human"], RiskLevel.HIGH), (["approval"], RiskLevel.HIGH)],
)
def test_judging_people_takes_two_votes(applies_to: list[str], risk: RiskLevel) -> None:
    kind = documents.get(KIND)
    found = kind.risk(card(applies_to=applies_to))
    assert found is risk
    assert kind.quorum[found].votes == (2 if risk is RiskLevel.HIGH else 1)


def test_who_may_not_edit_opens_nothing(now: datetime) -> None:
    supervisor = make_person(roles=[Role.SUPERVISOR]).as_actor()
    with pytest.raises(NotPermittedError):
        services.open_change(
            actor=supervisor,
            now=now,
            kind=KIND,
            document_key="calls",
            title="Mine",
            document=card(),
        )
