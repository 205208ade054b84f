"""Signing in by the centre's identity provider, over real HTTP against a small one."""

from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from governance.access.factors import has_factor
from governance.access.models import User
from governance.access.proof import find_proof, is_fresh
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from tests.factories.access import make_person
from tests.factories.factors import code_of, give_factor
from tests.factories.issuer import Issuer, other_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def maren() -> User:
    return make_person("maren", roles=[Role.SUPERVISOR], email="Maren@example.com")


def is_in(client: Client) -> bool:
    return bool(client.get("/admin/").status_code == 200)


def kinds() -> list[str]:
    return list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True))


class TestIn:
    def test_a_verified_address_links_once_and_the_subject_counts_from_then_on(
        self, issuer: Issuer, maren: User
    ) -> None:
        client = Client()
        assert "Sign in by Centre ID" in client.get("/admin/login/").content.decode()
        answer = issuer.sign_in(client, next="/admin/policies/")
        assert answer.url == "/admin/policies/"
        assert is_in(client)
        assert kinds() == ["user.identity_linked", "user.signed_in"]
        [entry] = LedgerEntry.objects.filter(kind="user.signed_in")
        assert dict(payload_of(entry=entry) or {})["how"] == "identity"
        account = SocialAccount.objects.get()
        assert (account.user, account.extra_data) == (maren, {})
        assert "maren-at-the-centre" not in account.uid
        maren.email = "another@example.com"
        maren.save()
        assert issuer.sign_in(Client()).url == "/admin/"
        assert kinds() == ["user.identity_linked", "user.signed_in", "user.signed_in"]

    def test_what_is_asked_is_bound_to_this_session(self, issuer: Issuer, maren: User) -> None:
        del maren
        issuer.begin(Client())
        asked = issuer.asked
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["nonce"]) >= 32
        assert asked["redirect_uri"] == "http://testserver/admin/login/centre/callback/"
        assert set(asked["scope"].split()) == {"openid", "profile", "email"}

    def test_it_proves_enough_to_set_up_a_second_factor_and_for_nothing_else(
        self, issuer: Issuer, maren: User
    ) -> None:
        maren.set_unusable_password()
        maren.save()
        client = Client()
        issuer.sign_in(client)
        proof = find_proof(client.get("/admin/").wsgi_request)
        assert proof is not None
        assert proof.method == "identity"
        assert not is_fresh(proof, now=proof.at)
        setting_up = "/admin/account/second-factor/set-up/"
        assert client.get(setting_up).status_code == 200
        secret = client.session["orchestra_new_factor"]
        assert "It is on." in client.post(setting_up, {"code": code_of(secret)}).content.decode()
        asked = client.post("/admin/account/second-factor/remove/")
        assert asked.url == "/admin/account/prove/?to=second_factor"
        assert has_factor(maren)

    def test_a_second_factor_is_asked_here_too(self, issuer: Issuer, maren: User) -> None:
        secret = give_factor(maren)
        client = Client()
        assert issuer.sign_in(client).url == "/admin/login/code/"
        assert not is_in(client)
        client.post("/admin/login/code/", {"code": code_of(secret)})
        assert is_in(client)

    def test_signing_out_leads_to_the_issuers_own(self, issuer: Issuer, maren: User) -> None:
        del maren
        client = Client()
        issuer.sign_in(client)
        assert client.get("/admin/logout/").status_code == 405
        out = client.post("/admin/logout/")
        assert out.url.startswith(f"{issuer.url}/logout?client_id=orchestra&post_logout")
        assert not is_in(client)

    def test_an_address_that_only_the_issuers_other_page_tells(
        self, issuer: Issuer, maren: User
    ) -> None:
        del maren
        issuer.claims = {"email": None, "email_verified": None}
        issuer.config = {"userinfo_endpoint": f"{issuer.url}/userinfo"}
        told = {"email": "maren@example.com", "email_verified": True}
        issuer.userinfo = {"sub": "somebody-else", **told}
        assert issuer.sign_in(Client()).status_code == 403
        issuer.userinfo = {"sub": "maren-at-the-centre", **told}
        assert issuer.sign_in(Client()).url == "/admin/"


BAD_TOKENS: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "another reader": {"claims": {"aud": "another-client"}},
    "handed on by another reader": {"claims": {"azp": "another-client"}},
    "another issuer": {"claims": {"iss": "http://127.0.0.1:1"}},
    "over": {"claims": {"exp": 1}},
    "never over": {"claims": {"exp": None}},
    "nobody": {"claims": {"sub": None}},
    "another key": {"key": other_key()},
    "a signature of the shared secret": {"algorithm": "HS256", "key": "only-for-tests" * 4},
    "no signature": {"algorithm": "none", "key": ""},
    "an issuer that names another": {"config": {"issuer": "http://127.0.0.1:1"}},
    "a key kept elsewhere": {"config": {"jwks_uri": "http://127.0.0.1:1/jwks"}},
}


