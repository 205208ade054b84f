"""A person leaves a unit out of samples with a reason, or takes it back."""

import pytest
from django.test import Client

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from qa.population.models import SamplingUnit
from tests.factories.access import make_person
from tests.factories.sampled import make_review, make_unit
from tests.qa.admin.conftest import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def acts(unit: SamplingUnit) -> tuple[str, str, str]:
    """The page of the case, and where the two acts go."""
    root = f"/admin/reviews/units/{unit.public_id}/"
    return f"/admin/reviews/of/{unit.case.public_id}/", f"{root}leave-out/", f"{root}take-back/"


def flag_of(unit: SamplingUnit) -> tuple[str, str]:
    unit.refresh_from_db()
    return unit.left_out, unit.left_out_reason


def test_it_is_left_out_with_a_reason_and_taken_back_with_one(browser: Browser) -> None:
    unit, client = make_unit(), browser(Role.QA_LEAD)
    page, leave, back = acts(unit)
    assert f'action="{leave}"' in client.get(page).content.decode()
    answer = client.post(leave, {"flag": "test", "reason": "A trial of the phone."})
    assert answer["Location"] == f"{page}#unit-{unit.public_id}"
    assert flag_of(unit) == ("test", "A trial of the phone.")
    text = client.get(page).content.decode()
    assert "A trial of the phone." in text
    assert f'action="{back}"' in text
    assert f'action="{leave}"' not in text
    client.post(back, {"reason": "It was a customer after all."})
    assert flag_of(unit) == ("", "")
    kinds = LedgerEntry.objects.filter(subject_id=unit.subject).values_list("kind", flat=True)
    assert len(set(kinds)) == 2


@pytest.mark.parametrize(
    "form", [{"flag": "dull", "reason": "So."}, {"flag": "test", "reason": " "}, {"reason": "So."}]
)
def test_bad_input_is_told_and_changes_nothing(browser: Browser, form: dict[str, str]) -> None:
    unit, client = make_unit(), browser(Role.QA_LEAD)
    page, leave, _back = acts(unit)
    client.post(leave, form)
    assert flag_of(unit) == ("", "")
    said = client.get(page).content.decode()
    assert "Choose what makes it" in said or "Say why" in said


def test_taking_back_what_counts_is_refused(browser: Browser) -> None:
    unit, client = make_unit(), browser(Role.QA_LEAD)
    page, _leave, back = acts(unit)
    client.post(back, {"reason": "So."})
    assert "is not left out" in client.get(page).content.decode()


def test_who_only_reviews_is_shown_it_and_may_not(browser: Browser) -> None:
    unit, client = make_unit(left_out="spam", left_out_reason="Adverts."), browser(Role.QA_ANALYST)
    page, _leave, back = acts(unit)
    text = client.get(page).content.decode()
    assert "Adverts." in text
    assert back not in text
    assert client.post(back, {"reason": "So."}).status_code == 404
    assert flag_of(unit) == ("spam", "Adverts.")


def test_the_page_of_a_review_has_the_form_for_a_lead() -> None:
    lead, unit = make_person(roles=[Role.QA_LEAD]), make_unit()
    review, client = make_review(unit, reviewer=lead), Client()
    client.force_login(lead, backend="django.contrib.auth.backends.ModelBackend")
    text = client.get(f"/admin/reviews/{review.public_id}/").content.decode()
    assert f'action="{acts(unit)[1]}"' in text
