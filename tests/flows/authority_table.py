"""Who is let through where: every route of pages and of REST, once."""

from tests.flows.authority_pages import PAGES
from tests.flows.authority_rows import (
    CHANGES,
    DECISIONS,
    EVERY_ROLE,
    EVERYONE,
    LEDGER,
    QUALITY,
    READS_CASES_REST,
    REVIEWERS,
    REVIEWS,
    V1,
    V1_APPROVAL,
    V1_CALL,
    V1_CASE,
    V1_CHANGE,
    V1_ERASURE,
    V1_HANDOFF,
    V1_HOLD,
    V1_SUBJECT_EXPORT,
    VOTERS,
    VOTES,
    WORKS,
    WORKS_REST,
    Row,
    one_of_batch,
    rest_vote,
    said,
    settles,
)

_REST: dict[str, Row] = {
    "api/v1/checks/": Row(get=QUALITY),
    "api/v1/findings/": Row(get=QUALITY),
    "api/v1/findings/<uuid:finding_id>/": Row(get="VCYLM/CYLM"),
    f"{V1}cases/": Row(
        get=f"A{WORKS}{REVIEWS}",
        post=WORKS_REST,
        body=said(channel="chat", text="I want to return a lamp."),
    ),
    V1_CASE: Row(get=READS_CASES_REST),
    f"{V1_CASE}messages/": Row(post=WORKS_REST, body=said(speaker="customer", text="Hello.")),
    f"{V1_CASE}interactions/": Row(post=WORKS_REST, body=said(channel="chat")),
    f"{V1_CASE}disclosures/": Row(get=READS_CASES_REST, post=WORKS_REST),
    f"{V1_CASE}timeline/": Row(get=READS_CASES_REST),
    f"{V1_CASE}at/": Row(get="VCLM/CLM"),
    f"{V1_CASE}evidence/": Row(
        post=WORKS_REST,
        body=said(kind="photo", title="The lamp", proves="It is broken"),
    ),
    # It takes a form; whoever is let in is told so.
    f"{V1_CASE}files/": Row(post=WORKS_REST),
    f"{V1_CASE}files/<uuid:evidence_id>/": Row(get=f"A{WORKS}C/C"),
    f"{V1_CASE}facts/": Row(
        get=READS_CASES_REST, post=WORKS_REST, body=said(name="order_id", value="#W1")
    ),
    f"{V1_CASE}duplicates/": Row(get=READS_CASES_REST),
    # People merge; an agent never does.
    f"{V1_CASE}merge/": Row(
        post=f"{WORKS}/", body=lambda named: {"case": named["case_id"], "reason": "The same."}
    ),
    f"{V1_CASE}unmerge/": Row(post=f"{WORKS}/", body=said(reason="Not the same.")),
    f"{V1_CASE}verification/": Row(post=f"A{WORKS}/", body=said(level="basic", method="question")),
    f"{V1_CASE}intake/": Row(post=f"{WORKS}/", body=settles),
    f"{V1_CASE}intake/confirm/": Row(
        post=WORKS_REST, body=said(intent="exchange_items", evidence=["no message"])
    ),
    f"{V1_CASE}priority/": Row(post=f"{WORKS}/", body=said(impact=1, urgency=1)),
    f"{V1_CASE}flags/clear/": Row(
        post=f"{WORKS}/", body=said(flag="complaint", reason="She did not complain.")
    ),
    f"{V1}intake/examples/": Row(get=f"A{EVERY_ROLE}"),
    f"{V1}intake/priorities/": Row(get=f"A{EVERY_ROLE}"),
    f"{V1}intake/versions/": Row(get=f"A{EVERY_ROLE}"),
    f"{V1}intake/trainings/": Row(get=f"A{EVERY_ROLE}", post="P"),
    f"{V1_CASE}resolve/": Row(post=WORKS_REST, body=said(outcome="Done.")),
    f"{V1_CASE}close/": Row(post=WORKS_REST),
    f"{V1_CASE}reopen/": Row(post=WORKS_REST, body=said(reason="Again.")),
    f"{V1_CASE}journeys/": Row(post=WORKS_REST, body=lambda named: {"cue_sheet": named["sheet"]}),
    # People alone hold a journey up or give it up.
    f"{V1_CASE}journeys/<uuid:journey_id>/pause/": Row(
        post=f"{WORKS}/", body=said(reason="The customer thinks.", waits_for="customer")
    ),
    f"{V1_CASE}journeys/<uuid:journey_id>/resume/": Row(
        post=f"{WORKS}/", body=said(reason="The customer is back.")
    ),
    f"{V1_CASE}journeys/<uuid:journey_id>/cancel/": Row(
        post=f"{WORKS}/", body=said(reason="Not wanted any more.")
    ),
    f"{V1_CASE}journeys/<uuid:journey_id>/move/": Row(
        get=READS_CASES_REST, post=f"{WORKS}/", body=said(reason="Newer.", digest="0")
    ),
    f"{V1_CASE}reversals/<uuid:reversal_id>/finish/": Row(
        post=f"{WORKS}/", body=said(done=True, reason="Ordered again.")
    ),
    f"{V1_CASE}steps/": Row(get=READS_CASES_REST),
    f"{V1_CASE}steps/<str:step>/complete/": Row(post=WORKS_REST),
    f"{V1_CASE}tool-calls/": Row(
        post=WORKS_REST, body=said(tool="get_order_details", arguments={"order_id": "#W2378156"})
    ),
    f"{V1_CASE}handoffs/": Row(
        post=WORKS_REST,
        body=lambda named: {"to": {"queue": named["queue"]}, "reason_code": "person.other_team"},
    ),
    f"{V1}agent/version/": Row(
        # The agent here is another's; that one says its own is for its own tests.
        post="M",
        body=lambda named: {"version": "2026-12", "agent": named["agent_id"]},
    ),
    f"{V1}journeys/": Row(get=f"A{WORKS}{REVIEWS}"),
    f"{V1}steps/": Row(get=f"A{WORKS}{REVIEWS}"),
    f"{V1}cue-sheets/": Row(get=f"A{EVERY_ROLE}"),
    f"{V1}cue-sheets/<str:key>/readiness/": Row(get=f"A{EVERY_ROLE}"),
    f"{V1}tools/": Row(get=f"A{EVERY_ROLE}"),
    V1_CALL: Row(get=READS_CASES_REST),
    # An agent takes back what it proposed itself; these calls are another agent's.
    f"{V1_CALL}cancel/": Row(post=f"{WORKS}/", body=said(reason="Not needed.")),
    # People edit; an agent proposes anew.
    f"{V1_CALL}edit/": Row(
        post=f"{WORKS}C/",
        body=lambda named: {
            "arguments": {},
            "digest": named["action_digest"],
            "reason": "Two items only.",
        },
    ),
    f"{V1_CASE}consults/": Row(
        get=READS_CASES_REST,
        post=WORKS_REST,
        body=lambda named: {"to": {"queue": named["queue"]}, "question": "Is it covered?"},
    ),
    # Whoever was asked answers: here everybody who works the queue.
    f"{V1_CASE}consults/<uuid:consult_id>/answer/": Row(
        post=f"{WORKS}/", body=said(answer="It is.")
    ),
    f"{V1_CASE}referrals/": Row(
        post=WORKS_REST,
        body=said(to="The carrier", reason_code="outside.theirs_to_do", told="They will write."),
    ),
    V1_HANDOFF: Row(get=READS_CASES_REST),
    f"{V1_HANDOFF}accept/": Row(post=f"{WORKS}/"),
    f"{V1_HANDOFF}refuse/": Row(post=f"{WORKS}/", body=said(reason="Not mine.")),
    f"{V1_HANDOFF}judge/": Row(post=f"{WORKS}/", body=said(sufficient=True)),
    f"{V1_HANDOFF}return/": Row(post=f"{WORKS}/", body=said(reason="Not ours.")),
    f"{V1_HANDOFF}complete/": Row(post=f"{WORKS}/"),
    f"{V1}step-up/": Row(post="SVCPL", body=said(password="a long enough secret")),
    f"{V1}approvals/": Row(get=f"A{WORKS}{REVIEWS}"),
    V1_APPROVAL: Row(get=READS_CASES_REST),
    f"{V1_APPROVAL}vote/": Row(post=f"{VOTES}/", body=rest_vote),
    f"{V1_APPROVAL}claim/": Row(post=f"{VOTES}/"),
    f"{V1_APPROVAL}release/": Row(post=f"{VOTES}/"),
    f"{V1}approvals/batch-votes/": Row(
        post=VOTERS,
        body=lambda named: {"vote": "reject", "reason": "No.", "votes": [one_of_batch(named)]},
    ),
    f"{V1_APPROVAL}hand-over/": Row(
        post=f"{VOTES}/", body=lambda named: {"to": named["colleague_id"], "reason": "Lunch"}
    ),
    f"{V1_APPROVAL}take-back/": Row(post=""),
    f"{V1}questions/": Row(get=f"A{WORKS}{REVIEWS}"),
    f"{V1}unknown-outcomes/": Row(get=f"A{WORKS}{REVIEWS}"),
    f"{V1_CALL}reconcile/": Row(post="SV/", body=said(happened=True, reason="Seen in the store.")),
    f"{V1_CALL}retry/": Row(post="SV/", body=said(reason="Seen in the store.")),
    f"{V1_CALL}look-up/": Row(post="SV/"),
    f"{V1_CASE}suggestions/": Row(get=READS_CASES_REST),
    f"{V1_CASE}suggestions/<uuid:suggestion_id>/react/": Row(
        post=f"{WORKS}/", body=said(useful=True)
    ),
    f"{V1}skills/": Row(get="VCM"),
    f"{V1}skills/<slug:skill_key>/": Row(get="VCM"),
    f"{V1}skills/<slug:skill_key>/holders/": Row(
        get="VCM",
        post="M",
        body=lambda named: {"person": named["person_id"], "reason": "Passed the test."},
    ),
    f"{V1}skills/<slug:skill_key>/holders/<uuid:person_id>/take/": Row(
        post="M", body=said(reason="Out of practice.")
    ),
    f"{V1}stops/": Row(
        get=f"A{EVERY_ROLE}",
        post="VCM",
        body=said(scope="tool", key="list_all_product_types", reason="It lists nothing."),
    ),
    f"{V1}stops/<uuid:stop_id>/lift/": Row(post="VCM", body=said(reason="It adds again.")),
    f"{V1}stops/<uuid:stop_id>/keep/": Row(post="VCM"),
    f"{V1}policies/": Row(get=DECISIONS),
    f"{V1}policies/<str:key>/backtests/": Row(post="P"),
    f"{V1}policies/<str:key>/backtests/<uuid:backtest_id>/": Row(get=DECISIONS),
    f"{V1}change-requests/": Row(
        get=CHANGES,
        post="P",
        body=lambda named: {"kind": "policy", "key": named["key"], "title": "Stricter"},
    ),
    f"{V1}change-requests/rollback/": Row(
        post="P", body=lambda named: {"kind": "policy", "key": named["key"], "number": 1}
    ),
    V1_CHANGE: Row(get=CHANGES),
    f"{V1_CHANGE}draft/": Row(
        post="P", body=lambda named: {"document": named["document"], "digest": named["digest"]}
    ),
    f"{V1_CHANGE}submit/": Row(post="P"),
    f"{V1_CHANGE}withdraw/": Row(post="P"),
    f"{V1_CHANGE}rebase/": Row(post="P"),
    f"{V1_CHANGE}review/": Row(
        post=REVIEWERS,
        body=lambda named: {"review": "refuse", "digest": named["digest"], "reason": "No."},
    ),
    f"{V1_CHANGE}schedule/": Row(post="CP", body=said(publish_at="2030-01-01T00:00:00Z")),
    f"{V1_CHANGE}unschedule/": Row(post="CP"),
    f"{V1_CHANGE}publish/": Row(post="CP"),
    f"{V1_CHANGE}comments/": Row(post=CHANGES, body=said(text="Why?")),
    # Whoever made the comment or wrote the change; nobody here did.
    f"{V1_CHANGE}comments/<int:number>/resolve/": Row(post=""),
    f"{V1}decisions/<uuid:decision_id>/": Row(get=DECISIONS),
    f"{V1}decisions/<uuid:decision_id>/replay/": Row(post="VCPLM"),
    f"{V1}knowledge/": Row(get=f"A{EVERY_ROLE}"),
    f"{V1}knowledge/<str:key>/": Row(get=f"A{EVERY_ROLE}"),
    f"{V1}ledger/entries/": Row(get=LEDGER),
    f"{V1}quality/estimates/": Row(get=QUALITY),
    f"{V1}quality/overturned/": Row(get="L"),
    f"{V1}reports/": Row(get=LEDGER),
    # The one that stands here is nobody's yet, so that only a lead sees it.
    f"{V1}reviews/": Row(get=QUALITY),
    f"{V1}reviews/<uuid:quality_review_id>/": Row(get="L"),
    f"{V1}samples/": Row(get=QUALITY),
    f"{V1}samples/<uuid:sample_id>/": Row(get=QUALITY),
    f"{V1}samples/<uuid:sample_id>/proof/": Row(get=QUALITY),
    f"{V1}samples/<uuid:sample_id>/frame/": Row(get=QUALITY),
    f"{V1}retention/": Row(get=LEDGER),
    f"{V1}reports/controls/": Row(get=LEDGER),
    f"{V1}reports/<slug:code>/": Row(get=LEDGER),
    f"{V1}reports/<slug:code>/tables/<slug:table>/": Row(get=LEDGER),
    f"{V1}ledger/entries/<int:index>/proof/": Row(get=LEDGER),
    f"{V1}ledger/checkpoint/": Row(get=LEDGER),
    f"{V1}ledger/consistency/": Row(get=LEDGER),
    f"{V1}ledger/keys/": Row(get=LEDGER),
    f"{V1}ledger/exports/": Row(post=LEDGER, body=said(scope="ledger")),
    # Whoever asked, and whoever reads every queue; the file is not built here.
    f"{V1}ledger/exports/<uuid:export_id>/": Row(get="CLM"),
    f"{V1}ledger/exports/<uuid:export_id>/file/": Row(get="CLM"),
    f"{V1}ledger/exports/<uuid:export_id>/gaps/": Row(
        get="CLM", post="CLM", body=said(code="none", explanation="Known.")
    ),
    f"{V1}legal-holds/": Row(
        get="CM",
        post="CM",
        body=said(
            scope="span",
            begins_at="2020-01-01T00:00:00Z",
            ends_at="2020-01-02T00:00:00Z",
            reason="Claim",
            reference="4 O 12/26",
        ),
    ),
    V1_HOLD: Row(get="CM"),
    # The scene's hold was placed by somebody else, so either may confirm it.
    f"{V1_HOLD}confirm/": Row(post="CM"),
    f"{V1_HOLD}withdraw/": Row(post="CM"),
    f"{V1_HOLD}ask-lift/": Row(post="CM", body=said(reason="Settled")),
    f"{V1_HOLD}keep/": Row(post="CM"),
    f"{V1_HOLD}lift/": Row(post="CM"),
    f"{V1}erasures/": Row(
        get="CM",
        post="CM",
        body=lambda named: {
            "text": named["case_label"],
            "basis": "objection",
            "reference": "DSR-7",
        },
    ),
    V1_ERASURE: Row(get="CM"),
    # Whose data it takes is gone from the scene, which whoever may confirm it is told.
    f"{V1_ERASURE}confirm/": Row(post=""),
    f"{V1_ERASURE}withdraw/": Row(post="CM"),
    f"{V1}subject-exports/": Row(
        get="C",
        post="C",
        body=lambda named: {"text": named["case_label"], "reference": "DSR-7"},
    ),
    V1_SUBJECT_EXPORT: Row(get="C"),
    f"{V1_SUBJECT_EXPORT}file/": Row(get="C"),
}

