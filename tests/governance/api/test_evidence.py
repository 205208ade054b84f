"""Evidence over REST: asked for with a key, read back, and the file only when it is there."""

from typing import Any

import pytest
from django.test import Client

from governance.access.types import Role
from governance.evidence.models import EvidenceExport
from governance.ledger.models import LedgerEntry
from governance.ledger.selection import EntrySelection
from governance.ledger.services import save_search
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
