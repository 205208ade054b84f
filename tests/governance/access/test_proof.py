from typing import Any

import pytest
from django.test import Client

from governance.access.models import PersonSession, User
from governance.access.proof import find_proof
from governance.access.types import Role
from tests.factories.access import make_person
from tests.factories.factors import PASSWORD, code_of, give_factor, give_password

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def maren() -> User:
    return give_password(make_person("maren", roles=[Role.SUPERVISOR]))


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, BACKEND)
    return client


def method(client: Client) -> Any:
    found = find_proof(client.get("/admin/").wsgi_request)
    return found.method if found else None


def test_a_password_proves_who_has_no_second_factor(maren: User) -> None:
    client = signed_in(maren)
    assert method(client) is None
    before = client.session.session_key
    assert client.post("/admin/account/prove/", {"password": PASSWORD}).status_code == 302
    assert method(client) == "password"
    assert client.session.session_key != before
    assert not PersonSession.objects.filter(session_key=before).exists()


def test_whoever_has_a_second_factor_proves_it_by_a_code_and_nothing_less(maren: User) -> None:
    secret = give_factor(maren)
    client = signed_in(maren)
    page = client.get("/admin/account/prove/").content.decode()
    assert 'name="code"' in page
    assert 'name="password"' not in page
    refused = client.post("/admin/account/prove/", {"password": PASSWORD})
    assert "That code is not right" in refused.content.decode()
    assert method(client) is None
    code = code_of(secret)
    assert client.post("/admin/account/prove/", {"code": code}).status_code == 302
    assert method(client) == "otp"
    again = client.post("/admin/account/prove/", {"code": code})
    assert "was used already" in again.content.decode()


def test_a_proof_belongs_to_its_person(maren: User) -> None:
    client = signed_in(maren)
    client.post("/admin/account/prove/", {"password": PASSWORD})
    session = client.session
    kept = {**session["orchestra_proof"], "person": str(make_person("other").public_id)}
    session["orchestra_proof"] = kept
    session.save()
    assert method(client) is None


def test_rest_takes_a_code_and_says_which_is_asked(maren: User) -> None:
    secret = give_factor(maren)
    client = signed_in(maren)

    def prove(**body: str) -> Any:
        return client.post("/api/v1/step-up/", body, content_type="application/json")

    refused = prove(password=PASSWORD)
    assert (refused.status_code, refused.json()["data"]) == (403, {"asked": "code"})
    assert prove(code=code_of(secret)).json()["method"] == "otp"
    assert method(client) == "otp"


def test_who_has_no_password_here_is_told_what_to_do() -> None:
    person = make_person("sso")
    person.set_unusable_password()
    person.save()
    page = signed_in(person).get("/admin/account/prove/").content.decode()
    assert "have no password here" in page