#: For AI agents alone; people have pages, and REST.
_MCP: dict[str, Row] = {
    "mcp": Row(
        post="A",
        body=said(
            jsonrpc="2.0", id=1, method="initialize", params={"protocolVersion": "2025-11-25"}
        ),
    ),
    # Whoever signs a request is let in, and nobody here does.
    f"{V1}channels/<slug:channel_key>/": Row(post=""),
    f"{V1}outcomes/": Row(get=QUALITY),
    f"{V1}outcomes/<str:key>/": Row(get=QUALITY),
    f"{V1}outcome-alerts/": Row(get=QUALITY),
    f"{V1}outcome-alerts/<uuid:outcome_alert_id>/": Row(get=QUALITY),
    f"{V1}outcome-alerts/<uuid:outcome_alert_id>/acknowledge/": Row(
        post="VL", body=said(note="The queue has more people now.")
    ),
    f"{V1}outcome-alerts/<uuid:outcome_alert_id>/close/": Row(
        post="VL", body=said(note="It was a fault of the import.")
    ),
    f"{V1}webhooks/": Row(get="VCM"),
    f"{V1}webhooks/<uuid:endpoint_id>/deliveries/": Row(get="VCM"),
    f"{V1}webhooks/<uuid:endpoint_id>/test/": Row(post="M"),
    f"{V1}webhooks/<uuid:endpoint_id>/replay/": Row(
        post="M", body=said(since="2026-11-01T00:00:00Z", until="2026-11-02T00:00:00Z")
    ),
    f"{V1}webhooks/deliveries/<uuid:webhook_delivery_id>/replay/": Row(post="M"),
}

_OPEN: dict[str, Row] = {
    "": Row(get=EVERYONE, public=True),
    "healthz": Row(get=EVERYONE, public=True),
    "llms.txt": Row(get=EVERYONE, public=True),
    "llms-full.txt": Row(get=EVERYONE, public=True),
    "readyz": Row(get=EVERYONE, public=True),
    # Whoever asks from this machine, until a token is set.
    "metrics": Row(get=EVERYONE, public=True),
    "api/schema/": Row(get=EVERYONE, public=True),
    "api/docs/": Row(get=EVERYONE, public=True),
}

#: What the admin brings along and we do not use: nothing of ours is behind it.
NOT_OURS = {
    "admin/autocomplete/",
    "admin/jsi18n/",
    "admin/search/",
    "admin/r/<path:content_type_id>/<path:object_id>/",
    "admin/(?P<url>.*)$",
    "api/^",
}

TABLE: dict[str, Row] = {**PAGES, **_REST, **_MCP, **_OPEN}
