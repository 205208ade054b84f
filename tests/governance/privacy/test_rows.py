"""Rows as a holder of personal data: counted, told and blanked with every version of them."""

import pytest
from django.db.models import Q

from cases.memory.models import Case, Customer, Message
from governance.privacy import registry, selectors
from governance.privacy.types import Subject
from orchestra.core.history import save_as
from tests.conftest import NOW
from tests.factories.cases import FACTORY, email_point, make_case, make_customer, make_message

pytestmark = pytest.mark.django_db


def subject_of(text: str) -> Subject:
    found = selectors.find_subject(text)
    assert found is not None
    return found


def test_what_is_held_is_counted_told_and_blanked_for_one_subject_alone() -> None:
    mia, ben = make_customer("mia_1"), make_customer("ben_2", name="Ben Roth")
    mine, other = make_case(customer=mia), make_case(customer=ben)
    make_message(mine, "My number is 4711.")
    make_message(other, "Mine is 4712.")
    holder, subject = registry.holders.get("messages"), subject_of("mia_1")
    assert holder.count(subject) == 1
    [told] = holder.collect(subject)
    assert (told.holder, dict(told.values)) == (
        "messages",
        {"speaker": "customer", "text": "My number is 4711."},
    )
    assert holder.erase(subject, NOW) == 1
    assert (holder.count(subject), list(holder.collect(subject))) == (0, [])
    assert holder.erase(subject, NOW) == 0
    assert set(Message.objects.values_list("text", flat=True)) == {"", "Mine is 4712."}


def test_every_version_that_the_history_keeps_goes_too() -> None:
    mia = make_customer("mia_1", contact_points=[email_point()])
    mia.name = "Mia Garcia-Lopez"
    save_as(mia, actor=FACTORY, reason="Mia married")
    subject = subject_of("mia_1")
    assert registry.holders.get("customers").erase(subject, NOW) == 1
    after = Customer.objects.get(pk=mia.pk)
    assert (after.name, after.contact_points) == ("", [])
    assert after.ref.startswith("erased:")
    versions = Customer.history.model.objects.filter(id=mia.pk)
    assert {(one.name, one.history_change_reason) for one in versions} == {("", None)}
    assert set(versions.values_list("ref", flat=True)) == {after.ref}
    assert selectors.find_subject("mia_1") is None


def test_a_case_of_a_customer_can_be_erased_without_the_customer() -> None:
    mia = make_customer("mia_1")
    case = make_case(customer=mia)
    whole = subject_of("mia_1")
    alone = Subject(
        kind=whole.kind.CASE, id=str(case.public_id), label=case.label, cases=whole.cases
    )
    assert registry.holders.get("customers").count(alone) == 0
    assert registry.holders.get("customers").erase(alone, NOW) == 0
    assert registry.holders.get("cases").erase(alone, NOW) == 1
    assert Customer.objects.filter(Q(ref="mia_1"), pk=mia.pk).exists()
    assert Case.objects.get(pk=case.pk).subject == ""


def test_what_the_others_are_found_by_comes_last() -> None:
    last = [one.code for one in registry.in_order() if one.is_last]
    assert last == ["customers", "ledger"]
    assert [one.code for one in registry.in_order()][-2:] == last


def test_a_subject_carries_what_is_looked_for_and_never_says_it() -> None:
    mia = make_customer("mia_1", name="Mi", contact_points=[email_point()])
    make_case(customer=mia, external_ref="ticket-9")
    subject = subject_of("mia_1")
    assert subject.needles == ["mia_1", "mia@example.com", "ticket-9"]
    assert "mia" not in repr(subject)
