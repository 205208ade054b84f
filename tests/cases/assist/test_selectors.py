"""What a case offers to suggest from: the cue that is due, what is known, past cases."""

from cases.assist import selectors
from cases.memory.models import Case
from cases.memory.types import CaseStatus
from tests.factories.cases import make_case
from tests.flows.conftest import World, retail  # noqa: F401  the fixture is used by name


def test_past_cases_are_of_the_same_need_and_queue_and_resolved(db: None) -> None:
    del db
    case = make_case(intent="return_items")
    alike = make_case(case.queue, intent="return_items", status=CaseStatus.RESOLVED)
    make_case(case.queue, intent="return_items")
    make_case(case.queue, intent="cancel_order", status=CaseStatus.RESOLVED)
    make_case(intent="return_items", status=CaseStatus.CLOSED)
    assert [one.label for one in selectors.past_cases(case)] == [alike.label]
    assert selectors.past_cases(make_case(case.queue)) == []


def test_what_an_answered_call_named_is_confirmed(retail: World) -> None:  # noqa: F811
    opened = retail.api.post("cases/", {"channel": "chat", "text": "Return #W5199551, please."})
    case = Case.objects.get(public_id=opened.json()["id"])
    assert selectors.known_of(case).claimed["order_id"] == "#W5199551"
    person = {"first_name": "Fatima", "last_name": "Johnson", "zip": "78712"}
    for tool, arguments in (
        ("find_user_id_by_name_zip", person),
        ("get_order_details", {"order_id": "#W5199551"}),
    ):
        retail.api.post(
            f"cases/{case.public_id}/tool-calls/",
            {"tool": tool, "arguments": arguments, "confidence": 0.97, "rationale": "To see."},
        )
    known = selectors.known_of(Case.objects.select_related("customer").get(pk=case.pk))
    assert known.confirmed["order_id"] == "#W5199551"


def test_a_closed_case_needs_nobody(db: None) -> None:
    del db
    assert not selectors.is_beside_a_person(make_case(status=CaseStatus.CLOSED), [])
    assert selectors.is_beside_a_person(make_case(status=CaseStatus.HANDED_OFF), [])
