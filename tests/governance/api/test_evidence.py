"""Evidence over REST: asked for with a key, read back, and the file only when it is there."""

import pytest
from django.test import Client

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from tests.factories.access import make_person
from tests.factories.ledger import make_entries

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
