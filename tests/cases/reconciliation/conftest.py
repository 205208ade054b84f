"""The world of the tools, with a case that was opened as the ledger tells it."""

import pytest

from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from tests.cases.tools.conftest import World, fresh_registries, make_world, rung
from tests.factories.tools import NOTE, make_tool

__all__ = ["fresh_registries", "rung"]


@pytest.fixture
def world(fresh_registries: None, rung: list[object], db: None) -> World:
    del fresh_registries, rung, db
    made = make_world()
    made.store.orders["#W2"] = dict(made.store.orders["#W1"])
    make_tool({**NOTE, "name": "note_seen", "lookup": True})
    with one_act():
        append_entry(
            actor=made.agent,
            now=made.clock(),
            draft=EntryDraft(
                stream=made.case.stream,
                kind="case.opened",
                subject_kind="case",
                subject_id=str(made.case.public_id),
            ),
        )
    return made
