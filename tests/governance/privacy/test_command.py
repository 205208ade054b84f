"""The operator's command: a look that changes nothing, and what two people confirmed."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.privacy.models import Erasure
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.factories.cases import make_case, make_customer, make_message

pytestmark = pytest.mark.django_db(transaction=True)


def erase(*words: str) -> list[dict[str, object]]:
    out = StringIO()
    call_command("erase", *words, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_it_looks_carries_out_and_compacts() -> None:
    case = make_case(customer=make_customer("mia_1"), status="closed", closed_at=NOW)
    make_message(case, "I live at 12 Elm Street.")
    [told] = erase("preview", "mia_1")
    assert (told["held"], told["cases"], LedgerEntry.objects.count()) == (
        {"cases": 1, "customers": 1, "messages": 1},
        [case.label],
        0,
    )
    assert erase("run") == []
    assert case.customer is not None
    made = Erasure.objects.create(
        subject_kind="customer",
        subject_id=str(case.customer.public_id),
        label=f"Customer {case.customer.pk}",
        basis="objection",
        reference="DSR 7",
        state="confirmed",
        asked_by=make_person("ilse", roles=[Role.COMPLIANCE_OFFICER]),
        asked_at=NOW,
        deadline_at=NOW,
    )
    assert erase("run") == [{"number": made.number, "state": "done"}]
    assert erase("preview", case.label)[0]["held"] == {}
    assert erase("compact") == [{"compacted": True}]
    with pytest.raises(CommandError, match="There is no such customer or case"):
        erase("preview", "mia_1")
