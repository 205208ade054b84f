"""An erasure takes two people, stops at a hold, takes everything, and leaves every proof."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from cases.memory.models import Case, Customer, Message
from cases.memory.services import receive_contact
from governance import tasks
from governance.access.models import User
from governance.access.types import Role, StepUpProof
from governance.ledger.models import EntryPayload, LedgerEntry
from governance.ledger.selectors import payload_of
from governance.ledger.services import sequence, verify
from governance.privacy import selectors, services
from governance.privacy.models import Erasure, LegalHold
from governance.privacy.services import Cover
from governance.privacy.types import ErasureBasis, HoldScope
from orchestra.core.actors import system
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    OrchestraError,
)
from tests.conftest import NOW
from tests.factories.access import make_person, make_queue
from tests.factories.cases import contact

pytestmark = pytest.mark.django_db
PROOF = StepUpProof(at=NOW, method="test")
BASIS = ErasureBasis.CONSENT_WITHDRAWN
INTAKE = system("intake")


@pytest.fixture
def ilse() -> User:
    return make_person("ilse", roles=[Role.COMPLIANCE_OFFICER])


@pytest.fixture
def oda() -> User:
    return make_person("oda", roles=[Role.ADMINISTRATOR])


@pytest.fixture
def case() -> Case:
    """A closed case of the customer mia_1, with its entries."""
    make_queue("returns", is_default=True)
    return close(
        receive_contact(
            actor=INTAKE,
            now=NOW,
            draft=contact("My address is 12 Elm Street.", customer_ref="mia_1"),
        ).case
    )


def close(case: Case) -> Case:
    Case.objects.filter(pk=case.pk).update(status="closed", closed_at=NOW)
    case.refresh_from_db()
    return case


def ask(person: User, text: str = "mia_1", reference: str = "DSR 7") -> Erasure:
    return services.ask_erasure(
        actor=person.as_actor(), now=NOW, text=text, basis=BASIS, reference=reference
    )


def confirm(person: User, erasure: Erasure, proof: StepUpProof | None = PROOF) -> Erasure:
    return services.confirm_erasure(
        actor=person.as_actor(), now=NOW, erasure_id=erasure.public_id, proof=proof
    )


def hold(person: User, text: str = "mia_1", scope: HoldScope = HoldScope.CUSTOMER) -> LegalHold:
    cover = Cover(scope, text)
    return services.ask_hold(
        actor=person.as_actor(), now=NOW, cover=cover, reason="Claim", reference="4 O 12/26"
    )


def kinds() -> list[str]:
    return list(LedgerEntry.objects.order_by("id").values_list("kind", flat=True))


def state(erasure: Erasure) -> str:
    erasure.refresh_from_db()
    return erasure.state


def refuse(act: Callable[[], object], error: type[OrchestraError]) -> OrchestraError:
    before = kinds(), Erasure.objects.count(), EntryPayload.objects.count()
    with pytest.raises(error) as refused:
        act()
    assert (kinds(), Erasure.objects.count(), EntryPayload.objects.count()) == before
    return refused.value


def test_two_people_erase_a_customer_and_every_proof_stands(
    case: Case, ilse: User, oda: User
) -> None:
    sequence(now=NOW)
    written = LedgerEntry.objects.filter(stream=case.stream).count()
    erasure = ask(ilse)
    assert erasure.previewed == {"cases": 1, "customers": 1, "ledger": 2, "messages": 1}
    confirm(oda, erasure)
    assert Message.objects.get(case=case).text == "My address is 12 Elm Street."
    tasks.erase(erasure.pk)
    assert state(erasure) == "done"
    assert erasure.erased == {"cases": 1, "customers": 1, "ledger": 2, "messages": 1}
    assert Message.objects.get(case=case).text == ""
    customer = Customer.objects.get(cases=case)
    assert customer.ref == f"erased:{customer.public_id.hex}"
    own = LedgerEntry.objects.filter(stream=case.stream).order_by("id")
    assert own.count() == written + 1
    assert [payload_of(entry=entry) is None for entry in own] == [True] * written + [False]
    last = own.last()
    assert last is not None
    assert (last.kind, payload_of(entry=last)) == (
        "subject.erased",
        {
            "actor_label": "erasure",
            "basis": "consent_withdrawn",
            "count": 2,
            "number": erasure.number,
            "reference": "DSR 7",
            "subject": f"Customer {case.customer_id}",
        },
    )
    assert [kind for kind in kinds() if kind.startswith("erasure.")] == [
        "erasure.asked",
        "erasure.confirmed",
        "erasure.done",
    ]
    sequence(now=NOW)
    assert verify(now=NOW).ok


def test_it_is_carried_out_once_and_asked_for_once(case: Case, ilse: User, oda: User) -> None:
    erasure = ask(ilse)
    assert refuse(lambda: ask(oda), ConflictError).error_code == "privacy.asked_already"
    confirm(oda, erasure)
    tasks.erase(erasure.pk)
    after = kinds()
    tasks.erase(erasure.pk)
    assert services.run_due_erasures() == 0
    assert kinds() == after
    found = refuse(lambda: ask(ilse, case.label), InvalidInputError)
    assert found.error_code == "privacy.nothing_held"


def test_one_person_alone_erases_nothing(case: Case, ilse: User, oda: User) -> None:
    erasure = ask(ilse)
    refuse(lambda: confirm(ilse, erasure), NotPermittedError)
    refuse(lambda: confirm(oda, erasure, None), NotPermittedError)
    clerk = make_person("clerk", roles=[Role.SUPERVISOR])
    refuse(lambda: confirm(clerk, erasure), NotPermittedError)
    refuse(lambda: ask(clerk), NotPermittedError)
    tasks.erase(erasure.pk)
    assert state(erasure) == "asked"
    with pytest.raises(IntegrityError), transaction.atomic():
        Erasure.objects.filter(pk=erasure.pk).update(confirmed_by=ilse)
    assert Message.objects.get(case=case).text != ""


@pytest.mark.parametrize("scope", [HoldScope.CUSTOMER, HoldScope.CASE])
def test_a_hold_refuses_it_at_the_asking_the_confirming_and_the_doing(
    case: Case, ilse: User, oda: User, scope: HoldScope
) -> None:
    text = "mia_1" if scope is HoldScope.CUSTOMER else case.label
    erasure = ask(ilse)
    first = hold(oda, text, scope)
    found = refuse(lambda: confirm(oda, erasure), ConflictError)
    assert (found.error_code, found.data) == ("privacy.under_hold", {"holds": [first.number]})
    services.withdraw_hold(actor=oda.as_actor(), now=NOW, hold_id=first.public_id)
    confirm(oda, erasure)
    second = hold(oda, text, scope)
    tasks.erase(erasure.pk)
    assert state(erasure) == "stopped"
    assert second.number in erasure.problem
    assert Message.objects.get(case=case).text != ""
    assert kinds()[-1] == "erasure.stopped"
    assert refuse(lambda: ask(ilse), ConflictError).error_code == "privacy.under_hold"


def test_an_open_case_refuses_it_and_is_named(case: Case, ilse: User) -> None:
    draft = contact("One more thing.", customer_ref="mia_1")
    more = receive_contact(actor=INTAKE, now=NOW, draft=draft).case
    found = refuse(lambda: ask(ilse), ConflictError)
    assert found.error_code == "privacy.still_open"
    assert found.data == {"obstacles": [f"{more.label} is not closed."]}
    assert case.label not in found.message


@pytest.mark.parametrize(
    ("text", "reference", "error"),
    [
        ("nobody", "DSR 7", NotFoundError),
        ("C-999999", "DSR 7", NotFoundError),
        ("mia_1", " ", InvalidInputError),
        ("mia_1", "x" * 201, InvalidInputError),
        ("x" * 10_000_000, "DSR 7", NotFoundError),
    ],
)
def test_bad_input_changes_nothing(
    case: Case, ilse: User, text: str, reference: str, error: type[OrchestraError]
) -> None:
    refuse(lambda: ask(ilse, text, reference), error)
    assert Message.objects.get(case=case).text != ""


@pytest.mark.usefixtures("case")
def test_what_nobody_confirms_ends_by_itself(ilse: User, oda: User) -> None:
    erasure, placed = ask(ilse), hold(oda)
    late = NOW + timedelta(days=7)
    assert (services.expire_erasures(now=late - timedelta(seconds=1)), state(erasure)) == (
        0,
        "asked",
    )
    assert (services.expire_erasures(now=late), services.expire_holds(now=late)) == (1, 1)
    placed.refresh_from_db()
    assert (state(erasure), placed.state) == ("expired", "expired")
    assert kinds()[-2:] == ["erasure.expired", "legal_hold.expired"]
    refuse(lambda: confirm(oda, erasure), ConflictError)
    subject = selectors.find_subject("mia_1")
    assert subject is not None
    assert selectors.preview(subject).is_free


@pytest.mark.usefixtures("case")
def test_one_person_takes_back_what_nobody_confirmed(ilse: User, oda: User) -> None:
    erasure = ask(ilse)
    services.withdraw_erasure(actor=ilse.as_actor(), now=NOW, erasure_id=erasure.public_id)
    assert state(erasure) == "withdrawn"
    refuse(lambda: confirm(oda, erasure), ConflictError)
    assert ask(oda).state == "asked"


def test_whoever_writes_again_after_an_erasure_is_a_new_customer(
    case: Case, ilse: User, oda: User
) -> None:
    erasure = ask(ilse)
    confirm(oda, erasure)
    tasks.erase(erasure.pk)
    draft = contact("Hello again.", customer_ref="mia_1")
    again = receive_contact(actor=INTAKE, now=NOW, draft=draft).case
    assert (again.pk != case.pk, again.customer_id != case.customer_id) == (True, True)
    assert Message.objects.get(case=again).text == "Hello again."


@pytest.mark.usefixtures("case")
def test_the_schedule_carries_out_what_a_dead_worker_left(
    ilse: User, oda: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasure = ask(ilse)
    confirm(oda, erasure)
    rung: list[tuple[str, object]] = []
    monkeypatch.setattr(
        "governance.privacy.services.erasing.enqueue", lambda name, pk: rung.append((name, pk))
    )
    tasks.keep_privacy()
    assert rung == [(services.ERASE_TASK, erasure.pk)]
