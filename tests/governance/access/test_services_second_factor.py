from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.test import Client

from governance.access.factors import find_factor, has_factor
from governance.access.models import User
from governance.access.services import (
    make_recovery_codes,
    remove_factor,
    reset_factor,
    set_up_factor,
)
from governance.access.types import Role, StepUpProof
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotPermittedError,
    OrchestraError,
)
from tests.factories.access import make_person
from tests.factories.factors import code_of, give_factor, recovery_codes_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def maren() -> User:
    return make_person("maren")


def proof(age: int = 0) -> StepUpProof:
    return StepUpProof(at=clock.now() - timedelta(seconds=age), method="password")


def given(person: User, **more: Any) -> dict[str, Any]:
    return {
        "actor": person.as_actor(),
        "now": clock.now(),
        "person": person,
        "proof": proof(),
        **more,
    }


def kinds() -> list[str]:
    return list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True))


def test_the_first_code_sets_it_up_and_is_spent_by_it(maren: User) -> None:
    secret = generate_totp_secret()
    code = code_of(secret)
    codes = set_up_factor(**given(maren, secret=secret, code=code))
    assert has_factor(maren)
    assert len(set(codes)) == 10
    row = Authenticator.objects.get(user=maren, type="totp")
    assert not row.wrap().validate_code(code)
    assert secret not in str(row.data)
    assert kinds() == ["second_factor.set_up"]
    factor = find_factor(maren)
    assert factor is not None
    assert factor.codes_left == 10


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code": "000000"}, InvalidInputError),
        ({"proof": None}, NotPermittedError),
        ({"proof": proof(600)}, NotPermittedError),
        ({"actor": "other"}, NotPermittedError),
    ],
)
def test_it_is_not_set_up_without_code_proof_and_person(
    maren: User, changed: dict[str, Any], error: type[OrchestraError]
) -> None:
    secret = generate_totp_secret()
    if "actor" in changed:
        changed = {"actor": make_person("other", roles=[Role.ADMINISTRATOR]).as_actor()}
    with pytest.raises(error):
        set_up_factor(**{**given(maren, secret=secret, code=code_of(secret)), **changed})
    assert not Authenticator.objects.exists()
    assert kinds() == []


def test_it_is_set_up_once(maren: User) -> None:
    give_factor(maren)
    secret = generate_totp_secret()
    with pytest.raises(ConflictError):
        set_up_factor(**given(maren, secret=secret, code=code_of(secret)))
    assert kinds() == []


def test_new_recovery_codes_make_the_old_ones_worthless(maren: User) -> None:
    give_factor(maren)
    old = recovery_codes_of(maren)
    new = make_recovery_codes(**given(maren))
    assert not set(old) & set(new)
    assert recovery_codes_of(maren) == new
    assert kinds() == ["second_factor.recovery_codes_made"]
    with pytest.raises(NotPermittedError):
        make_recovery_codes(**given(maren, proof=None))
    assert recovery_codes_of(maren) == new


def test_removing_takes_the_recovery_codes_too(maren: User) -> None:
    give_factor(maren)
    with pytest.raises(NotPermittedError):
        remove_factor(**given(maren, proof=proof(600)))
    assert has_factor(maren)
    remove_factor(**given(maren))
    assert not Authenticator.objects.exists()
    assert kinds() == ["second_factor.removed"]
    with pytest.raises(ConflictError):
        remove_factor(**given(maren))
    with pytest.raises(ConflictError):
        make_recovery_codes(**given(maren))


def test_an_administrator_resets_that_of_another_and_ends_their_sign_ins(maren: User) -> None:
    give_factor(maren)
    client = Client()
    client.force_login(maren, "django.contrib.auth.backends.ModelBackend")
    admin = make_person("admin", roles=[Role.ADMINISTRATOR])
    reset_factor(**given(maren, actor=admin.as_actor(), reason=" lost phone "))
    assert not has_factor(maren)
    assert client.get("/admin/").status_code == 302
    assert kinds() == ["second_factor.reset", "session.ended"]


@pytest.mark.parametrize(
    ("who", "changed", "error"),
    [
        ("admin", {"reason": " "}, InvalidInputError),
        ("admin", {"proof": None}, NotPermittedError),
        ("supervisor", {}, NotPermittedError),
        ("maren", {}, NotPermittedError),
    ],
)
def test_nobody_resets_without_right_reason_and_proof_or_their_own(
    maren: User, who: str, changed: dict[str, Any], error: type[OrchestraError]
) -> None:
    give_factor(maren)
    maren.groups.add(*make_person("admin", roles=[Role.ADMINISTRATOR]).groups.all())
    make_person("supervisor", roles=[Role.SUPERVISOR])
    actor = User.objects.get(username=who).as_actor()
    with pytest.raises(error):
        reset_factor(**{**given(maren, actor=actor, reason="lost phone"), **changed})
    assert has_factor(maren)
    assert kinds() == []
