"""What is erased of findings with a customer's data."""

import pytest

from cases.memory.subjects import CaseSubjects
from governance.privacy.registry import holders
from governance.privacy.types import SubjectKind
from qa.findings import services
from qa.findings.models import Finding
from tests.conftest import NOW
from tests.factories.checked import make_talk

pytestmark = pytest.mark.django_db


def test_the_reason_goes_and_the_place_stays() -> None:
    unit = make_talk("customer: Hi", "ai: I am an AI assistant. I have cancelled it. Bye")
    services.run_next(now=NOW)
    Finding.objects.update(settled_reason="Mia said so.", state="refuted")
    spans = Finding.objects.get().spans
    holder = holders.get("findings")
    case = unit.case
    subject = CaseSubjects().get(SubjectKind.CASE, str(case.public_id))
    assert subject is not None
    assert holder.count(subject) == 1
    assert holder.erase(subject, NOW) == 1
    found = Finding.objects.get()
    assert (found.settled_reason, found.state, found.spans) == ("", "refuted", spans)
    assert holder.count(subject) == 0
