"""What an action rests on: grounds first, and no declared fact left out."""

from datetime import UTC, datetime

from cases.tools.evidence import EvidenceLine, fact_lines
from cases.tools.parsing import parse_tool
from cases.tools.registry import Ground, Grounds
from cases.tools.types import Reads
from governance.policies.types import FactSet
from tests.factories.tools import REFUND

NOW = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)
ANSWERED = Reads(at=NOW, tools={"order": "get_order"}, values={"order": {}})
MEANT = {**REFUND, "facts": {"own_order": {"function": "retail.order_owner_is_customer"}}}


def lines(
    facts: FactSet, *grounds: Ground, document: dict[str, object] = REFUND, reads: Reads = ANSWERED
) -> list[EvidenceLine]:
    return fact_lines(
        spec=parse_tool(document=document),
        facts=facts,
        reads=reads,
        grounds=Grounds(lines=grounds),
    )


def test_a_read_that_answered_confirms() -> None:
    known = FactSet(values={"amount_minor": 112604, "order_status": "delivered"})

    assert lines(known)[0] == EvidenceLine(
        text="Order status: delivered", trust="confirmed", source="get_order", at=NOW
    )


def test_a_ground_stands_for_the_facts_it_names() -> None:
    known = FactSet(values={"amount_minor": 112604, "order_status": "delivered"})
    said = Ground("Order #W1 is delivered", facts=("order_status",), shown_by=("order",))
    open_question = Ground("Days since delivery", source="no date", trust="unknown")

    found = lines(known, open_question, said)

    assert [(line.text, line.trust, line.source) for line in found] == [
        ("Order #W1 is delivered", "confirmed", "get_order"),
        ("Amount minor: 112604", "claimed", "arguments"),
        ("Days since delivery", "unknown", "no date"),
    ]
    assert found[-1].at is None


def test_a_ground_on_an_unknown_fact_says_nothing() -> None:
    facts = FactSet(values={}, unknown=frozenset({"order_status"}))
    said = Ground("Order #W1 is delivered", facts=("order_status",), shown_by=("order",))

    assert [(line.text, line.trust) for line in lines(facts, said)] == [("Order status", "unknown")]


def test_a_fact_with_a_meaning_reads_as_its_sentence() -> None:
    def text(facts: FactSet) -> list[tuple[str, str]]:
        return [(line.text, line.trust) for line in lines(facts, document=MEANT)]

    sentence = "The order belongs to the verified customer"
    assert text(FactSet(values={"own_order": True})) == [(sentence, "confirmed")]
    assert text(FactSet(values={"own_order": False})) == [
        ("Not so: the order belongs to the verified customer", "confirmed")
    ]
    unknown = FactSet(values={}, unknown=frozenset({"own_order"}))
    assert text(unknown) == [(sentence, "unknown")]


def test_what_rests_on_arguments_alone_is_claimed() -> None:
    nothing_read = Reads(at=NOW)
    facts = FactSet(values={"own_order": True})

    assert [line.trust for line in lines(facts, document=MEANT, reads=nothing_read)] == ["claimed"]
