"""Who is told of a released review, of a dispute, and of what was decided."""

from datetime import timedelta

from django.test import Client

from governance.ledger.models import LedgerEntry
from governance.notifications.types import Happened, Telling
from qa.disputes.models import Dispute
from qa.disputes.services import decide_dispute, pass_late, raise_dispute
from qa.disputes.telling import RULES
from tests.conftest import NOW
from tests.qa.disputes.conftest import Act, Scene


def telling_of(kind: str, scene: Scene, payload: dict[str, str], actor_id: str = "") -> Telling:
    rule = RULES[kind]
    assert LedgerEntry.objects.filter(kind=kind).exists()
    assert rule.tell is not None
    found = rule.tell(
        Happened(
            index=1,
            event_id="e",
            kind=kind,
            at=NOW,
            actor_id=actor_id,
            stream="",
            subject_kind="quality_review",
            subject_id=str(scene.review.public_id),
            payload=payload,
        ),
        NOW,
    )
    assert found is not None
    return found


def raised(scene: Scene, act: Act) -> tuple[Dispute, dict[str, str]]:
    scene.release()
    found: Dispute = act(
        raise_dispute,
        scene.agent,
        review_id=scene.review.public_id,
        question="policy_followed",
        words="Nothing forbidden was done.",
    )
    return found, {"dispute": str(found.public_id)}


def people(telling: Telling) -> set[str]:
    return {one.person_id for one in telling.people}


def test_who_is_judged_is_told_of_a_released_review_and_until_when(scene: Scene) -> None:
    scene.release()
    telling = telling_of("quality_review.released", scene, {})
    assert people(telling) == {str(scene.agent.public_id), str(scene.owner.public_id)}
    assert (telling.page, telling.page_id) == ("my_review", str(scene.review.public_id))
    assert telling.deadline_at == NOW + timedelta(days=5)


def test_the_lead_whose_turn_it_is_is_told_of_a_dispute(scene: Scene, act: Act) -> None:
    dispute, payload = raised(scene, act)
    assert dispute.lead is not None
    telling = telling_of("quality_dispute.raised", scene, payload)
    assert people(telling) == {str(dispute.lead.public_id)}
    assert (telling.page, telling.page_id) == ("dispute", str(dispute.public_id))
    assert telling.deadline_at == dispute.due_at
    assert pass_late(now=dispute.due_at) == 1
    first = dispute.lead
    dispute.refresh_from_db()
    assert dispute.lead not in (None, first)
    telling = telling_of("quality_dispute.passed_on", scene, payload)
    assert people(telling) == {str(dispute.lead.public_id)}


def test_both_voices_are_told_what_was_decided_and_read_it(scene: Scene, act: Act) -> None:
    dispute, payload = raised(scene, act)
    assert dispute.lead is not None
    act(decide_dispute, dispute.lead, dispute_id=dispute.public_id, value="yes", reason="It holds.")
    telling = telling_of("quality_dispute.decided", scene, payload)
    assert people(telling) == {str(scene.agent.public_id), str(scene.reviewer.public_id)}
    link = f"/admin/my-reviews/{telling.page_id}/"
    for person in (scene.agent, scene.reviewer):
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        assert "It holds." in client.get(link, follow=True).content.decode()
    happened = {"dispute": str(dispute.public_id)}
    rule = RULES["quality_dispute.raised"]
    assert rule.tell is not None
    late = Happened(2, "f", "quality_dispute.raised", NOW, "", "", "", "", happened)
    assert rule.tell(late, NOW) is None


def test_an_erased_entry_tells_nobody() -> None:
    for kind in ("quality_dispute.raised", "quality_dispute.decided"):
        tell = RULES[kind].tell
        assert tell is not None
        assert tell(Happened(1, "e", kind, NOW, "", "", "", "", {}), NOW) is None
