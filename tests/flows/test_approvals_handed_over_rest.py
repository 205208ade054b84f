"""Handing requests over through REST."""

from governance.approvals.models import ApprovalRequest
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return
from tests.flows.test_bad_input import fields, problem, refusals
from tests.flows.test_people_over_rest import last_refusal, sign_in


def test_a_request_is_handed_over_and_taken_back(retail: World) -> None:
    _, call = waiting_return(retail)
    path = f"approvals/{call['approval']['id']}"
    maren, dario = sign_in(retail, "supervisor"), sign_in(retail, "colleague")
    to, by = (str(retail.people[name].public_id) for name in ("colleague", "supervisor"))
    answer = maren.post(f"{path}/hand-over/", {"to": to, "reason": "Yours."})
    assert answer.status_code == 200, answer.content
    shown = dario.get(f"{path}/").json()
    assert (shown["handed_to"], shown["handed_by"]) == (to, by)
    assert shown["handed_until_at"] == shown["deadline_at"]
    problem(dario.post(f"{path}/take-back/"), 409, "approval.not_handed_over")
    on = dario.post(f"{path}/hand-over/", {"to": by, "reason": "Yours."})
    problem(on, 403, "approval.handed_to_you")
    assert last_refusal()[1]["act"] == "POST approval.hand_over"
    assert maren.post(f"{path}/take-back/").status_code == 200
    assert maren.get(f"{path}/").json()["handed_to"] is None


def test_what_is_wrong_with_it_is_named(retail: World) -> None:
    _, call = waiting_return(retail)
    path = f"approvals/{call['approval']['id']}/hand-over/"
    maren, lena = sign_in(retail, "supervisor"), str(retail.people["agent"].public_id)
    found = problem(maren.post(path, {"to": "x", "until": "soon"}), 422, "invalid_input")
    assert fields(found) == {"to", "until", "reason"}
    found = problem(
        maren.post(path, {"to": lena, "until": "2020-01-01T00:00:00Z", "reason": "x"}),
        422,
        "approval.hand_over_invalid",
    )
    assert fields(found) == {"to", "until"}
    forged = maren.post(path, {"to": lena, "reason": "x", "by": lena})
    assert fields(problem(forged, 422, "invalid_input")) == {"by"}
    assert ApprovalRequest.objects.get().handed_to is None


def test_an_agent_and_a_stranger_hand_nothing_over(retail: World) -> None:
    _, call = waiting_return(retail)
    path = f"approvals/{call['approval']['id']}"
    body = {"to": str(retail.people["colleague"].public_id), "reason": "Yours."}
    before = refusals()
    problem(retail.api.post(f"{path}/hand-over/", body), 403, "not_permitted")
    problem(retail.api.post(f"{path}/take-back/"), 403, "not_permitted")
    problem(sign_in(retail, "policy").post(f"{path}/hand-over/", body), 403, "not_permitted")
    assert refusals() == before + 3
    assert ApprovalRequest.objects.get().handed_to is None
