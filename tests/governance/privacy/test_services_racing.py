"""An erasure against a hold, against the customer's next word, and against kill -9."""

import os
from collections.abc import Callable

import pytest

from cases.memory.models import Case, Message
from cases.memory.services import receive_contact
from governance import tasks
from governance.access.models import User
from governance.access.types import Role, StepUpProof
from governance.ledger.models import LedgerEntry
from governance.ledger.services import sequence, verify
from governance.privacy import services
from governance.privacy.models import Erasure, LegalHold
from governance.privacy.services import Cover, SubjectMovedOnError
from governance.privacy.types import ErasureBasis, HoldScope
from orchestra.core.actors import system
from tests.conftest import NOW
from tests.factories.access import make_person, make_queue
from tests.factories.cases import contact
from tests.factories.races import race
from tests.killing import kill_at

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 12 if os.environ.get("ORCHESTRA_PROOF") == "erasure" else 4
INTAKE = system("intake")
WORDS = "My address is 12 Elm Street."


@pytest.fixture
def ilse() -> User:
    make_queue("returns", is_default=True)
    return make_person("ilse", roles=[Role.COMPLIANCE_OFFICER])


def write(ref: str, text: str = WORDS) -> Case:
    return receive_contact(actor=INTAKE, now=NOW, draft=contact(text, customer_ref=ref)).case


def confirmed(ilse: User, oda: User, ref: str) -> tuple[Case, Erasure]:
    """A closed case of a customer whose erasure is confirmed and not carried out yet."""
    case = write(ref)
    Case.objects.filter(pk=case.pk).update(status="closed", closed_at=NOW)
    erasure = services.ask_erasure(
        actor=ilse.as_actor(), now=NOW, text=ref, basis=ErasureBasis.OBJECTION, reference="DSR 7"
    )
    proof = StepUpProof(at=NOW, method="test")
    services.confirm_erasure(
        actor=oda.as_actor(), now=NOW, erasure_id=erasure.public_id, proof=proof
    )
    return case, erasure


def running(erasure: Erasure) -> Callable[[], object]:
    def run() -> None:
        try:
            services.run_erasure(erasure_pk=erasure.pk, now=NOW)
        except SubjectMovedOnError:
            services.run_erasure(erasure_pk=erasure.pk, now=NOW)

    return run


@pytest.mark.usefixtures("ilse")
class TestRaces:
    """Two connections at the same moment."""

    pytestmark = pytest.mark.postgresql

    def test_a_hold_comes_before_the_erasure_and_stops_it_or_after_it(self, ilse: User) -> None:
        oda = make_person("oda", roles=[Role.ADMINISTRATOR])
        for number in range(ROUNDS):
            case, erasure = confirmed(ilse, oda, f"mia_{number}")

            def placing(label: str = case.label) -> LegalHold:
                cover = Cover(HoldScope.CASE, label)
                return services.ask_hold(
                    actor=ilse.as_actor(), now=NOW, cover=cover, reason="Claim", reference="4 O 1"
                )

            assert race([running(erasure), placing]) == {"ok": 2}
            erasure.refresh_from_db()
            held = LedgerEntry.objects.filter(kind="legal_hold.asked").latest("id").pk
            ended = LedgerEntry.objects.filter(kind__startswith="erasure.").latest("id")
            assert ended.kind == f"erasure.{erasure.state}"
            text = Message.objects.get(case=case).text
            assert (erasure.state, text) == (
                ("done", "") if ended.pk < held else ("stopped", WORDS)
            )
        sequence(now=NOW)
        assert verify(now=NOW).ok

    def test_the_customers_next_word_is_never_lost_and_never_on_an_erased_customer(
        self, ilse: User
    ) -> None:
        oda = make_person("oda", roles=[Role.ADMINISTRATOR])
        for number in range(ROUNDS):
            ref = f"mia_{number}"
            case, erasure = confirmed(ilse, oda, ref)

            def writing(ref: str = ref) -> Case:
                return write(ref, "I am here again.")

            assert race([running(erasure), writing]) == {"ok": 2}
            erasure.refresh_from_db()
            new = Case.objects.exclude(pk=case.pk).select_related("customer").latest("pk")
            assert new.customer is not None
            assert (new.customer.ref, Message.objects.get(case=new).text) == (
                ref,
                "I am here again.",
            )
            text = Message.objects.get(case=case).text
            if erasure.state == "done":
                assert (text, new.customer_id != case.customer_id) == ("", True)
            else:
                assert (erasure.state, text) == ("stopped", WORDS)
                assert new.label in erasure.problem


KILLED = """
from governance.privacy.services import run_erasure
from tests.conftest import NOW
run_erasure(erasure_pk={pk}, now=NOW)
"""


@pytest.mark.processes
@pytest.mark.parametrize(
    ("point", "left"),
    [
        ("erasure-before-payloads", "confirmed"),
        ("erasure-before-commit", "confirmed"),
        ("erasure-after-commit", "done"),
    ],
)
def test_kill_9_leaves_all_or_nothing_and_the_next_worker_finishes(
    ilse: User, point: str, left: str
) -> None:
    oda = make_person("oda", roles=[Role.ADMINISTRATOR])
    case, erasure = confirmed(ilse, oda, "mia_1")
    kill_at(point, KILLED.format(pk=erasure.pk))
    erasure.refresh_from_db()
    assert erasure.state == left
    assert Message.objects.get(case=case).text == (WORDS if left == "confirmed" else "")
    tasks.erase(erasure.pk)
    erasure.refresh_from_db()
    assert (erasure.state, Message.objects.get(case=case).text) == ("done", "")
    assert LedgerEntry.objects.filter(kind="subject.erased").count() == 1
    assert LedgerEntry.objects.filter(kind="erasure.done").count() == 1
    sequence(now=NOW)
    assert verify(now=NOW).ok
