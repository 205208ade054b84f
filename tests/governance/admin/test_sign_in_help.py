import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.access.factors import has_factor
from governance.access.models import PersonSession, User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from tests.factories.access import make_person
from tests.factories.factors import PASSWORD, give_factor, give_password, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/admin/signing-in/"


@pytest.fixture
def maren() -> User:
    return give_password(make_person("maren", first_name="Maren", roles=[Role.SUPERVISOR]))


@pytest.fixture
def admin() -> Client:
    give_password(make_person("admin", roles=[Role.ADMINISTRATOR]))
    return sign_in("admin").client


def act(client: Client, person: User, name: str, reason: str = "asked me") -> str:
    answer = client.post(f"{PAGE}{person.public_id}/{name}/", {"reason": reason})
    return str(answer.url)


def test_who_manages_access_sees_and_lets_in_who_is_locked_out(admin: Client, maren: User) -> None:
    assert "Nobody is locked out" in admin.get(PAGE).content.decode()
    for _ in range(8):
        sign_in("maren", "no")
    text = " ".join(admin.get(PAGE).content.decode().split())
    assert "1 person is locked out" in text
    assert "8 wrong tries from 127.0.0.1, until" in text
    assert act(admin, maren, "unlock", " ") == PAGE
    assert sign_in("maren").status_code == 429
    act(admin, maren, "unlock")
    assert sign_in("maren").status_code == 302
    assert LedgerEntry.objects.filter(kind="user.unlocked").count() == 1


def test_a_second_factor_is_reset_only_right_after_a_proof(admin: Client, maren: User) -> None:
    give_factor(maren)
    session = admin.session
    del session["orchestra_proof"]
    session.save()
    assert act(admin, maren, "reset") == "/admin/account/prove/?to=sign_in_help"
    assert has_factor(maren)
    admin.post("/admin/account/prove/?to=sign_in_help", {"password": PASSWORD})
    assert act(admin, maren, "reset") == PAGE
    assert not has_factor(maren)
    assert LedgerEntry.objects.filter(kind="second_factor.reset").count() == 1


def test_sign_ins_of_another_end_with_a_reason(admin: Client, maren: User) -> None:
    sign_in("maren")
    act(admin, maren, "end", "")
    assert PersonSession.objects.filter(person=maren).exists()
    act(admin, maren, "end")
    assert not PersonSession.objects.filter(person=maren).exists()


def test_nobody_else_finds_the_page(maren: User) -> None:
    client = sign_in("maren").client
    assert client.get(PAGE).status_code == 404
    assert client.post(f"{PAGE}{maren.public_id}/unlock/", {"reason": "me"}).status_code == 404


def test_what_is_not_there_is_not_found(admin: Client, maren: User) -> None:
    assert admin.post(f"{PAGE}{maren.public_id}/other/", {}).status_code == 404


def test_the_page_asks_no_more_where_more_people_are(admin: Client) -> None:
    seen = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            admin.get(PAGE)
        seen.append(len(captured))
        for _ in range(5):
            give_factor(make_person())
    assert seen[0] == seen[1]
