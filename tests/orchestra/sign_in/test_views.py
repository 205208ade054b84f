from typing import Any

import pytest
from django.test import Client

from governance.access.models import PersonSession, User
from governance.access.proof import find_proof
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from tests.factories.access import make_person
from tests.factories.factors import (
    PASSWORD,
    code_of,
    give_factor,
    give_password,
    recovery_codes_of,
    sign_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def maren() -> User:
    return give_password(make_person("maren", roles=[Role.SUPERVISOR]))


def is_in(client: Client) -> bool:
    return bool(client.get("/admin/").status_code == 200)


def entries(kind: str) -> list[dict[str, Any]]:
    return [
        dict(payload_of(entry=row) or {})
        for row in LedgerEntry.objects.filter(kind=kind).order_by("pk")
    ]


def give_code(client: Client, code: str) -> Any:
    return client.post("/admin/login/code/", {"code": code})


class TestPassword:
    def test_it_leads_in_where_no_second_factor_is_set_up(self, maren: User) -> None:
        answer = sign_in("maren")
        assert answer.url == "/admin/"
        assert is_in(answer.client)
        assert [entry["how"] for entry in entries("user.signed_in")] == ["password"]
        row = PersonSession.objects.get(person=maren)
        assert row.began_at is not None

    def test_the_session_gets_a_new_key_and_knows_its_device(self, maren: User) -> None:
        client = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"})
        client.get("/admin/login/")
        session = client.session
        session["seen"] = "before"
        session.save()
        before = session.session_key
        client.cookies["sessionid"] = before
        sign_in("maren", client=client)
        assert client.session.session_key != before
        assert not PersonSession.objects.filter(session_key=before).exists()
        assert PersonSession.objects.get(person=maren).device == "Firefox on Linux"

    def test_a_wrong_one_says_the_same_for_any_login(self, maren: User) -> None:
        del maren
        wrong, unknown = (sign_in(login, "no").content.decode() for login in ("maren", "nobody"))
        assert "Login or password is not right." in wrong
        assert "Login or password is not right." in unknown
        assert entries("user.signed_in") == []

    def test_it_can_be_switched_off_but_for_who_breaks_the_glass(
        self, maren: User, settings: Any
    ) -> None:
        del maren
        settings.ORCHESTRA = {**settings.ORCHESTRA, "PASSWORD_SIGN_IN": False}
        assert "Login or password is not right." in sign_in("maren").content.decode()
        settings.ORCHESTRA = {**settings.ORCHESTRA, "BREAK_GLASS": frozenset({"maren"})}
        assert is_in(sign_in("maren").client)
        assert [entry["how"] for entry in entries("user.signed_in")] == ["password, emergency"]

    def test_an_address_elsewhere_is_not_followed(self, maren: User) -> None:
        del maren
        form = {"username": "maren", "password": PASSWORD, "next": "https://evil.example/"}
        assert Client().post("/admin/login/", form).url == "/admin/"

    def test_a_disabled_person_stays_out(self, maren: User) -> None:
        client = sign_in("maren").client
        maren.is_active = False
        maren.save()
        assert not is_in(client)
        assert "is not right" in sign_in("maren").content.decode()


class TestSecondFactor:
    def test_the_code_is_asked_and_leads_in(self, maren: User) -> None:
        secret = give_factor(maren)
        answer = sign_in("maren")
        assert answer.url == "/admin/login/code/"
        client = answer.client
        assert not is_in(client)
        page = client.get("/admin/login/code/")
        assert "Your code" in page.content.decode()
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert client.get("/admin/login/").url == "/admin/login/code/"
        assert entries("user.signed_in") == []
        assert give_code(client, code_of(secret)).url == "/admin/"
        assert is_in(client)
        assert [entry["how"] for entry in entries("user.signed_in")] == ["otp"]
        request = client.get("/admin/").wsgi_request
        proof = find_proof(request)
        assert proof is not None
        assert proof.method == "otp"

    def test_a_code_is_good_for_once(self, maren: User) -> None:
        secret = give_factor(maren)
        code = code_of(secret)
        assert give_code(sign_in("maren").client, code).status_code == 302
        second = sign_in("maren").client
        answer = give_code(second, code)
        assert "was used already" in answer.content.decode()
        assert not is_in(second)

    def test_a_code_of_long_ago_and_a_wrong_one_stay_out(self, maren: User) -> None:
        secret = give_factor(maren)
        client = sign_in("maren").client
        assert give_code(client, code_of(secret, steps=-3)).status_code == 200
        assert give_code(client, "000000").status_code == 200
        assert not is_in(client)

    def test_a_recovery_code_works_once_and_is_on_record(self, maren: User) -> None:
        give_factor(maren)
        code = recovery_codes_of(maren)[0]
        client = sign_in("maren").client
        assert give_code(client, code).status_code == 302
        assert is_in(client)
        assert [entry["left"] for entry in entries("second_factor.recovery_code_used")] == [9]
        again = sign_in("maren").client
        assert give_code(again, code).status_code == 200
        assert not is_in(again)

    def test_nobody_gets_to_the_code_without_the_password(self, maren: User) -> None:
        secret = give_factor(maren)
        client = Client()
        assert client.get("/admin/login/code/").url == "/admin/login/"
        assert give_code(client, code_of(secret)).url == "/admin/login/"
        assert not is_in(client)

    def test_somebody_else_can_start_again(self, maren: User) -> None:
        give_factor(maren)
        client = sign_in("maren").client
        assert client.post("/admin/login/code/", {"cancel": "1"}).url == "/admin/login/"
        assert client.get("/admin/login/").status_code == 200
