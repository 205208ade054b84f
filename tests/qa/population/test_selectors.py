"""Units are found by who may read their case, the newest first."""

from datetime import timedelta
from uuid import uuid4

import pytest

from governance.access.models import User
from governance.access.selectors import authority_of
from governance.access.types import Authority, Role
from orchestra.core.errors import NotFoundError
from qa.population.selectors import get_unit, list_units
from tests.factories.access import MADE_AT, make_person
from tests.factories.sampled import make_unit

pytestmark = pytest.mark.django_db


def authority(person: User) -> Authority:
    return authority_of(person.as_actor())


def test_who_reads_every_case_sees_all_the_newest_first() -> None:
    lead = authority(make_person(roles=[Role.QA_LEAD]))
    early, late = make_unit(), make_unit(ended_at=MADE_AT + timedelta(days=1))
    assert list(list_units(authority=lead)) == [late, early]
    assert get_unit(authority=lead, unit_id=early.public_id) == early
    with pytest.raises(NotFoundError):
        get_unit(authority=lead, unit_id=uuid4())


def test_a_unit_of_a_case_one_may_not_read_is_not_found() -> None:
    supervisor, unit = authority(make_person(roles=[Role.SUPERVISOR])), make_unit()
    assert not list_units(authority=supervisor).exists()
    with pytest.raises(NotFoundError):
        get_unit(authority=supervisor, unit_id=unit.public_id)
