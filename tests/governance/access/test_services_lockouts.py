from typing import Any

import pytest
from axes.models import AccessAttempt

from governance.access.lockout import list_locked, seconds_left
from governance.access.models import User
from governance.access.services import unlock
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from orchestra.core import clock
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.factories.access import make_person
from tests.factories.factors import give_password, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def maren() -> User:
    person = give_password(make_person("maren"))
    for login in ("maren", "nobody"):
        for _ in range(8):
            sign_in(login, "no")
    return person


@pytest.fixture
def admin() -> Any:
    return make_person("admin", roles=[Role.ADMINISTRATOR])


def test_who_is_locked_out_is_listed_by_name_with_the_end(maren: User) -> None:
    [locked] = list_locked(now=clock.now())
    assert (locked.person, locked.tries, locked.address) == (maren, 8, "127.0.0.1")
    assert 0 < (locked.until - clock.now()).total_seconds() <= 900
    assert seconds_left(login="someone", address="10.0.0.1", now=clock.now()) == 900


def test_a_few_wrong_tries_lock_nobody_out() -> None:
    give_password(make_person("maren"))
    sign_in("maren", "no")
    assert list_locked(now=clock.now()) == []


def test_an_administrator_lets_somebody_in_with_a_reason(maren: User, admin: User) -> None:
    assert sign_in("maren").status_code == 429
    unlock(actor=admin.as_actor(), now=clock.now(), person=maren, reason="it was them")
    assert sign_in("maren").status_code == 302
    [entry] = LedgerEntry.objects.filter(kind="user.unlocked")
    assert dict(payload_of(entry=entry) or {})["reason"] == "it was them"
    with pytest.raises(ConflictError):
        unlock(actor=admin.as_actor(), now=clock.now(), person=maren, reason="again")


def test_nobody_else_does_and_no_reason_is_no_reason(maren: User, admin: User) -> None:
    other = make_person("other", roles=[Role.SUPERVISOR])
    now = clock.now()
    with pytest.raises(NotPermittedError):
        unlock(actor=other.as_actor(), now=now, person=maren, reason="please")
    with pytest.raises(InvalidInputError):
        unlock(actor=admin.as_actor(), now=now, person=maren, reason=" ")
    maren.groups.add(*admin.groups.all())
    with pytest.raises(NotPermittedError):
        unlock(actor=maren.as_actor(), now=now, person=maren, reason="me")
    assert AccessAttempt.objects.filter(username="maren").exists()
    assert not LedgerEntry.objects.filter(kind="user.unlocked").exists()
