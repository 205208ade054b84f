"""A small centre to review: two queues, people with roles, an agent with a token."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from governance.access import services as access
from governance.access.models import Queue, User
from governance.access.types import QueueGrant, Role
from governance.access_reviews import services
from governance.access_reviews.models import AccessReview
from orchestra.core import clock
from tests.factories.access import grant, make_agent, make_person, make_queue, make_token


@pytest.fixture
def returns() -> Queue:
    return make_queue("returns", title="Returns")


@pytest.fixture
def accounts() -> Queue:
    return make_queue("accounts", title="Accounts")


@pytest.fixture
def people(db: None, returns: Queue, accounts: Queue) -> dict[str, User]:
    """Ilse and Rafael review; Maren and Jonas vote on Returns, only Maren on Accounts."""
    del db
    votes = [QueueGrant.READ, QueueGrant.VOTE]
    found = {
        "ilse": make_person("ilse", roles=[Role.COMPLIANCE_OFFICER]),
        "rafael": make_person("rafael", roles=[Role.COMPLIANCE_OFFICER]),
        "petra": make_person("petra", roles=[Role.ADMINISTRATOR]),
        "maren": make_person(
            "maren", roles=[Role.SUPERVISOR], grants={returns: votes, accounts: votes}
        ),
        "jonas": make_person("jonas", grants={returns: votes}),
    }
    access.give_role(
        actor=found["petra"].as_actor(),
        now=clock.now() - timedelta(days=100),
        user=found["jonas"],
        role=Role.SPECIALIST,
        reason="Works returns.",
    )
    agent = make_agent("Store assistant", owner=found["jonas"], queues=[returns])
    make_token(agent, expires_at=clock.now() + timedelta(days=30))
    grant(Group.objects.get_or_create(name=Role.HUMAN_AGENT.value)[0], returns, QueueGrant.WORK)
    return found


def start(people: dict[str, User], *reviewers: str, title: str = "Review Q4") -> AccessReview:
    now = clock.now()
    return services.start_review(
        actor=people["ilse"].as_actor(),
        now=now,
        title=title,
        due_at=now + timedelta(days=10),
        reviewer_ids=[people[name].public_id for name in reviewers or ("ilse", "rafael")],
    )
