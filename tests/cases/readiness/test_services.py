"""The guided path: chosen once, opened only when ready, left with a reason; what it holds back."""

from typing import Any

import pytest
from django.db.models import QuerySet

from cases.journeys.models import CueSheet, CueSheetVersion
from cases.journeys.services import publish_cue_sheet
from cases.readiness import services
from cases.readiness.models import GuidedPath
from cases.readiness.rules import FIRST_CASES
from cases.readiness.types import PathEnd
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from orchestra.core.actors import Actor, system
from orchestra.core.clock import now
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.readiness import end_with_the_effect_seen, make_ready
from tests.flows.conftest import World, retail  # noqa: F401  the fixture is used by name

SHEET = "return_items"


@pytest.fixture
def operator(retail: World) -> Actor:  # noqa: F811  pytest names fixtures so
    return retail.people["operator"].as_actor()


def fields(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**document, **changes}


def another(key: str = "return_more") -> CueSheetVersion:
    present = CueSheetVersion.objects.get(cue_sheet__key=SHEET, state="published")
    document = fields(present.document, key=key, title="Return more", intents=[])
    return publish_cue_sheet(actor=system("test"), now=now(), document=document)


def entries(kind: str) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(kind=kind)


def test_a_chosen_journey_holds_back_the_first_version_of_every_other(operator: Actor) -> None:
    path = services.choose(actor=operator, now=now(), key=SHEET)
    assert path.chosen_by_label == operator.label
    assert (payload_of(entry=entries("path.chosen").get()) or {})["cue_sheet"] == SHEET
    with pytest.raises(ConflictError, match="comes first"):
        another()
    assert not CueSheet.objects.filter(key="return_more").exists()


def test_what_is_in_force_already_is_changed_as_before(operator: Actor) -> None:
    services.choose(actor=operator, now=now(), key=SHEET)
    present = CueSheetVersion.objects.get(cue_sheet__key="cancel_order", state="published")
    document = fields(present.document, recontact_window_hours=24)
    published = publish_cue_sheet(actor=system("test"), now=now(), document=document)
    assert published.number == present.number + 1


def test_without_a_path_nothing_is_held_back(operator: Actor) -> None:
    del operator
    assert another().number == 1


def test_one_journey_is_chosen_at_a_time(operator: Actor) -> None:
    services.choose(actor=operator, now=now(), key=SHEET)
    with pytest.raises(ConflictError, match="was chosen by"):
        services.choose(actor=operator, now=now(), key="cancel_order")
    assert entries("path.chosen").count() == 1


def test_what_is_not_there_is_not_chosen(operator: Actor) -> None:
    with pytest.raises(NotFoundError):
        services.choose(actor=operator, now=now(), key="fly")


@pytest.mark.parametrize("login", ["agent", "supervisor", "analyst"])
def test_who_sets_nothing_up_chooses_and_leaves_nothing(
    retail: World,  # noqa: F811  pytest names fixtures so
    operator: Actor,
    login: str,
) -> None:
    other = retail.people[login].as_actor()
    with pytest.raises(NotPermittedError):
        services.choose(actor=other, now=now(), key=SHEET)
    services.choose(actor=operator, now=now(), key=SHEET)
    with pytest.raises(NotPermittedError):
        services.leave(actor=other, now=now(), reason="No.")
    with pytest.raises(NotPermittedError):
        services.expand(actor=other, now=now())
    assert GuidedPath.objects.get().end == ""


def test_a_path_is_left_with_a_reason_and_then_holds_nothing_back(operator: Actor) -> None:
    services.choose(actor=operator, now=now(), key=SHEET)
    with pytest.raises(InvalidInputError):
        services.leave(actor=operator, now=now(), reason="  ")
    path = services.leave(actor=operator, now=now(), reason="The season is over.")
    assert path.end == PathEnd.LEFT
    assert (payload_of(entry=entries("path.left").get()) or {})["reason"] == "The season is over."
    assert another().number == 1
    with pytest.raises(ConflictError, match="No journey is chosen"):
        services.leave(actor=operator, now=now(), reason="Again.")


def test_the_way_opens_only_when_nothing_is_missing_and_the_first_cases_held(
    retail: World,  # noqa: F811  pytest names fixtures so
    operator: Actor,
) -> None:
    services.choose(actor=operator, now=now(), key="cancel_order")
    with pytest.raises(ConflictError, match="Not yet"):
        services.expand(actor=operator, now=now())
    make_ready(retail, "cancel_order")
    with pytest.raises(ConflictError, match="0 checks fail, and 0 of 5"):
        services.expand(actor=operator, now=now())
    end_with_the_effect_seen("cancel_order", "cancel", cases=FIRST_CASES)
    path = services.expand(actor=operator, now=now())
    assert path.end == PathEnd.EXPANDED
    assert (payload_of(entry=entries("path.expanded").get()) or {})["verified_cases"] == FIRST_CASES
    assert another().number == 1
