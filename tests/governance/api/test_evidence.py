"""Evidence over REST: asked for with a key, read back, and the file only when it is there."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from governance.access.types import Role
from governance.evidence.models import EvidenceExport
from governance.ledger.models import LedgerEntry
from governance.ledger.selection import EntrySelection
from governance.ledger.services import save_search
from orchestra.core.clock import rfc3339
from tests.factories.access import make_person
from tests.factories.ledger import AT, make_entries

pytestmark = pytest.mark.django_db
PATH = "/api/v1/ledger/exports/"


def test_an_export_is_asked_for_and_read_back(client: Client) -> None:
    make_entries(3)
    client.force_login(
        make_person("ilse", roles=[Role.COMPLIANCE_OFFICER]),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    said = {"scope": "case", "key": "c-1"}
    answer = client.post(PATH, said, "application/json", headers={"Idempotency-Key": "one"})
    assert answer.status_code == 202, answer.content
    again = client.post(PATH, said, "application/json", headers={"Idempotency-Key": "one"})
    assert again.json() == answer.json()
    assert LedgerEntry.objects.filter(kind="evidence.requested").count() == 1
    found = client.get(answer["Location"])
    assert (found.status_code, found.json()["state"]) == (200, "queued")
    assert client.get(f"{answer['Location']}file/").status_code == 409
    missing = {"scope": "case", "key": "c-404"}
    gone = client.post(PATH, missing, "application/json", headers={"Idempotency-Key": "two"})
    assert gone.status_code == 404


def test_a_search_is_one_s_own_or_written_out(client: Client) -> None:
    make_entries(3)
    person = make_person("ilse", roles=[Role.COMPLIANCE_OFFICER])
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    wanted = EntrySelection(streams=("case:c-1",))
    kept = save_search(actor=person.as_actor(), now=AT, name="One case", selection=wanted)

    def ask(number: int, **said: object) -> Any:
        headers = {"Idempotency-Key": str(number)}
        return client.post(PATH, {"scope": "search", **said}, "application/json", headers=headers)

    assert ask(1, key=str(kept.public_id)).json()["title"] == "Search: One case"
    assert ask(2, selection=wanted.to_json()).status_code == 202
    for number, selection in enumerate(({"nothing": 1}, ["x"], {"streams": "case:c-1"}, 7), 3):
        assert ask(number, selection=selection).status_code == 422
    assert ask(8, key=str(kept.public_id), selection=wanted.to_json()).status_code == 422
    assert ask(9, key="nobody").status_code == 404
    assert EvidenceExport.objects.count() == 2


def test_gaps_are_listed_and_explained_and_the_last_begins_the_work(client: Client) -> None:
    make_entries(3)
    person = make_person("ilse", roles=[Role.COMPLIANCE_OFFICER])
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    def ask(path: str, **said: object) -> Any:
        headers = {"Idempotency-Key": str(uuid4())}
        return client.post(path, said, "application/json", headers=headers)

    since, until = (rfc3339(AT + timedelta(days=days)) for days in (-2, 2))
    asked = ask(PATH, scope="control", key="recording", since=since, until=until)
    assert asked.json()["state"] == "explaining", asked.content
    page = f"{asked['Location']}gaps/"
    gaps = client.get(page).json()
    assert gaps
    assert not any(gap["explanation"] for gap in gaps)
    for wrong in ({"code": "none", "explanation": "Known."}, {"code": gaps[0]["code"]}):
        assert ask(page, **wrong).status_code == 422
    open_codes = [gap["code"] for gap in gaps if gap["complete"] < gap["total"]]
    for number, code in enumerate(open_codes, 1):
        state = ask(page, code=code, explanation="Not yet in use.").json()["state"]
        assert state == ("queued" if number == len(open_codes) else "explaining")
    explained = {gap["code"]: gap for gap in client.get(page).json()}
    assert {explained[code]["explained_by"] for code in open_codes} == {"ilse"}
    assert LedgerEntry.objects.filter(kind="evidence.explained").count() == len(open_codes)
    late = ask(page, code=open_codes[0], explanation="Again.")
    assert (late.status_code, late.json()["code"]) == (409, "evidence.not_explaining")
    assert client.get(f"{PATH}{uuid4()}/gaps/").status_code == 404
