import re

import pytest
from django.test import Client

from governance.access.factors import has_factor
from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from tests.factories.access import make_person
from tests.factories.factors import PASSWORD, code_of, give_factor, give_password, recovery_codes_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/account/second-factor/"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def maren() -> User:
    return give_password(make_person("maren", roles=[Role.SUPERVISOR]))


@pytest.fixture
def client(maren: User) -> Client:
    made = Client()
    made.force_login(maren, BACKEND)
    return made


def test_setting_up_asks_for_a_proof_then_shows_the_picture_and_the_codes_once(
    client: Client, maren: User
) -> None:
    assert "No second factor yet" in client.get(PAGE).content.decode()
    asked = client.get(f"{PAGE}set-up/")
    assert asked.url == "/admin/account/prove/?to=second_factor_set_up"
    proved = client.post(asked.url, {"password": PASSWORD})
    assert proved.url == f"{PAGE}set-up/"
    page = client.get(proved.url)
    text = page.content.decode()
    assert 'src="data:image/svg+xml;base64,' in text
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert "img-src 'self' data:" in page.headers["Content-Security-Policy"]
    key = re.search(r'id="factor-key">([^<]+)<', text)
    assert key is not None
    secret = key[1].replace(" ", "")
    wrong = client.post(proved.url, {"code": "000000"}).content.decode()
    assert "That is not the code the app shows now." in wrong
    assert secret in wrong.replace(" ", "")
    assert not has_factor(maren)
    shown = client.post(proved.url, {"code": code_of(secret)})
    codes = re.findall(r'<li class="mono">(\d{4} \d{4})</li>', shown.content.decode())
    assert [code.replace(" ", "") for code in codes] == recovery_codes_of(maren)
    assert "no-store" in shown.headers["Cache-Control"]
    after = client.get(PAGE).content.decode()
    assert "Your second factor is set up" in after
    assert codes[0] not in after
    assert client.get(f"{PAGE}set-up/").url == PAGE


def test_new_codes_and_removing_ask_for_a_code_first(client: Client, maren: User) -> None:
    secret = give_factor(maren)
    for act in ("codes", "remove"):
        assert client.post(f"{PAGE}{act}/").url == "/admin/account/prove/?to=second_factor"
    assert has_factor(maren)
    proved = client.post("/admin/account/prove/?to=second_factor", {"code": code_of(secret)})
    assert proved.url == PAGE
    old = recovery_codes_of(maren)
    shown = client.post(f"{PAGE}codes/").content.decode()
    assert "Keep these new codes" in shown
    assert old[0][:4] + " " + old[0][4:] not in shown
    assert client.post(f"{PAGE}remove/").url == PAGE
    assert not has_factor(maren)
    assert LedgerEntry.objects.filter(kind="second_factor.removed").count() == 1
    before = LedgerEntry.objects.filter(kind="second_factor.recovery_codes_made").count()
    # Removed meanwhile in another window: told, nothing made.
    assert client.get(PAGE).status_code == 200
    assert before == 1


def test_the_way_back_leads_only_to_pages_that_ask(client: Client) -> None:
    to = "/admin/account/prove/?to=//evil.example"
    assert client.post(to, {"password": PASSWORD}).url == PAGE
