import re

import pytest
from django.test import Client

from governance.access.models import PersonSession, User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from tests.factories.access import make_person
from tests.factories.factors import PASSWORD, give_password, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/admin/account/sign-ins/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"
NEW = "another long secret"


@pytest.fixture
def maren() -> User:
    return give_password(make_person("maren", roles=[Role.SUPERVISOR]))


def is_in(client: Client) -> bool:
    return bool(client.get("/admin/").status_code == 200)


def test_the_page_names_devices_and_ends_one_or_all_others(maren: User) -> None:
    del maren
    here = sign_in("maren", client=Client(headers={"User-Agent": FIREFOX})).client
    there, third = sign_in("maren").client, sign_in("maren").client
    text = here.get(PAGE).content.decode()
    assert "You are signed in 3 times" in text
    assert "Firefox on Linux" in text
    assert text.count("this one") == 1
    assert str(there.session.session_key) not in text
    handles = re.findall(r"sign-ins/([0-9a-f]{16})/end/", text)
    assert len(handles) == 2
    for handle in (handles[0], handles[0], "0" * 16):
        assert here.post(f"{PAGE}{handle}/end/").url == PAGE
    assert sorted([is_in(there), is_in(third)]) == [False, True]
    assert here.post(f"{PAGE}end-others/").url == PAGE
    assert not is_in(there)
    assert not is_in(third)
    assert "You are signed in once" in here.get(PAGE).content.decode()
    counts = LedgerEntry.objects.filter(kind="session.ended").count()
    assert counts == 2


def test_nobody_ends_the_sign_in_of_another_by_its_handle(maren: User) -> None:
    del maren
    give_password(make_person("other"))
    theirs = sign_in("maren").client
    sign_in("maren")
    handles = re.findall(r"sign-ins/([0-9a-f]{16})/end/", theirs.get(PAGE).content.decode())
    sign_in("other").client.post(f"{PAGE}{handles[0]}/end/")
    assert PersonSession.objects.filter(person__username="maren").count() == 2


def test_a_new_sign_in_ends_the_oldest_beyond_the_limit(maren: User) -> None:
    del maren
    clients = [sign_in("maren").client for _ in range(6)]
    assert [is_in(client) for client in clients] == [False, *[True] * 5]


def test_a_password_is_changed_in_our_frame_and_ends_the_others(maren: User) -> None:
    here, there = sign_in("maren").client, sign_in("maren").client
    page = here.get("/admin/password_change/")
    assert 'class="sidebar"' in page.content.decode()
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    form = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    wrong = here.post("/admin/password_change/", {**form, "old_password": "no"})
    assert "That is not your password." in wrong.content.decode()
    short = here.post("/admin/password_change/", {**form, "new_password1": "x"})
    assert short.status_code == 200
    maren.refresh_from_db()
    assert maren.check_password(PASSWORD)
    assert is_in(there)
    assert here.post("/admin/password_change/", form).url == PAGE
    assert is_in(here)
    assert not is_in(there)
    maren.refresh_from_db()
    assert maren.check_password(NEW)


def test_who_has_no_password_is_offered_none(maren: User) -> None:
    client = sign_in("maren").client
    maren.set_unusable_password()
    maren.save()
    client.force_login(maren, "django.contrib.auth.backends.ModelBackend")
    assert "have no password here" in client.get("/admin/password_change/").content.decode()
