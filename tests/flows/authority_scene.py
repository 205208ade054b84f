"""What stands when somebody knocks: objects of two queues, and ids of what is gone."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cases.handoff.models import Handoff
from cases.journeys.models import CueSheet
from cases.memory.models import Case
from cases.memory.services import FileContent, attach_file
from cases.memory.types import EvidenceDraft
from cases.tools.models import Connection, ToolCall
from governance.access import services as access
from governance.access.models import Queue
from governance.access.types import Capability, Role
from governance.access_reviews.services import start_review
from governance.approvals import services as approvals
from governance.approvals.models import ApprovalRequest
from governance.evidence.services import request_export
from governance.evidence.types import ExportScope, ScopeKind
from governance.knowledge.models import Article
from governance.ledger.selection import EntrySelection
from governance.ledger.selectors import latest_checkpoint
from governance.ledger.services import save_search, sequence
from governance.notifications.types import DeliveryState
from governance.policies.models import DecisionRecord, Policy
from governance.policies.services.rehearsing.shadowing import start_shadow
from governance.policies.services.rehearsing.starting import start_rehearsal
from governance.privacy.models import Erasure
from governance.privacy.services import Cover, ask_hold
from governance.privacy.types import HoldScope
from governance.reviews import services as reviews
from orchestra.core import clock
from orchestra.core.history import save_as
from orchestra.management import world
from qa.builtin.services import load_shipped
from qa.calibration.models import CalibrationSession
from qa.history.models import PastLog
from qa.measurement.models import MetricDefinition
from qa.sampling.models import SamplingPlan
from qa.scorecards.models import Scorecard, ScorecardVersion
from qa.targets.models import OutcomeTarget
from tests.factories.access import make_agent, make_person, make_token
from tests.factories.assist import make_suggestion
from tests.factories.channels import make_channel
from tests.factories.history import make_past_log
from tests.factories.notifications import make_delivery, make_notice
from tests.factories.skills import make_skill
from tests.factories.webhooks import make_endpoint, make_webhook_delivery
from tests.flows.authority_things import (
    GONE,
    difference,
    disputed,
    finding,
    held_sample,
    imported_draft,
    outcome_alert,
    reversal,
    stopped,
    subject_export,
    to_review,
)
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return

__all__ = ["GONE", "Scene", "make_scene", "named_by"]

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Scene:
    """What stands when somebody knocks.

    Attributes:
        own: What routes name, for objects of the actors' queue or of none.
        other: The same for objects of a queue on which nobody here holds a grant.
        gone: The same for what does not exist.
    """

    own: Mapping[str, Any]
    other: Mapping[str, Any]
    gone: Mapping[str, Any]
    queue: Queue


def make_scene(retail: World) -> Scene:
    load_shipped(actor=world.BUILDER, now=clock.now())
    own, other = _waiting(retail), _waiting(retail, moved=True)
    common = _common(retail)
    sequence(now=clock.now())
    signed = latest_checkpoint()
    size = signed.size if signed else 0
    common |= {"stop_id": stopped()}
    common |= {"size": size, "size1": size, "size2": size, "stream": "system", "seq": 1}
    gone = {
        name: GONE
        if re.fullmatch(r"[0-9a-f-]{36}", str(value))
        else 987654
        if isinstance(value, int)
        else value
        if name in {"queue", "document", "digest", "action_digest", "view_digest"}
        else "nothing"
        for name, value in {**common, **own}.items()
    }
    queue = Queue.objects.get(key=own["queue"])
    return Scene(own={**common, **own}, other={**common, **other}, gone=gone, queue=queue)


def _waiting(retail: World, *, moved: bool = False) -> dict[str, Any]:
    """Return what routes name of a case that waits for a vote, and of one handed on."""
    case_id, called = waiting_return(retail)
    call = ToolCall.objects.get(public_id=called["id"])
    asked = retail.api.post(
        f"cases/{case_id}/consults/",
        {"to": {"queue": call.case.queue.key}, "question": "Is the lamp under warranty?"},
    )
    assert asked.status_code == 201, asked.content
    if moved:
        # The same matter in another team's hands: only the queue differs.
        elsewhere = Queue.objects.exclude(pk=call.case.queue_id).exclude(is_default=True)[0]
        Case.objects.filter(pk=call.case_id).update(queue=elsewhere)
        ApprovalRequest.objects.filter(case_public_id=case_id).update(queue=elsewhere)
    case = Case.objects.get(public_id=case_id)
    offered = retail.api.post(
        f"cases/{case_id}/handoffs/",
        {"to": {"queue": case.queue.key}, "reason_code": "customer_request"},
    )
    assert offered.status_code == 201, offered.content
    approval = ApprovalRequest.objects.get(case_public_id=case_id)
    file = attach_file(
        actor=world.BUILDER,
        now=clock.now(),
        case=case,
        draft=EvidenceDraft(kind="document", title="A note", proves="It was said"),
        file=FileContent("note.txt", b"Words."),
    )
    reviewed = to_review(case)
    step = case.journeys.get().steps.get(tool_call=call)
    return {
        "case_id": case_id,
        "case_label": case.label,
        "consult_id": asked.json()["id"],
        "quality_review_id": str(reviewed.public_id),
        **disputed(case),
        "unit_id": str(reviewed.unit.public_id),
        "analyst_id": str(make_person(roles=[Role.QA_ANALYST]).public_id),
        "evidence_id": str(file.public_id),
        "classification_id": str(case.classifications.latest("pk").public_id),
        "call_id": str(call.public_id),
        "request_id": str(approval.public_id),
        "approval_id": str(approval.public_id),
        "action_digest": approval.action_digest,
        "view_digest": approval.view_digest,
        "handoff_id": str(Handoff.objects.get(case=case).public_id),
        "decision_id": str(
            DecisionRecord.objects.filter(subject_id=str(call.public_id)).latest("pk").public_id
        ),
        "suggestion_id": str(make_suggestion(case).public_id),
        "difference_id": str(difference(case).public_id),
        "finding_id": str(finding(case).public_id),
        "journey_id": str(step.journey.public_id),
        "reversal_id": str(reversal(step, call).public_id),
        "step": step.key,
        "step_id": step.key,
        "queue": case.queue.key,
        "tool": "get_order_details",
    }


#: Documents by the route that names them: each has keys of its own.
_SHELVES: Mapping[str, type[Any]] = {
    "admin/connections/": Connection,
    "admin/policies/": Policy,
    "api/v1/policies/": Policy,
    "admin/cue-sheets/": CueSheet,
    "api/v1/cue-sheets/": CueSheet,
    "admin/knowledge/": Article,
    "api/v1/knowledge/": Article,
    "admin/scorecards/": Scorecard,
    "admin/sampling-plans/": SamplingPlan,
    "admin/metric-definitions/": MetricDefinition,
    "admin/targets/": OutcomeTarget,
    "admin/journey-outcomes/": CueSheet,
    "admin/baseline/": PastLog,
    "admin/outcomes/": MetricDefinition,
    "api/v1/outcomes/": MetricDefinition,
}


def _common(retail: World) -> dict[str, Any]:
    """Return what routes name of things that belong to no queue."""
    now = clock.now()
    people = {name: user.as_actor() for name, user in retail.people.items()}
    policy = Policy.objects.order_by("pk")[0]
    author = make_person("author", roles=[Role.POLICY_OWNER])
    change = reviews.open_change(
        actor=author.as_actor(),
        now=now,
        kind="policy",
        document_key=policy.key,
        title="Stricter",
        summary="",
    )
    change = reviews.save_draft(
        actor=author.as_actor(),
        now=now,
        change_id=change.public_id,
        document={**change.document, "title": "Stricter"},
        seen_digest=change.digest,
    )
    start_shadow(
        actor=author.as_actor(),
        now=now,
        change_id=change.public_id,
        until=now + timedelta(days=1),
    )
    reviews.comment(
        actor=author.as_actor(), now=now, change_id=change.public_id, text="Is it enough?"
    )
    article, submitted = (
        reviews.open_change(
            actor=author.as_actor(),
            now=now,
            kind="article",
            document_key=each.key,
            title="Clearer",
            summary="",
            document=None,
        )
        for each in Article.objects.order_by("pk")[:2]
    )
    submitted = reviews.save_draft(
        actor=author.as_actor(),
        now=now,
        change_id=submitted.public_id,
        document={**submitted.document, "title": "Clearer"},
        seen_digest=submitted.digest,
    )
    reviews.submit(actor=author.as_actor(), now=now, change_id=submitted.public_id)
    draft = imported_draft(author.as_actor())
    rehearsal = start_rehearsal(
        actor=world.BUILDER,
        now=now,
        policy_key=policy.key,
        document=dict(change.document),
        since=now - timedelta(days=1),
    )
    delegation = access.delegate(
        actor=people["compliance"],
        now=now,
        delegate_id=make_person("stand-in", roles=[Role.COMPLIANCE_OFFICER]).public_id,
        covers=Capability.CHANGE_REVIEW,
        until_at=now + timedelta(days=1),
        reason="Away",
    )
    review = start_review(
        actor=people["compliance"],
        now=now,
        title="Of the quarter",
        due_at=now + timedelta(days=7),
        reviewer_ids=[retail.people["compliance"].public_id],
    )
    export = request_export(
        actor=people["compliance"], now=now, scope=ExportScope(ScopeKind.LEDGER)
    )
    hold = ask_hold(
        actor=people["compliance"],
        now=now,
        cover=Cover(HoldScope.SPAN, begins_at=LONG_AGO, ends_at=LONG_AGO),
        reason="Claim",
        reference="4 O 12/26",
    )
    erasure = Erasure.objects.create(
        subject_kind="customer",
        subject_id=GONE,
        label="Customer 0",
        basis="objection",
        reference="DSR 7",
        asked_by=retail.people["compliance"],
        asked_at=now,
        deadline_at=now + timedelta(days=7),
    )
    view = approvals.save_view(
        actor=people["supervisor"], now=now, name="Risky", criteria="risk=high"
    )
    search = save_search(
        actor=people["supervisor"], now=now, name="Risky", selection=EntrySelection(risks=("high",))
    )
    notice = make_notice(retail.people["supervisor"], now)
    failed = make_delivery(notice, now, state=DeliveryState.FAILED, ended_at=now)
    agent = make_agent("Night bot", owner=retail.people["operator"])
    token, _text = make_token(agent, expires_at=now + timedelta(days=1))
    endpoint = make_endpoint(retail.people["operator"], now)
    sent = make_webhook_delivery(endpoint, now, state="failed", ended_at=now)
    session = CalibrationSession(
        scorecard=ScorecardVersion.objects.all()[0], seed=1, opened_at=now, due_at=now
    )
    save_as(session, actor=author.as_actor(), reason="Begun.")
    return {
        "session_id": str(session.public_id),
        "sample_id": held_sample(),
        "outcome_alert_id": outcome_alert(),
        "endpoint_id": str(endpoint.public_id),
        "webhook_delivery_id": str(sent.public_id),
        "channel_key": make_channel(retail.people["operator"], now, tried_revision=1).key,
        "key": policy.key,
        "name": "get_order_details",
        "sheet": CueSheet.objects.order_by("pk")[0].key,
        "kind": "policy",
        "pk": policy.pk,
        "change_id": str(change.public_id),
        "draft_id": str(draft.public_id),
        "draft_digest": draft.digest,
        "article_change": str(article.public_id),
        "submitted_change": str(submitted.public_id),
        "submitted_digest": submitted.digest,
        "document": change.document,
        "text": json.dumps(change.document),
        "digest": change.digest,
        "number": 1,
        "rehearsal_id": str(rehearsal.public_id),
        "backtest_id": str(rehearsal.public_id),
        "delegation_id": str(delegation.public_id),
        "person_id": str(make_person("somebody").public_id),
        "skill_key": make_skill("polish").key,
        "role": Role.SPECIALIST.value,
        "agent_id": str(agent.public_id),
        "token_id": str(token.public_id),
        "index": 1,
        "code": "changes",
        "table": "population",
        "export_id": str(export.public_id),
        "colleague_id": str(retail.people["colleague"].public_id),
        "notice_id": str(notice.public_id),
        "delivery_id": str(failed.public_id),
        "view_id": str(view.public_id),
        "hold_id": str(hold.public_id),
        "erasure_id": str(erasure.public_id),
        "search_id": str(search.public_id),
        "review_id": str(review.public_id),
        "item_id": str(review.items.order_by("pk")[0].public_id),
        "form": "csv",
        "provider_id": "centre",
        "handle": "nobodys",
        "subject_export_id": str(subject_export(retail.people["compliance"]).public_id),
        "act": "unlock",
        "ref": make_past_log().rows.order_by("pk")[0].ref,
    }


#: What a route means by a name where others mean something else: its part, the name, the value.
_MEANT = (
    ("change-requests/new/", "kind", "policy"),
    ("/agents/", "act", "stop"),
    ("/stops/", "act", "lift"),
    ("/skills/", "act", "list"),
    ("/start-here/", "act", "choose"),
    ("/assist/<slug:act>/", "act", "pause"),
    ("<uuid:suggestion_id>/", "act", "dismiss"),
    ("/unknown-outcomes/", "act", "happened"),
    ("/webhooks/", "act", "test"),
    ("/channels/", "act", "start"),
    ("/legal-holds/", "act", "confirm"),
    ("/erasures/", "act", "withdraw"),
    ("/vigilance/", "act", "ask"),
    ("/vigilance/", "key", "{queue}"),
    ("/article/", "change_id", "{article_change}"),
    ("<uuid:change_id>/vote/", "change_id", "{submitted_change}"),
    ("<uuid:change_id>/vote/", "digest", "{submitted_digest}"),
    ("<uuid:change_id>/review/", "change_id", "{submitted_change}"),
    ("<uuid:change_id>/review/", "digest", "{submitted_digest}"),
    ("ledger/entries/", "index", "0"),
    ("/retention/", "code", "case_words"),
)


def named_by(route: str, situation: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a route names: the key is one of the shelf that the route is about."""
    named = dict(situation)
    if named["key"] == "nothing":
        return named
    for prefix, shelf in _SHELVES.items():
        if route.startswith(prefix):
            named["key"] = shelf.objects.order_by("pk")[0].key
    for part, name, value in _MEANT:
        if part in route:
            named[name] = value.format(**situation)
    return named
