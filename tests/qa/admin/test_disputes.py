"""From the release of a review to a decision on what is disputed, through the pages."""

from io import BytesIO

from django.test import Client
from pyarrow.parquet import read_table
from pytest_django import DjangoAssertNumQueries

from governance.access.models import User
from qa.disputes.models import Coaching, Dispute, Judged
from qa.disputes.services import raise_dispute
from qa.reviewing.types import ReviewState
from tests.qa.disputes.conftest import Act, Scene, act, scene

__all__ = ["act", "scene"]

LIST_QUERIES = 7


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def disputed(scene: Scene, act: Act, question: str = "policy_followed") -> Dispute:
    found: Dispute = act(
        raise_dispute,
        scene.agent,
        review_id=scene.review.public_id,
        question=question,
        words="It was only an offer.",
    )
    return found


def test_a_lead_releases_and_the_agent_reads_notes_and_disputes(scene: Scene) -> None:
    address = f"/admin/reviews/{scene.review.public_id}/"
    lead, agent = signed_in(scene.lead), signed_in(scene.agent)
    mine = f"/admin/my-reviews/{scene.review.public_id}/"
    assert agent.get(mine).status_code == 404
    lead.post(f"{address}release/")
    scene.review.refresh_from_db()
    assert scene.review.state == ReviewState.RELEASED
    assert "1 review of your work is new" in agent.get("/admin/my-reviews/").content.decode()
    assert "What was offered is what policy allows" in agent.get(mine).content.decode()
    agent.post(f"{mine}acknowledge/")
    assert Judged.objects.get(person=scene.agent).acknowledged_at is not None
    refused = agent.post(f"{mine}dispute/", {"question": "tone", "words": " "})
    assert refused.status_code == 422
    agent.post(f"{mine}dispute/", {"question": "tone", "words": "It was kind."})
    assert Dispute.objects.get().words == "It was kind."
    assert signed_in(scene.second).get(mine).status_code == 404


def test_somebody_else_decides_and_both_read_why(scene: Scene, act: Act) -> None:
    scene.release()
    dispute = disputed(scene, act)
    address = f"/admin/disputes/{dispute.public_id}/"
    reviewer = signed_in(scene.reviewer)
    assert "You scored this review" in reviewer.get(address).content.decode()
    decision = {"value": "yes", "reason": "An offer is none."}
    assert reviewer.post(f"{address}decide/", decision).status_code == 403
    lead = signed_in(scene.second)
    text = lead.get(address).content.decode()
    assert "Keep “No”" in text
    assert "Change to “Yes”" in text
    assert "100.0" in text
    assert lead.post(f"{address}decide/", {**decision, "reason": ""}).status_code == 422
    lead.post(f"{address}decide/", decision)
    dispute.refresh_from_db()
    assert dispute.value == "yes"
    page = signed_in(scene.agent).get(f"/admin/my-reviews/{scene.review.public_id}/")
    assert "An offer is none." in page.content.decode()
    # One decision is counted, and what came of it is not told.
    assert "1 decided: not shown" in lead.get("/admin/disputes/").content.decode()
    assert signed_in(scene.agent).get(address).status_code == 404


def test_a_lead_hands_it_to_another_and_the_list_holds_nobody_with_a_part(
    scene: Scene, act: Act
) -> None:
    scene.release()
    dispute = disputed(scene, act)
    assert dispute.lead is not None
    other = scene.second if dispute.lead == scene.lead else scene.lead
    address = f"/admin/disputes/{dispute.public_id}/"
    lead = signed_in(dispute.lead)
    text = lead.get(address).content.decode()
    offered = {
        one
        for one in (scene.reviewer, scene.lead, scene.second)
        if f'value="{one.public_id}"' in text
    }
    assert offered == {other}
    form = {"lead": str(scene.reviewer.public_id), "reason": "I am away."}
    refused = lead.post(f"{address}hand-over/", form)
    assert refused.status_code == 409
    assert "scored this review. Choose another lead." in refused.content.decode()
    assert "I am away." in refused.content.decode()
    lead.post(f"{address}hand-over/", {**form, "lead": str(other.public_id)})
    dispute.refresh_from_db()
    assert dispute.lead == other


def test_coaching_is_given_and_finished(scene: Scene) -> None:
    scene.release()
    lead, agent = signed_in(scene.lead), signed_in(scene.agent)
    address = f"/admin/reviews/{scene.review.public_id}/coach/"
    form = {"person": str(scene.agent.public_id), "words": "Read the policy."}
    lead.post(address, {**form, "due_at": "soon"})
    assert not Coaching.objects.exists()
    lead.post(address, {**form, "due_at": "2099-01-01T09:00"})
    task = Coaching.objects.get()
    assert "Read the policy." in agent.get("/admin/my-reviews/").content.decode()
    agent.post(f"/admin/my-reviews/coaching/{task.public_id}/", {"note": "I read it."})
    task.refresh_from_db()
    assert (task.note, task.done_at is None) == ("I read it.", False)


def test_disputes_are_given_as_a_file_without_anybodys_words(scene: Scene, act: Act) -> None:
    scene.release()
    dispute = disputed(scene, act)
    lead = signed_in(scene.lead)
    for kind, ending in (("", "csv"), ("parquet", "parquet")):
        answer = lead.get(f"/admin/disputes/export/?kind={kind}")
        assert f'filename="disputes.{ending}"' in answer["Content-Disposition"]
        assert b"only an offer" not in answer.content
    (row,) = read_table(BytesIO(answer.content)).to_pylist()
    assert (row["dispute"], row["state"]) == (str(dispute.public_id), "open")
    assert (row["due_at"], row["decided_at"]) == (dispute.due_at, None)


def test_more_disputes_cost_no_more_queries(
    scene: Scene, act: Act, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    scene.release()
    lead = signed_in(scene.lead)
    lead.get("/admin/disputes/")
    for questions in (["tone"], ["notes", "policy_followed"]):
        for question in questions:
            disputed(scene, act, question)
        with django_assert_num_queries(LIST_QUERIES):
            lead.get("/admin/disputes/")
