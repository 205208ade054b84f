"""Votes on several requests at once through REST."""

from typing import Any

from governance.approvals.models import ApprovalRequest, ApprovalVote
from tests.flows.conftest import World
from tests.flows.helpers import waiting_address, waiting_return
from tests.flows.test_bad_input import fields, problem, refusals
from tests.flows.test_people_over_rest import last_refusal, sign_in

PATH = "approvals/batch-votes/"


def ballots(*requests: str, vote: str = "approve", **more: Any) -> dict[str, Any]:
    found = {str(one.public_id): one for one in ApprovalRequest.objects.all()}
    return {
        "vote": vote,
        "votes": [
            {
                "id": one,
                "digest": found[one].action_digest,
                "view_digest": found[one].view_digest,
            }
            for one in requests
        ],
        **more,
    }


def test_equal_requests_are_approved_in_one_act(retail: World) -> None:
    waiting = [waiting_address(retail, number) for number in range(2)]
    answer = sign_in(retail, "supervisor").post(PATH, ballots(*waiting))
    assert answer.status_code == 200, answer.content
    assert [(one["id"], one["state"]) for one in answer.json()["results"]] == [
        (one, "granted") for one in waiting
    ]
    retail.work()
    assert retail.store.total_effects() == 2


def test_one_that_refuses_turns_all_away(retail: World) -> None:
    waiting = [waiting_address(retail, number) for number in range(2)]
    waiting_return(retail)
    risky = str(ApprovalRequest.objects.latest("pk").public_id)
    before = refusals()
    answer = sign_in(retail, "supervisor").post(PATH, ballots(*waiting, risky))
    found = problem(answer, 409, "approval.batch_refused")
    assert {one["code"] for one in found["errors"] if one["field"] == "votes[2]"} >= {
        "batch.too_risky",
        "batch.other_tool",
        "batch.other_queue",
        "approval.step_up_required",
    }
    assert fields(found) == {"votes[2]"}
    assert refusals() == before + 1
    assert last_refusal()[1]["act"] == "POST approval.vote_batch"
    assert ApprovalVote.objects.count() == 0


def test_what_is_no_batch_at_all(retail: World) -> None:
    waiting = waiting_address(retail)
    maren = sign_in(retail, "supervisor")
    problem(maren.post(PATH, {"vote": "approve", "votes": []}), 422, "invalid_input")
    many = ballots(*[waiting] * 26)
    problem(maren.post(PATH, many), 422, "invalid_input")
    forged = ballots(waiting, waiting, voter="somebody else")
    assert fields(problem(maren.post(PATH, forged), 422, "invalid_input")) == {"voter"}
    nested = ballots(waiting, waiting)
    nested["votes"][0]["voter"] = "somebody else"
    assert maren.post(PATH, nested).status_code == 422
    problem(retail.api.post(PATH, ballots(waiting, waiting)), 403, "not_permitted")
    assert ApprovalVote.objects.count() == 0
