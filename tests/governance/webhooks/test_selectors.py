"""How deliveries stand, and what nobody else reads."""

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access.models import User
from governance.access.selectors import authority_of
from governance.access.types import Role
from governance.webhooks import selectors
from orchestra.core.errors import NotPermittedError
from tests.factories.access import make_person
from tests.factories.webhooks import make_endpoint, make_webhook_delivery

pytestmark = pytest.mark.django_db


def test_how_deliveries_stand_is_one_query_however_many_endpoints(
    petra: User, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one, other = make_endpoint(petra, now), make_endpoint(petra, now)
    hour = timedelta(hours=1)
    make_webhook_delivery(one, now - hour)
    make_webhook_delivery(one, now, state="sending")
    make_webhook_delivery(one, now, state="failed")
    make_webhook_delivery(one, now, state="delivered", ended_at=now + hour)
    with django_assert_num_queries(1):
        found = selectors.standing_by_endpoint([one, other])
    assert found[one.pk] == selectors.Standing(2, 1, 1, now - hour, now + hour)
    assert found[other.pk] == selectors.Standing()


def test_who_may_not_see_who_has_access_sees_no_endpoint(petra: User, now: datetime) -> None:
    make_endpoint(petra, now)
    authority = authority_of(make_person("hugo", roles=[Role.HUMAN_AGENT]).as_actor())
    for read in (selectors.list_endpoints, selectors.list_deliveries):
        with pytest.raises(NotPermittedError):
            read(authority=authority)


def test_only_what_some_endpoint_wants_is_read_from_the_ledger(petra: User, now: datetime) -> None:
    assert selectors.wanted_types() == frozenset()
    make_endpoint(petra, now, event_types=["case.opened", "case.closed"])
    make_endpoint(petra, now, event_types=["case.closed", "step.ready"], state="stopped")
    assert selectors.wanted_types() == {"case.opened", "case.closed"}
