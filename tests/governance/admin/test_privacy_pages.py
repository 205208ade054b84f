"""Holds and erasures as pages: two people each, states in words, clear answers to what is wrong."""

import pytest
from django.test import Client

from cases.memory.models import Case
from governance import tasks
from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from governance.privacy.models import Erasure, LegalHold
from orchestra.core import clock
from orchestra.core.clock import rfc3339
from tests.factories.access import make_person
from tests.factories.cases import make_case, make_customer, make_message
from tests.governance.admin.test_changes import sign_in, text_of

pytestmark = pytest.mark.django_db
HOLDS, ERASURES = "/admin/legal-holds/", "/admin/erasures/"


@pytest.fixture
def ilse(db: None) -> User:
    del db
    return make_person("ilse", roles=[Role.COMPLIANCE_OFFICER], first_name="Ilse")


@pytest.fixture
def oda(db: None) -> User:
    del db
    return make_person("oda", roles=[Role.ADMINISTRATOR], first_name="Oda")


@pytest.fixture
def case(db: None) -> Case:
    del db
    found = make_case(
        customer=make_customer("mia_1"), status="closed", closed_at=clock.now(), subject="A return"
    )
    make_message(found, "I live at 12 Elm Street.")
    return found


def proved(person: User) -> Client:
    client = sign_in(person)
    session = client.session
    session["orchestra_proof"] = {
        "at": rfc3339(clock.now()),
        "method": "password",
        "person": str(person.public_id),
    }
    session.save()
    return client


def post(client: Client, path: str, **typed: str) -> tuple[int, str]:
    answer = client.post(path, typed, follow=True)
    return answer.status_code, " ".join(answer.content.decode().split())


def place(person: User, text: str, **typed: str) -> tuple[int, str]:
    given = {"scope": "case", "text": text, "reason": "Claim", "reference": "4 O 12/26", **typed}
    return post(sign_in(person), f"{HOLDS}place/", **given)


def test_a_hold_goes_through_the_hands_of_two(case: Case, ilse: User, oda: User) -> None:
    assert "No hold is in force." in text_of(sign_in(ilse), HOLDS)
    status, page = place(ilse, case.label)
    hold = LegalHold.objects.get()
    act = f"{HOLDS}{hold.public_id}/"
    assert status == 200
    assert "It blocks from now on." in page
    assert "You placed it, so another person confirms it." in page
    assert "waits for a second person" in page
    banner = text_of(sign_in(ilse), f"/admin/cases/{case.public_id}/")
    assert "Under legal hold since" in banner
    assert hold.number in banner
    assert "another person decides" in post(sign_in(ilse), f"{act}confirm/")[1]
    assert "Only two people can end it now." in post(sign_in(oda), f"{act}confirm/")[1]
    assert "goes on blocking" in post(sign_in(oda), f"{act}ask-lift/", reason="Settled")[1]
    assert "You asked for it, so another person agrees." in text_of(sign_in(oda), HOLDS)
    assert "Show that it is you" in post(sign_in(ilse), f"{act}lift/")[1]
    page = post(proved(ilse), f"{act}lift/")[1]
    assert "lifted by two people" in page
    assert "Under legal hold" not in text_of(sign_in(ilse), f"/admin/cases/{case.public_id}/")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": "C-999999"}, "There is no such customer or case. Nothing was changed."),
        ({"text": ""}, "There is no such customer or case."),
        ({"text": "x" * 5000}, "There is no such customer or case."),
        ({"reason": ""}, "Say why; the reason goes on record."),
        ({"scope": "span", "begins_at": "2026-13-40T99:99"}, "Give the first and the last moment"),
    ],
)
def test_a_hold_on_what_is_not_there_gets_a_clear_answer(
    case: Case, ilse: User, typed: dict[str, str], said: str
) -> None:
    status, page = place(ilse, **{"text": case.label, **typed})
    assert (status, LegalHold.objects.count()) == (422, 0)
    assert said in page
    assert "4 O 12/26" in page


def test_an_erasure_is_previewed_asked_confirmed_and_certified(
    case: Case, ilse: User, oda: User
) -> None:
    client = sign_in(ilse)
    before = LedgerEntry.objects.count()
    status, page = post(client, ERASURES, text="mia_1")
    assert (status, LedgerEntry.objects.count()) == (200, before)
    assert "Messages" in page
    assert f"What an erasure of Customer {case.customer_id} would take" in page
    status, page = post(
        client, f"{ERASURES}ask/", text="mia_1", basis="objection", reference="DSR 7"
    )
    erasure = Erasure.objects.get()
    act = f"{ERASURES}{erasure.public_id}/"
    assert "Another person confirms it; nothing is erased before." in page
    assert "mia_1" not in page
    assert "You asked for this, so another person confirms it." in text_of(client, act)
    assert "Show that it is you" in post(sign_in(oda), f"{act}confirm/")[1]
    assert "Confirmed. It is carried out now." in post(proved(oda), f"{act}confirm/")[1]
    tasks.erase(erasure.pk)
    page = text_of(client, act)
    assert "certificate of erasure" in page
    assert "What stays, and why" in page
    assert "12 Elm Street" not in text_of(client, f"/admin/cases/{case.public_id}/?unmasked=1")


def test_an_erasure_that_something_stands_against_says_what(case: Case, ilse: User) -> None:
    place(ilse, case.label)
    hold = LegalHold.objects.get()
    page = post(sign_in(ilse), ERASURES, text="mia_1")[1]
    assert "Under legal hold. Nothing can be erased until it is lifted." in page
    assert hold.number in page
    assert "Ask for the erasure" not in page
    typed = {"text": "mia_1", "basis": "objection", "reference": "DSR 7"}
    status, page = post(sign_in(ilse), f"{ERASURES}ask/", **typed)
    assert (status, Erasure.objects.count()) == (422, 0)
    assert f"is under legal hold {hold.number}" in page
    [refused] = LedgerEntry.objects.filter(kind="act.refused")
    told = payload_of(entry=refused) or {}
    assert (told["act"], told["code"]) == ("erasure.ask", "privacy.under_hold")


def test_nobody_by_that_name_changes_nothing(ilse: User) -> None:
    status, page = post(sign_in(ilse), ERASURES, text="nobody")
    assert status == 422
    assert "There is no such customer or case. Nothing was changed." in page


def test_who_does_not_verify_the_ledger_finds_neither(db: None) -> None:
    del db
    client = sign_in(make_person("vera", roles=[Role.SUPERVISOR]))
    assert [client.get(path).status_code for path in (HOLDS, ERASURES)] == [404, 404]
