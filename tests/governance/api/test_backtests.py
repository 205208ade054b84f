"""A rehearsal over REST: who may begin one, who may read it, and what it answers."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.ledger.models import LedgerEntry
from governance.policies.models import PolicyVersion, Rehearsal
from governance.policies.services import run_rehearsal
from orchestra.core import clock
from tests.flows.conftest import World, retail
from tests.flows.helpers import waiting_return
from tests.flows.test_people_over_rest import Person, sign_in

__all__ = ["retail"]

PATH = "policies/retail_returns/backtests/"


@pytest.fixture
def owner(retail: World) -> Person:
    return sign_in(retail, "policy")


def body(**changes: Any) -> dict[str, Any]:
    document = json.loads(
        json.dumps(PolicyVersion.objects.get(policy__key="retail_returns").document)
    )
    document["thresholds"] = {"USD": 1}
    since = (clock.now() - timedelta(days=1)).isoformat()
    return {"draft": document, "since": since, **changes}


def test_it_is_begun_read_and_done(retail: World, owner: Person) -> None:
    waiting_return(retail)
    answer = owner.post(PATH, body())
    assert answer.status_code == 202, answer.content
    begun = answer.json()
    assert (begun["state"], begun["result"], begun["digest"]) == ("queued", None, "")
    assert answer["Location"].endswith(f"{PATH}{begun['id']}/")
    run_rehearsal(rehearsal_pk=Rehearsal.objects.get().pk)
    with CaptureQueriesContext(connection) as captured:
        found = owner.get(f"{PATH}{begun['id']}/").json()
    assert len(captured) == 3
    assert found["state"] == "done"
    assert found["result"]["compared"] == found["decisions_total"] > 0
    assert len(found["digest"]) == 64


def test_a_wrong_draft_says_where(owner: Person) -> None:
    answer = owner.post(PATH, body(draft={"key": "retail_returns", "rules": [{"id": "x"}]}))
    assert answer.status_code == 422
    assert any(error["field"].startswith("rules[0]") for error in answer.json()["errors"])
    assert owner.post(PATH, body(draft=[])).status_code == 422
    assert Rehearsal.objects.count() == 0


def test_who_may_not_is_refused_and_the_ledger_says_so(retail: World) -> None:
    other = sign_in(retail, "compliance")
    assert other.post(PATH, body()).status_code == 403
    assert retail.api.post(PATH, body()).status_code == 403
    assert Rehearsal.objects.count() == 0
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 2


def test_another_policy_does_not_have_it(owner: Person) -> None:
    begun = owner.post(PATH, body()).json()
    assert owner.get(f"policies/retail_orders/backtests/{begun['id']}/").status_code == 404
    assert owner.get(f"{PATH}{uuid4()}/").status_code == 404
