"""Effects and entries are read in groups, from where a comparison asks them."""

from datetime import timedelta

import pytest

from cases.memory.models import Case
from cases.reconciliation import selectors
from cases.tools.types import CallState
from tests.cases.tools.conftest import World
from tests.factories.cases import make_case


def ids(since_hours: float | None, world: World) -> dict[str, set[str]]:
    since = None if since_hours is None else world.clock() - timedelta(hours=since_hours)
    found: dict[str, set[str]] = {}
    for chunk in selectors.effects_since(since):
        for effect in chunk:
            found.setdefault(effect.kind, set()).add(effect.id)
    return found


def test_everything_is_read_or_what_is_new(world: World) -> None:
    old = world.propose()
    world.clock.tick(5 * 3600)
    new = world.propose("refund_order", {"order_id": "#W1", "amount": 900.0})
    assert ids(None, world)["tool_call"] == {str(old.public_id), str(new.public_id)}
    assert ids(1, world)["tool_call"] == {str(new.public_id)}
    assert ids(1, world)["approval"] == {new.approval_id_text}

    assert world.execute(old) is CallState.SUCCEEDED
    assert str(old.public_id) in ids(1, world)["tool_call"]


def test_groups_join_to_everything(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        make_case(world.queue)
    whole = ids(None, world)["case"]
    monkeypatch.setattr(selectors, "CHUNK", 2)
    assert ids(None, world)["case"] == whole
    assert len(whole) == Case.objects.count() == 6
    subjects = [
        subject
        for group in selectors.subjects_since(0, selectors.newest_entry())
        for _kind, subject in group
    ]
    assert str(world.case.public_id) in subjects


def test_the_entries_of_a_subject_come_in_their_order(world: World) -> None:
    call = world.propose()
    world.execute(call)
    seen = selectors.seen_of([str(call.public_id)])[str(call.public_id)]
    assert [each.place for each in seen] == sorted(each.place for each in seen)
    assert [each.kind for each in seen][:2] == ["decision.recorded", "tool_call.proposed"]


def test_what_is_no_id_is_no_row(world: World) -> None:
    known = selectors.known_ids("case", ["no id", str(world.case.public_id)])
    assert known == {str(world.case.public_id)}