class TestRefused:
    @pytest.mark.parametrize("wrong", list(BAD_TOKENS))
    def test_what_is_not_to_be_believed(self, issuer: Issuer, maren: User, wrong: str) -> None:
        del maren
        client = Client()
        state = issuer.begin(client)
        for name, value in BAD_TOKENS[wrong].items():
            setattr(issuer, name, value)
        answer = issuer.come_back(client, state)
        assert answer.status_code in {403, 503}
        assert "Not signed in" in answer.content.decode()
        assert not is_in(client)
        assert not SocialAccount.objects.exists()
        assert kinds() == []

    def test_a_state_of_another_session_or_spent(self, issuer: Issuer, maren: User) -> None:
        del maren
        client, thief = Client(), Client()
        state = issuer.begin(client)
        assert issuer.come_back(thief, state).status_code == 403
        assert not is_in(thief)
        assert issuer.come_back(client, state).status_code == 302
        assert issuer.come_back(Client(), state).status_code == 403
        assert issuer.answers == [200]

    def test_a_code_without_its_verifier_is_worth_nothing(
        self, issuer: Issuer, maren: User
    ) -> None:
        del maren
        client = Client()
        state = issuer.begin(client)
        issuer.asked["code_challenge"] = "another"
        assert issuer.come_back(client, state).status_code == 403
        assert issuer.answers == [400]
        assert not is_in(client)

    def test_an_unknown_person_an_unverified_and_a_shared_address(self, issuer: Issuer) -> None:
        assert "nobody here has it" in issuer.sign_in(Client()).content.decode()
        make_person("maren", email="maren@example.com")
        issuer.claims = {"email_verified": False}
        assert issuer.sign_in(Client()).status_code == 403
        issuer.claims = {}
        make_person("twin", email="MAREN@example.com")
        assert issuer.sign_in(Client()).status_code == 403
        assert kinds() == []
        assert User.objects.count() == 2

    def test_a_disabled_person_linked_or_not(self, issuer: Issuer, maren: User) -> None:
        maren.is_active = False
        maren.save()
        assert "Your access is disabled" in issuer.sign_in(Client()).content.decode()
        assert not SocialAccount.objects.exists()
        maren.is_active = True
        maren.save()
        issuer.sign_in(Client())
        maren.is_active = False
        maren.save()
        client = Client()
        assert "Your access is disabled" in issuer.sign_in(client).content.decode()
        assert not is_in(client)

    def test_an_issuer_that_does_not_answer(
        self, issuer: Issuer, maren: User, settings: Any
    ) -> None:
        del maren
        settings.ORCHESTRA = {**settings.ORCHESTRA, "IDENTITY_ORIGINS": ()}
        answer = Client().post("/admin/login/centre/")
        assert answer.status_code == 503
        assert "does not answer" in answer.content.decode()
        assert issuer.calls == []

    def test_a_person_who_stops_there(self, issuer: Issuer, maren: User) -> None:
        del maren
        client = Client()
        back = {"error": "access_denied", "state": issuer.begin(client)}
        answer = client.get("/admin/login/centre/callback/", back)
        assert "You stopped it there." in answer.content.decode()

    def test_only_the_button_begins_and_only_the_one_provider_is_there(
        self, issuer: Issuer
    ) -> None:
        del issuer
        assert Client().get("/admin/login/centre/").status_code == 405
        assert Client().post("/admin/login/other/").status_code == 404
        assert Client().post("/admin/login/centre/callback/").status_code == 405


class TestNewPeople:
    def test_who_arrives_holds_nothing(self, issuer: Issuer, settings: Any) -> None:
        settings.ORCHESTRA = {**settings.ORCHESTRA, "IDENTITY_NEW_PEOPLE": True}
        issuer.claims = {"given_name": "Ada", "family_name": "Byron", "preferred_username": "ada"}
        client = Client()
        issuer.sign_in(client)
        person = User.objects.get()
        assert (person.username, person.label, person.email) == (
            "ada", "Ada Byron", "maren@example.com",
        )  # fmt: skip
        assert not person.has_usable_password()
        assert not person.groups.exists()
        assert not person.is_staff
        assert "no role yet" in client.get("/admin/").content.decode()
        assert kinds() == ["user.arrived", "user.identity_linked", "user.signed_in"]


def test_without_an_issuer_there_is_no_such_way_in() -> None:
    assert "Sign in by" not in Client().get("/admin/login/").content.decode()
    assert Client().post("/admin/login/centre/").status_code == 404
