"""The schedule of retention over REST, with what the last runs came to."""

import pytest
from django.test import Client

from governance.access.types import Role
from governance.retention.services import run_whole
from governance.retention.services.running import KEEPER
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.governance.retention.scene import make_kept

PATH = "/api/v1/retention/"


def sign_in(client: Client, role: Role) -> Client:
    person = make_person("ilse", roles=[role])
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db(transaction=True)
def test_the_schedule_is_read_with_the_last_run(client: Client) -> None:
    officer = sign_in(client, Role.COMPLIANCE_OFFICER)
    told = officer.get(PATH).json()
    classes = {one["name"]: one for one in told["schedule"]}
    assert (classes["case_work"]["days"], classes["case_work"]["least_days"]) == (1095, 183)
    assert (told["last_run"], told["last_dry_run"]) == (None, None)
    make_kept()
    run = run_whole(actor=KEEPER, now=NOW)
    last = officer.get(PATH).json()["last_run"]
    assert last["id"] == str(run.public_id)
    assert {one["name"]: one["gone"] for one in last["classes"]}["case_words"] == 3


@pytest.mark.django_db
def test_who_reads_no_ledger_reads_no_schedule(client: Client) -> None:
    assert sign_in(client, Role.HUMAN_AGENT).get(PATH).status_code == 403
