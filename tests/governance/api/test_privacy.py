"""Holds, erasures and what is held, over REST: the same two people as on the pages."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from governance.access.proof import PASSWORD
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.privacy.models import Erasure, LegalHold
from governance.subject_access.models import SubjectExport
from governance.subject_access.services import build_export
from orchestra.core import clock
from orchestra.core.clock import rfc3339
from tests.factories.access import make_person
from tests.factories.cases import make_case

pytestmark = pytest.mark.django_db
V1 = "/api/v1/"
Ask = Callable[..., Any]


def caller(name: str, role: Role, *, proved: bool = True) -> Ask:
    """Return how a person posts: to an address, with a body, with a key of its own."""
    client, person = Client(), make_person(name, roles=[role])
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    if proved:
        session = client.session
        session["orchestra_proof"] = {
            "at": rfc3339(clock.now()),
            "method": PASSWORD,
            "person": str(person.public_id),
        }
        session.save()

    def ask(path: str, **body: object) -> Any:
        if "get" in body:
            return client.get(f"{V1}{path}")
        headers = {"Idempotency-Key": str(uuid4())}
        return client.post(f"{V1}{path}", json.dumps(body), "application/json", headers=headers)

    return ask


@pytest.fixture
def ilse() -> Ask:
    return caller("ilse", Role.COMPLIANCE_OFFICER)


@pytest.fixture
def oda() -> Ask:
    return caller("oda", Role.ADMINISTRATOR)


def kinds(beginning: str) -> list[str]:
    rows = LedgerEntry.objects.filter(kind__startswith=beginning).order_by("id")
    return list(rows.values_list("kind", flat=True))


class TestHolds:
    def place(self, ask: Ask, text: str) -> Any:
        said = {"scope": "case", "text": text, "reason": "Claim", "reference": "4 O 12/26"}
        return ask("legal-holds/", **said)

    def test_two_people_place_one_and_two_end_it(self, ilse: Ask, oda: Ask) -> None:
        answer = self.place(ilse, make_case().label)
        assert answer.status_code == 201, answer.content
        hold = answer.json()
        assert (hold["state"], hold["asked_by"], hold["confirmed_by"]) == ("asked", "ilse", None)
        page = f"legal-holds/{hold['id']}/"
        assert answer["Location"].endswith(f"{V1}{page}")
        own = ilse(f"{page}confirm/")
        assert (own.status_code, own.json()["code"]) == (403, "privacy.two_people")
        assert oda(f"{page}confirm/").json()["state"] == "standing"
        assert oda(f"{page}ask-lift/", reason="Settled").json()["state"] == "lifting"
        assert ilse(f"{page}keep/").json()["state"] == "standing"
        assert oda(f"{page}ask-lift/", reason="Settled").json()["state"] == "lifting"
        assert oda(f"{page}lift/").status_code == 403
        lifted = ilse(f"{page}lift/").json()
        assert (lifted["state"], lifted["lifted_by"]) == ("lifted", "ilse")
        assert ilse(page, get=True).json() == lifted
        assert ilse("legal-holds/", get=True).json()["results"] == []
        assert ilse("legal-holds/?ended=true", get=True).json()["results"] == [lifted]
        assert kinds("legal_hold.") == [
            "legal_hold.asked",
            "legal_hold.placed",
            "legal_hold.lift_asked",
            "legal_hold.kept",
            "legal_hold.lift_asked",
            "legal_hold.lifted",
        ]

    def test_lifting_without_a_fresh_proof_says_where_it_is_given(self, ilse: Ask) -> None:
        page = f"legal-holds/{self.place(ilse, make_case().label).json()['id']}/"
        oda = caller("oda", Role.ADMINISTRATOR, proved=False)
        oda(f"{page}confirm/")
        ilse(f"{page}ask-lift/", reason="Settled")
        found = oda(f"{page}lift/").json()
        assert (found["status"], found["code"]) == (403, "access.step_up_required")
        assert "Nothing was changed." in found["detail"]
        assert "/api/v1/step-up/" in found["detail"]
        assert LegalHold.objects.get().state == "lifting"

    def test_one_can_be_taken_back_until_it_is_confirmed(self, ilse: Ask, oda: Ask) -> None:
        page = f"legal-holds/{self.place(ilse, make_case().label).json()['id']}/"
        assert ilse(f"{page}withdraw/").json()["state"] == "withdrawn"
        assert oda(f"{page}confirm/").status_code == 409

    def test_what_makes_no_sense_changes_nothing(self, ilse: Ask) -> None:
        assert self.place(ilse, "C-404").status_code == 404
        assert self.place(ilse, "").status_code == 404
        span = {"scope": "span", "reason": "Claim", "reference": "4 O", "begins_at": "yesterday"}
        found = ilse("legal-holds/", **span)
        assert [one["field"] for one in found.json()["errors"]] == ["begins_at"]
        assert ilse("legal-holds/", scope="all").status_code == 422
        assert not LegalHold.objects.exists()


class TestErasures:
    def test_another_person_confirms_what_one_asked_for(self, ilse: Ask, oda: Ask) -> None:
        case = make_case(status="closed", closed_at=clock.now())
        said = {"text": case.label, "basis": "objection", "reference": "DSR-7"}
        answer = ilse("erasures/", **said)
        assert answer.status_code == 201, answer.content
        erasure = answer.json()
        assert (erasure["state"], erasure["number"]) == (
            "asked",
            f"ER-{Erasure.objects.get().pk}",
        )
        assert sum(erasure["previewed"].values()) > 0
        page = f"erasures/{erasure['id']}/"
        again = ilse("erasures/", **said)
        assert (again.status_code, again.json()["code"]) == (409, "privacy.asked_already")
        assert ilse(f"{page}confirm/").json()["code"] == "privacy.two_people"
        confirmed = oda(f"{page}confirm/").json()
        assert (confirmed["state"], confirmed["confirmed_by"]) == ("confirmed", "oda")
        assert ilse(page, get=True).json() == confirmed
        assert ilse("erasures/", get=True).json()["results"] == [confirmed]
        assert ilse(f"{page}withdraw/").status_code == 409
        assert kinds("erasure.") == ["erasure.asked", "erasure.confirmed"]

    def test_confirming_takes_a_fresh_proof(self, ilse: Ask) -> None:
        case = make_case(status="closed", closed_at=clock.now())
        asked = ilse("erasures/", text=case.label, basis="objection", reference="DSR-7").json()
        oda = caller("oda", Role.ADMINISTRATOR, proved=False)
        found = oda(f"erasures/{asked['id']}/confirm/").json()
        assert (found["status"], found["code"]) == (403, "access.step_up_required")
        assert Erasure.objects.get().state == "asked"

    def test_one_can_be_taken_back_and_then_it_has_ended(self, ilse: Ask) -> None:
        case = make_case(status="closed", closed_at=clock.now())
        asked = ilse("erasures/", text=case.label, basis="objection", reference="DSR-7").json()
        gone = ilse(f"erasures/{asked['id']}/withdraw/").json()
        assert gone["state"] == "withdrawn"
        assert ilse("erasures/?ended=true", get=True).json()["results"] == [gone]

    def test_what_makes_no_sense_changes_nothing(self, ilse: Ask) -> None:
        said = {"text": "nobody", "reference": "DSR-7"}
        assert ilse("erasures/", **said, basis="objection").status_code == 404
        assert ilse("erasures/", **said, basis="a whim").status_code == 422
        assert not Erasure.objects.exists()


class TestWhatIsHeld:
    def test_it_is_asked_for_put_together_and_taken(self, ilse: Ask) -> None:
        answer = ilse("subject-exports/", text=make_case().label, reference="DSR-8")
        assert answer.status_code == 202, answer.content
        page = answer["Location"].partition(V1)[2]
        assert ilse(f"{page}file/", get=True).status_code == 409
        build_export(export_pk=SubjectExport.objects.get().pk)
        found = ilse(page, get=True).json()
        assert (found["state"], len(found["file_sha256"])) == ("done", 64)
        assert ilse("subject-exports/", get=True).json()["results"] == [found]
        file = ilse(f"{page}file/", get=True)
        assert b"".join(file.streaming_content)[:2] == b"PK"
        assert kinds("subject_export.")[-1] == "subject_export.downloaded"

    def test_it_takes_a_fresh_proof_and_somebody_to_tell_of(self, ilse: Ask) -> None:
        assert ilse("subject-exports/", text="nobody", reference="DSR-8").status_code == 404
        lea = caller("lea", Role.COMPLIANCE_OFFICER, proved=False)
        found = lea("subject-exports/", text=make_case().label, reference="DSR-8").json()
        assert (found["status"], found["code"]) == (403, "access.step_up_required")
        assert not SubjectExport.objects.exists()

    def test_there_is_no_other(self, ilse: Ask) -> None:
        assert ilse(f"subject-exports/{uuid4()}/", get=True).status_code == 404
