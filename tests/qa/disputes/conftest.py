"""A review that was handed in, of a person's chat with an AI agent beside them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from governance.access.models import User
from governance.access.types import Role
from qa.disputes.services import release_review
from qa.reviewing.models import Review
from tests.conftest import NOW
from tests.factories.access import make_agent, make_person
from tests.factories.sampled import make_review, make_unit

VALUES = {
    "identity_confirmed": "yes",
    "change_made": "no",
    "told_what_happened": "yes",
    "policy_followed": "no",
    "nothing_asked_twice": "yes",
    "next_step_known": "yes",
    "tone": "4",
    "notes": "complete",
}


@dataclass
class Scene:
    """Who takes part; ``lead`` releases, ``second`` is the other one who may decide."""

    agent: User
    owner: User
    reviewer: User
    lead: User
    second: User
    review: Review

    def release(self) -> Review:
        self.review = release_review(
            actor=self.lead.as_actor(), now=NOW, review_id=self.review.public_id
        )
        return self.review


@pytest.fixture
def scene(shipped: None) -> Scene:
    del shipped
    agent = make_person("clerk", roles=[Role.HUMAN_AGENT])
    owner = make_person("owner")
    reviewer = make_person("reviewer", roles=[Role.QA_LEAD])
    leads = [make_person(name, roles=[Role.QA_LEAD]) for name in ("lead-1", "lead-2")]
    bot = make_agent(owner=owner)
    unit = make_unit(workers=[f"human:{agent.public_id}", f"agent:{bot.public_id}"])
    review = make_review(
        unit,
        reviewer=reviewer,
        at=NOW - timedelta(days=1),
        percent="1200/17",
        passed=False,
        answers={
            key: {"value": value, "quotes": [], "comment": ""} for key, value in VALUES.items()
        },
    )
    return Scene(agent, owner, reviewer, leads[0], leads[1], review)


Act = Callable[..., Any]


@pytest.fixture
def act() -> Act:
    """Call a service as a person, now unless told otherwise."""

    def call(service: Any, person: User, **more: Any) -> Any:
        return service(**{"actor": person.as_actor(), "now": NOW, **more})

    return call
