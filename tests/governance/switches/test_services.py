from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from governance.access.types import Role
from governance.ledger.models import EntryPayload, LedgerEntry
from governance.switches import registry, selectors, services
from governance.switches.models import Stop
from governance.switches.types import Drill, StopScope, Target, Touched
from orchestra.core.actors import Actor, system
from orchestra.core.errors import ConflictError, InvalidInputError, NotFoundError, NotPermittedError
from orchestra.core.fields import uuid7
from orchestra.core.registry import Registry
from tests.factories.access import make_agent, make_person

NOW = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Targets and listeners of this test's own."""
    found: list[datetime] = []
    refunds = registry.TargetSource(
        find=lambda key: Target("refund", "Refund an order") if key == "refund" else None,
        choices=lambda: [Target("refund", "Refund an order")],
    )
    monkeypatch.setattr(registry, "targets", Registry("target"))
    monkeypatch.setattr(registry, "lifted", Registry("listener"))
    registry.targets.register(StopScope.TOOL, refunds)
    registry.lifted.register("test", found.append)
    return found


def someone(role: Role = Role.SUPERVISOR) -> Actor:
    return make_person(roles=[role]).as_actor()


def stop(actor: Actor, **fields: Any) -> Stop:
    wanted = {"scope": StopScope.TOOL, "key": "refund", "reason": "Paid twice.", **fields}
    return services.stop(actor=actor, now=NOW, **wanted)


def kinds() -> list[str]:
    rows = LedgerEntry.objects.filter(kind__startswith="stop.").order_by("pk")
    return list(rows.values_list("kind", flat=True))


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.COMPLIANCE_OFFICER, Role.ADMINISTRATOR])
def test_one_person_stops_at_once_and_lifts_with_a_reason(role: Role, told: list[datetime]) -> None:
    actor = someone(role)
    row = stop(actor)
    assert selectors.find_stop(Touched(tool="refund")) == row
    assert selectors.find_stop(Touched(tool="other")) is None
    assert told == []

    services.lift(actor=actor, now=NOW, stop_id=row.public_id, reason="Fixed.")

    assert selectors.find_stop(Touched(tool="refund")) is None
    assert told == [NOW]
    assert kinds() == ["stop.begun", "stop.lifted"]
    said = EntryPayload.objects.order_by("pk").values_list("body", flat=True)
    assert b"Paid twice." in bytes(said[0])
    assert b"Fixed." in bytes(said[1])


@pytest.mark.parametrize("role", [Role.HUMAN_AGENT, Role.SPECIALIST, Role.POLICY_OWNER])
def test_whoever_lacks_the_capability_changes_nothing(role: Role) -> None:
    row = stop(someone())
    other = someone(role)
    for act in (
        lambda: stop(other, scope=StopScope.EVERYTHING, key=""),
        lambda: services.lift(actor=other, now=NOW, stop_id=row.public_id, reason="x"),
        lambda: services.keep(actor=other, now=NOW, stop_id=row.public_id),
    ):
        with pytest.raises(NotPermittedError):
            act()
    assert list(selectors.in_force()) == [row]
    assert kinds() == ["stop.begun"]


def test_an_agent_stops_nothing_and_is_stopped_by_id_or_name() -> None:
    agent = make_agent("Returns bot")
    with pytest.raises(NotPermittedError):
        stop(agent.as_actor())
    by_name = stop(someone(), scope=StopScope.AGENT, key="Returns bot")
    assert (by_name.key, by_name.label) == (str(agent.public_id), "Returns bot")
    assert selectors.find_stop(Touched(agent=str(agent.public_id), tool="x")) == by_name
    with pytest.raises(ConflictError) as refused:
        stop(someone(), scope=StopScope.AGENT, key=str(agent.public_id))
    assert refused.value.error_code == "stop.stands"
    assert LedgerEntry.objects.get(kind="stop.begun").stream == f"agent:{agent.public_id}"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"key": "nothing"}, "key"),
        ({"scope": StopScope.AGENT, "key": "Nobody"}, "key"),
        ({"scope": StopScope.CUE_SHEET, "key": "refund"}, "key"),
        ({"key": ""}, "key"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
    ],
)
def test_what_is_not_there_and_an_act_without_a_reason_are_refused(
    fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        stop(someone(), **fields)
    assert [one.field for one in refused.value.errors] == [field]
    assert not Stop.objects.exists()


def test_everything_is_lifted_by_two_and_kept_by_one() -> None:
    first, second = someone(), someone(Role.ADMINISTRATOR)
    row = stop(first, scope=StopScope.EVERYTHING, key="")
    asked = services.lift(actor=first, now=NOW, stop_id=row.public_id, reason="Calm again.")
    assert asked.lifted_at is None
    with pytest.raises(NotPermittedError) as refused:
        services.lift(actor=first, now=NOW, stop_id=row.public_id, reason="Still calm.")
    assert refused.value.error_code == "stop.two_people"
    services.keep(actor=second, now=NOW, stop_id=row.public_id)
    with pytest.raises(ConflictError):
        services.keep(actor=second, now=NOW, stop_id=row.public_id)
    services.lift(actor=second, now=NOW, stop_id=row.public_id, reason="Now it is.")
    assert selectors.find_stop(Touched(tool="anything")) is not None
    done = services.lift(actor=first, now=NOW, stop_id=row.public_id, reason="Agreed.")
    assert (done.lift_asked_by_id, done.lifted_by_id) == (second.id, first.id)
    assert selectors.find_stop(Touched(tool="anything")) is None
    assert kinds() == [
        "stop.begun",
        "stop.lift_asked",
        "stop.kept",
        "stop.lift_asked",
        "stop.lifted",
    ]


def test_the_database_itself_asks_for_two() -> None:
    row = stop(someone(), scope=StopScope.EVERYTHING, key="")
    for names in ({"lifted_by_id": "a"}, {"lift_asked_by_id": "a", "lifted_by_id": "a"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Stop.objects.filter(pk=row.pk).update(lifted_at=NOW, **names)
    assert selectors.in_force().get() == row


def test_the_widest_stop_is_the_one_that_is_named() -> None:
    actor = someone()
    stop(actor)
    assert selectors.find_stop(Touched(tool="refund")).scope == StopScope.TOOL  # type: ignore[union-attr]
    stop(actor, scope=StopScope.EVERYTHING, key="")
    assert selectors.find_stop(Touched(tool="refund")).scope == StopScope.EVERYTHING  # type: ignore[union-attr]


def test_a_lifted_stop_is_history_and_can_be_set_again() -> None:
    actor = someone()
    row = stop(actor)
    services.lift(actor=actor, now=NOW, stop_id=row.public_id, reason="Fixed.")
    with pytest.raises(ConflictError):
        services.lift(actor=actor, now=NOW, stop_id=row.public_id, reason="Again.")
    with pytest.raises(NotFoundError):
        services.lift(actor=actor, now=NOW, stop_id=uuid7(), reason="What?")
    again = stop(actor)
    assert again.number != row.number
    assert list(selectors.list_lifted()) == [row]


def test_a_drill_is_recorded_with_what_it_measured() -> None:
    row = stop(system("command"), is_drill=True, reason="A drill.")
    drill = Drill(seconds=0.1254, ran=4, late=1, refused=1, held=8, resumed=8)
    services.record_drill(actor=system("command"), now=NOW, stop=row, drill=drill)
    entry = LedgerEntry.objects.get(kind="stop.drilled")
    body = bytes(EntryPayload.objects.get(entry=entry).body)
    assert b'"seconds":"0.125"' in body
    assert b'"passed":true' in body
    assert b'"held":8' in body
