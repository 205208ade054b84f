"""What stays closed without a second factor, where the centre asks for one."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.access.models import User
from governance.access.selectors import authority_of, require
from governance.access.services import give_role
from governance.access.types import Capability, Role
from orchestra.core import clock
from orchestra.core.errors import NotPermittedError
from tests.factories.access import ALL_GRANTS, make_person, make_queue
from tests.factories.factors import give_factor

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def asked(settings: Any) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "REQUIRE_SECOND_FACTOR": True}


@pytest.fixture
def maren() -> User:
    return make_person("maren", roles=[Role.SUPERVISOR], grants={make_queue(): ALL_GRANTS})


def test_nothing_is_withheld_where_the_centre_does_not_ask(maren: User) -> None:
    assert authority_of(maren.as_actor()).withheld == frozenset()


@pytest.mark.usefixtures("asked")
def test_voting_and_reviewing_stay_closed_until_it_is_set_up(maren: User) -> None:
    authority = authority_of(maren.as_actor())
    assert authority.withheld == {Capability.APPROVAL_VOTE, Capability.CHANGE_REVIEW}
    for capability in authority.withheld:
        with pytest.raises(NotPermittedError) as refused:
            require(authority=authority, capability=capability)
        assert refused.value.error_code == "access.second_factor_required"
    require(authority=authority, capability=Capability.APPROVAL_READ)
    give_factor(maren)
    require(authority=authority_of(maren.as_actor()), capability=Capability.CHANGE_REVIEW)


@pytest.mark.usefixtures("asked")
def test_nobody_manages_access_without_and_nothing_changes(maren: User) -> None:
    admin = make_person("admin", roles=[Role.ADMINISTRATOR])
    act = {"actor": admin.as_actor(), "now": clock.now(), "reason": "Joined the team"}
    with pytest.raises(NotPermittedError, match="second factor"):
        give_role(**act, user=maren, role=Role.QA_LEAD)
    assert [group.name for group in maren.groups.all()] == ["supervisor"]
    give_factor(admin)
    assert give_role(**act, user=maren, role=Role.QA_LEAD)


@pytest.mark.usefixtures("asked")
def test_the_pages_say_where_it_is_set_up(maren: User) -> None:
    client = Client()
    client.force_login(maren, BACKEND)
    assert "/admin/account/second-factor/set-up/" in client.get("/admin/policies/").content.decode()
    give_factor(maren)
    text = client.get("/admin/policies/").content.decode()
    assert "/admin/account/second-factor/set-up/" not in text


def test_asking_costs_no_query_more(maren: User, settings: Any) -> None:
    seen = []
    for asks in (False, True):
        settings.ORCHESTRA = {**settings.ORCHESTRA, "REQUIRE_SECOND_FACTOR": asks}
        with CaptureQueriesContext(connection) as captured:
            authority_of(maren.as_actor())
        seen.append(len(captured))
    assert seen == [2, 2]
