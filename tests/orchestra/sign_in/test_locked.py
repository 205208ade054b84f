from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client

from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from orchestra.core import clock
from tests.factories.access import make_person
from tests.factories.factors import code_of, give_factor, give_password, sign_in

pytestmark = pytest.mark.django_db
LIMIT = 8


@pytest.fixture
def maren() -> User:
    return give_password(make_person("maren", roles=[Role.SUPERVISOR]))


def lock_outs() -> list[dict[str, Any]]:
    rows = LedgerEntry.objects.filter(kind="user.locked_out")
    return [dict(payload_of(entry=row) or {}) for row in rows]


def lock(login: str) -> Any:
    for _ in range(LIMIT):
        answer = sign_in(login, "no")
    return answer


def test_too_many_wrong_passwords_lock_out_and_say_until_when(maren: User) -> None:
    del maren
    answer = lock("maren")
    assert answer.status_code == 429
    text = answer.content.decode()
    assert "Too many wrong tries" in text
    assert "Try again in 15 minutes." in " ".join(text.split())
    assert 800 < int(answer["Retry-After"]) <= 900
    assert sign_in("maren").status_code == 429
    assert [entry["tries"] for entry in lock_outs()] == [LIMIT]


def test_an_unknown_login_is_answered_alike_and_leaves_no_entry(maren: User) -> None:
    known, unknown = lock(maren.username), lock("nobody")
    assert known.status_code == unknown.status_code == 429
    cut = "csrfmiddlewaretoken"
    assert cut not in known.content.decode()
    assert known.content == unknown.content
    assert len(lock_outs()) == 1


def test_trying_on_does_not_make_it_longer_and_it_ends(maren: User) -> None:
    del maren
    lock("maren")
    assert sign_in("maren", "no").status_code == 429
    past = clock.now() - timedelta(minutes=16)
    assert AccessAttempt.objects.update(attempt_time=past) == 1
    assert sign_in("maren").status_code == 302
    assert len(lock_outs()) == 1


def test_wrong_codes_lock_out_like_wrong_passwords(maren: User) -> None:
    secret = give_factor(maren)
    client = sign_in("maren").client
    for number in range(LIMIT):
        answer = client.post("/admin/login/code/", {"code": f"00000{number}"})
    assert answer.status_code == 429
    right = client.post("/admin/login/code/", {"code": code_of(secret)})
    assert right.status_code == 429
    assert client.get("/admin/").status_code == 302
    assert len(lock_outs()) == 1
    assert "code" not in AccessAttempt.objects.get().post_data.replace("code=****", "")


def test_wrong_proofs_lock_out_on_pages_and_over_rest(maren: User) -> None:
    client = Client()
    client.force_login(maren, "django.contrib.auth.backends.ModelBackend")
    for _ in range(LIMIT):
        answer = client.post("/admin/account/prove/", {"password": "no"})
    assert answer.status_code == 429
    rest = client.post("/api/v1/step-up/", {"password": "no"}, content_type="application/json")
    assert rest.status_code == 403
    assert rest.json()["code"] == "step_up.not_proved"
    assert sign_in("maren").status_code == 429


def test_codes_are_also_limited_by_person_whatever_the_address(maren: User) -> None:
    secret = give_factor(maren)
    for number in range(10):
        client = Client(REMOTE_ADDR=f"10.0.0.{number}")
        sign_in("maren", client=client)
        assert client.post("/admin/login/code/", {"code": "000000"}).status_code == 200
    client = Client(REMOTE_ADDR="10.0.1.1")
    sign_in("maren", client=client)
    assert client.post("/admin/login/code/", {"code": code_of(secret)}).status_code == 200
    assert client.get("/admin/").status_code == 302
