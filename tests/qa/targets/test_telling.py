"""Who is told of a target that is not kept."""

from datetime import UTC, datetime

import pytest

from governance.access.types import Role
from governance.notifications.types import Happened
from qa.targets import entries
from qa.targets.selectors import is_open
from qa.targets.services import publish_target
from qa.targets.telling import RULES
from tests.factories.access import FACTORY, make_person
from tests.factories.targets import make_alert, target

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)


def test_the_people_of_the_owning_role_are_told_until_somebody_answers() -> None:
    owner, _other = (make_person(roles=[role]) for role in (Role.SUPERVISOR, Role.QA_LEAD))
    version = publish_target(actor=FACTORY, now=NOW, document=target(owner="supervisor"))
    alert = make_alert(version, NOW)
    happened = Happened(1, "e", entries.OPENED, NOW, "", "", "outcome_alert", str(alert.public_id))
    tell = RULES[entries.OPENED].tell
    assert tell is not None
    told = tell(happened, NOW)
    assert told is not None
    assert [one.person_id for one in told.people] == [str(owner.public_id)]
    assert (told.label, told.page, told.page_id) == (
        "Few come back",
        "outcome_alert",
        str(alert.public_id),
    )
    assert is_open(str(alert.public_id))
    alert.state = "acknowledged"
    alert.save(update_fields=["state"])
    assert tell(happened, NOW) is None
    assert not is_open(str(alert.public_id))
