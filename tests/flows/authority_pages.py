"""Who is let through on which page."""

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.flows.authority_quality import QUALITY_PAGES
from tests.flows.authority_rows import (
    APPROVAL,
    CASE,
    CHANGE,
    CHANGES,
    DECISIONS,
    EVERY_ROLE,
    EVERYONE,
    LEDGER,
    PEOPLE,
    POLICY,
    READS_CASES,
    REVIEW,
    REVIEWERS,
    REVIEWS,
    VOTERS,
    VOTERS_HERE,
    VOTES,
    WORKS,
    Row,
    channel_body,
    page_vote,
    said,
    settles,
    webhook_body,
)

PAGES: dict[str, Row] = {
    "admin/": Row(get=PEOPLE),
    "admin/find/": Row(get=PEOPLE),
    "admin/live/": Row(get=PEOPLE),
    "admin/login/": Row(get=EVERYONE, post=EVERYONE, public=True),
    "admin/login/code/": Row(get=EVERYONE, public=True),
    # No identity provider is set up here: nothing answers.
    "admin/login/<slug:provider_id>/": Row(get=""),
    "admin/login/<slug:provider_id>/callback/": Row(get=""),
    "admin/logout/": Row(post=EVERYONE, public=True),
    "admin/password_change/": Row(get=PEOPLE, post=PEOPLE),
    "admin/password_change/done/": Row(get=PEOPLE),
    "admin/approvals/": Row(get=f"{WORKS}{REVIEWS}"),
    "admin/approvals/live/": Row(get=f"{WORKS}{REVIEWS}"),
    "admin/approvals/capacity/": Row(get=f"{WORKS}{REVIEWS}"),
    "admin/approvals/capacity/unmet/": Row(get=f"{WORKS}{REVIEWS}"),
    "admin/approvals/views/": Row(
        post=f"{WORKS}{REVIEWS}", body=said(name="Risky", criteria="risk=high")
    ),
    # A view is its owner's alone, and its owner does not knock here.
    "admin/approvals/views/<uuid:view_id>/rename/": Row(post="", body=said(name="Ours")),
    "admin/approvals/views/<uuid:view_id>/delete/": Row(post=""),
    APPROVAL: Row(get=READS_CASES),
    f"{APPROVAL}claim/": Row(post=f"{VOTES}/"),
    f"{APPROVAL}not-now/": Row(post=READS_CASES),
    f"{APPROVAL}outcome/": Row(get=READS_CASES),
    f"{APPROVAL}standing/": Row(get=READS_CASES),
    f"{APPROVAL}step-up/": Row(get=READS_CASES, post=READS_CASES),
    f"{APPROVAL}vote/": Row(post=f"{VOTES}/", body=page_vote("action_digest")),
    f"{APPROVAL}evidence-seen/": Row(post=f"{VOTERS}/C"),
    f"{APPROVAL}hand-over/": Row(
        get=VOTERS_HERE,
        post=f"{VOTES}/",
        body=lambda named: {
            "to": named["colleague_id"],
            "until": "2030-01-01T00:00",
            "reason": "Lunch",
        },
    ),
    f"{APPROVAL}take-back/": Row(post=""),
    f"{APPROVAL}edit/": Row(
        get=f"{WORKS}C/",
        post=f"{WORKS}C/",
        body=lambda named: {"action_digest": named["action_digest"], "reason": "Two only."},
    ),
    "admin/approvals/batch/": Row(
        get=VOTERS, post=VOTERS, body=lambda named: {"choice": "reject", "id": named["request_id"]}
    ),
    "admin/approvals/quality/": Row(get=f"{VOTERS}L"),
    "admin/approvals/quality/rows/": Row(get=f"{VOTERS}L"),
    "admin/operations/": Row(get="VCM"),
    "admin/operations/now/": Row(get="VCM"),
    "admin/questions/": Row(get=f"{WORKS}{REVIEWS}"),
    "admin/unknown-outcomes/": Row(get=f"{WORKS}{REVIEWS}"),
    "admin/unknown-outcomes/<uuid:call_id>/": Row(get=READS_CASES),
    # The calls here are of high risk: who may also vote settles them.
    "admin/unknown-outcomes/<uuid:call_id>/<slug:act>/": Row(
        post="SV/", body=said(reason="Seen in the store.")
    ),
    "admin/connections-at-work/": Row(get=EVERY_ROLE),
    "admin/stops/": Row(get=EVERY_ROLE),
    "admin/stops/begin/": Row(
        post="VCM", body=said(what="tool:list_all_product_types", reason="It lists nothing.")
    ),
    "admin/stops/<uuid:stop_id>/<slug:act>/": Row(post="VCM", body=said(reason="It adds again.")),
    "admin/vigilance/": Row(get="CM"),
    "admin/vigilance/<slug:key>/<slug:act>/": Row(
        post="CM", body=said(per_thousand="5", reason="Once a quarter")
    ),
    f"{CASE}journeys/<str:journey_id>/": Row(get=READS_CASES),
    f"{CASE}journeys/<str:journey_id>/pause/": Row(post=f"{WORKS}/", body=said(reason="Wait.")),
    f"{CASE}journeys/<str:journey_id>/resume/": Row(post=f"{WORKS}/", body=said(reason="Go.")),
    f"{CASE}journeys/<str:journey_id>/cancel/": Row(post=f"{WORKS}/", body=said(reason="No.")),
    f"{CASE}journeys/<str:journey_id>/move/": Row(
        post=f"{WORKS}/", body=said(reason="Newer.", digest="0")
    ),
    f"{CASE}reversals/<str:reversal_id>/finish/": Row(
        post=f"{WORKS}/", body=said(reason="Ordered again.", done="yes")
    ),
    f"{CHANGE}cue-sheet/": Row(get="", post=""),
    f"{CHANGE}cue-sheet/trial/": Row(get=""),
    "admin/journeys/": Row(get=f"{WORKS}{REVIEWS}"),
    "admin/journeys/cases/": Row(get=f"{WORKS}{REVIEWS}"),
    "admin/cases/": Row(get=f"{WORKS}{REVIEWS}"),
    f"{CASE}intake/": Row(post=f"{WORKS}/", body=settles),
    f"{CASE}priority/": Row(post=f"{WORKS}/", body=said(impact="1", urgency="1")),
    f"{CASE}flags/clear/": Row(post=f"{WORKS}/", body=said(flag="complaint", reason="No.")),
    CASE: Row(get=READS_CASES),
    f"{CASE}assist/live/": Row(get=READS_CASES),
    f"{CASE}assist/<slug:act>/": Row(post=f"{WORKS}/"),
    f"{CASE}assist/<uuid:suggestion_id>/<slug:act>/": Row(post=f"{WORKS}/"),
    f"{CASE}reply/": Row(post=f"{WORKS}/", body=said(text="Hello.")),
    f"{CASE}resolve/": Row(post=f"{WORKS}/", body=said(outcome="confirmed", summary="Done.")),
    f"{CASE}close/": Row(post=f"{WORKS}/"),
    f"{CASE}reopen/": Row(post=f"{WORKS}/", body=said(reason="Called again.")),
    f"{CASE}files/": Row(
        post=f"{WORKS}/",
        body=lambda _named: {
            "file": SimpleUploadedFile("a.txt", b"Words.", "text/plain"),
            "proves": "It was said.",
        },
    ),
    f"{CASE}files/<uuid:evidence_id>/": Row(get=f"{WORKS}C/C"),
    f"{CASE}facts/": Row(post=f"{WORKS}/", body=said(name="order id", value="#W1")),
    f"{CASE}merge/": Row(
        post=f"{WORKS}/", body=lambda named: {"case": named["case_label"], "reason": "The same."}
    ),
    f"{CASE}unmerge/": Row(post=f"{WORKS}/", body=said(reason="Not the same.")),
    f"{CASE}hand-on/": Row(
        get=f"{WORKS}/",
        post=f"{WORKS}/",
        body=lambda named: {"reason": "person.other_team", "queue": named["queue"]},
    ),
    f"{CASE}ask/": Row(
        get=f"{WORKS}/",
        post=f"{WORKS}/",
        body=lambda named: {"queue": named["queue"], "question": "Is it covered?"},
    ),
    f"{CASE}consults/<uuid:consult_id>/answer/": Row(post=f"{WORKS}/", body=said(answer="It is.")),
    f"{CASE}refer/": Row(
        post=f"{WORKS}/",
        body=said(to="The carrier", reason="outside.theirs_to_do", told="They will write."),
    ),
    f"{CASE}live/": Row(get=READS_CASES),
    f"{CASE}articles/": Row(get=READS_CASES),
    f"{CASE}propose/": Row(get=f"{WORKS}/"),
    f"{CASE}propose/<str:tool>/": Row(get=f"{WORKS}/", post=f"{WORKS}/"),
    f"{CASE}steps/<str:step_id>/done/": Row(post=f"{WORKS}/"),
    "admin/handoffs/": Row(get=f"{WORKS}{REVIEWS}"),
    "admin/handoffs/served/": Row(get=f"{WORKS}{REVIEWS}"),
    "admin/handoffs/<uuid:handoff_id>/accept/": Row(post=f"{WORKS}/"),
    "admin/handoffs/<uuid:handoff_id>/judge/": Row(post=f"{WORKS}/"),
    "admin/handoffs/<uuid:handoff_id>/refuse/": Row(
        post=f"{WORKS}/", body=said(reason="Not mine.")
    ),
    "admin/decisions/": Row(get=DECISIONS),
    "admin/decisions/<uuid:decision_id>/": Row(get=DECISIONS),
    # The earlier versions of a policy, for who reads policies.
    "admin/history/<str:kind>/<int:pk>/": Row(get=DECISIONS),
    "admin/connections/": Row(get=EVERY_ROLE),
    "admin/connections/<str:key>/": Row(get=EVERY_ROLE, post="PM"),
    "admin/connections/<str:key>/test/": Row(post="PM"),
    "admin/connection-add/": Row(get="PM", post="PM"),
    "admin/imported-tools/": Row(get=CHANGES),
    "admin/imported-tools/<uuid:draft_id>/": Row(
        get=CHANGES,
        post="PM",
        body=lambda named: {"digest": named["draft_digest"], "title": "Order details"},
    ),
    "admin/imported-tools/<uuid:draft_id>/submit/": Row(
        post="PM", body=lambda named: {"digest": named["draft_digest"]}
    ),
    "admin/imported-tools/<uuid:draft_id>/try/": Row(get=DECISIONS, post=DECISIONS),
    "admin/tools/": Row(get=EVERY_ROLE),
    "admin/tools/<str:name>/": Row(get=EVERY_ROLE),
    "admin/start-here/": Row(get=EVERY_ROLE),
    "admin/start-here/<slug:act>/": Row(post="MP", body=said(journey="return_items")),
    "admin/intake/": Row(get=EVERY_ROLE),
    "admin/intake/priorities/": Row(
        post="P",
        body=said(
            **{
                f"{impact}-{urgency}": "3"
                for impact in ("high", "medium", "low")
                for urgency in ("high", "medium", "low")
            }
        ),
    ),
    "admin/intake/learn/": Row(post="P"),
    "admin/cue-sheets/": Row(get=EVERY_ROLE),
    "admin/cue-sheets/<str:key>/": Row(get=EVERY_ROLE),
    "admin/knowledge/": Row(get=EVERY_ROLE),
    "admin/knowledge/<str:key>/": Row(get=EVERY_ROLE),
    "admin/policies/": Row(get=DECISIONS),
    POLICY: Row(get=DECISIONS),
    f"{POLICY}compare/": Row(get=DECISIONS),
    f"{POLICY}try/": Row(get=DECISIONS),
    f"{POLICY}edit/": Row(post="P"),
    f"{POLICY}reading/": Row(post="P"),
    f"{POLICY}yaml/": Row(get=DECISIONS, post="P"),
    f"{POLICY}rehearsals/<uuid:rehearsal_id>/": Row(get=DECISIONS),
    f"{POLICY}rehearsals/<uuid:rehearsal_id>/progress/": Row(get=DECISIONS),
    f"{POLICY}rehearsals/<uuid:rehearsal_id>/cancel/": Row(post="P"),
    "admin/change-requests/": Row(get=CHANGES),
    "admin/change-requests/open/": Row(
        post="P", body=lambda named: {"kind": "policy", "key": named["key"], "title": "Stricter"}
    ),
    "admin/change-requests/new/<str:kind>/": Row(get="P", post="P"),
    CHANGE: Row(get=CHANGES),
    f"{CHANGE}act/": Row(post=CHANGES, body=said(act="comment", text="Why?")),
    f"{CHANGE}article/": Row(get=CHANGES, post="PL"),
    f"{CHANGE}article/preview/": Row(post="PL"),
    f"{CHANGE}rehearse/": Row(post="P"),
    f"{CHANGE}save/": Row(
        post="P", body=lambda named: {"text": named["text"], "digest": named["digest"]}
    ),
    f"{CHANGE}shadow/": Row(get=CHANGES),
    f"{CHANGE}shadow/start/": Row(post="P"),
    f"{CHANGE}shadow/stop/": Row(post="P"),
    f"{CHANGE}step-up/": Row(get=CHANGES, post=CHANGES),
    f"{CHANGE}table/": Row(get=CHANGES, post="P"),
    f"{CHANGE}table/reading/": Row(post="P"),
    f"{CHANGE}table/yaml/": Row(get=CHANGES, post="P"),
    f"{CHANGE}texts/<int:number>/": Row(get=CHANGES),
    f"{CHANGE}vote/": Row(
        post=REVIEWERS,
        body=lambda named: {"choice": "refuse", "digest": named["digest"], "reason": "No."},
    ),
    "admin/ledger/": Row(get=LEDGER),
    "admin/ledger/case/": Row(get=LEDGER),
    "admin/ledger/case-at/": Row(get=LEDGER),
    f"{CASE}playback/": Row(get="VCLM/CLM"),
    "admin/ledger/checkpoints/": Row(get=LEDGER),
    "admin/ledger/checkpoints/<int:size>/": Row(get=LEDGER),
    "admin/ledger/consistency/<int:size1>/<int:size2>/": Row(get=LEDGER),
    "admin/ledger/entries/<int:index>/proof/": Row(get=LEDGER),
    "admin/ledger/finding/": Row(get=LEDGER),
    "admin/ledger/streams/<str:stream>/<int:seq>/": Row(get=LEDGER),
    "admin/ledger/searches/": Row(post=LEDGER, body=said(name="Refused", group="refused")),
    # A search is its owner's alone, and its owner does not knock here.
    "admin/ledger/searches/<uuid:search_id>/delete/": Row(post=""),
    "admin/ledger/searches/<uuid:search_id>/rename/": Row(post="", body=said(name="Ours")),
    "admin/ledger/verify/": Row(post="CM"),
    "admin/reports/": Row(get=LEDGER),
    "admin/controls/": Row(get=LEDGER),
    "admin/reports/<slug:code>/": Row(get=LEDGER),
    "admin/retention/": Row(get=LEDGER),
    "admin/retention/dry-run/": Row(post="CM"),
    "admin/retention/progress/": Row(get=LEDGER),
    "admin/retention/classes/<slug:code>/": Row(
        get="C", post="C", body=said(days="900", reason="Agreed")
    ),
    "admin/retention/classes/<slug:code>/step-up/": Row(get="C", post="C"),
    "admin/subject-exports/": Row(get="C", post="C", body=said(subject="C-1", reference="DSR-7")),
    "admin/subject-exports/step-up/": Row(get="C", post="C"),
    "admin/subject-exports/<uuid:subject_export_id>/file/": Row(get="C"),
    "admin/evidence/": Row(get=LEDGER),
    "admin/evidence/request/": Row(post=LEDGER, body=said(prove="ledger")),
    # Whoever asked, and whoever reads every queue; the file is not built here.
    "admin/evidence/<uuid:export_id>/": Row(get="CLM"),
    "admin/evidence/<uuid:export_id>/progress/": Row(get="CLM"),
    "admin/evidence/<uuid:export_id>/file/": Row(get="CLM"),
    "admin/evidence/<uuid:export_id>/explain/": Row(
        post="CLM", body=said(code="none", explanation="Known.")
    ),
    "admin/evidence/<uuid:export_id>/cancel/": Row(post="CLM"),
    "admin/legal-holds/": Row(get="CM"),
    "admin/legal-holds/place/": Row(post="CM"),
    # The scene's hold was placed by somebody else, so either may confirm it.
    "admin/legal-holds/<uuid:hold_id>/<slug:act>/": Row(post="CM"),
    "admin/erasures/": Row(get="CM", post="CM"),
    "admin/erasures/ask/": Row(post="CM"),
    "admin/erasures/<uuid:erasure_id>/": Row(get="CM"),
    "admin/erasures/<uuid:erasure_id>/<slug:act>/": Row(post="CM"),
    "admin/reconciliation/": Row(get=LEDGER),
    "admin/reconciliation/run/": Row(post="CM"),
    "admin/reconciliation/<uuid:difference_id>/explain/": Row(
        post="CM", body=said(explanation="Known.")
    ),
    "admin/access/": Row(get="VCM"),
    "admin/access/matrix/": Row(get="VCM"),
    "admin/access/on-a-date/": Row(get="VCM"),
    "admin/access/on-a-date/csv/": Row(get="VCM"),
    "admin/access/reviews/": Row(get="C"),
    "admin/access/reviews/start/": Row(
        post="C", body=said(title="Once more", due_at="2030-01-01", days="14")
    ),
    REVIEW: Row(get="C"),
    f"{REVIEW}export/<str:form>/": Row(get="C"),
    # Its reviewers decide; whoever knocks here was not named as one.
    f"{REVIEW}finish/": Row(post=""),
    f"{REVIEW}reviewers/": Row(post="C", body=lambda named: {"reviewer": named["colleague_id"]}),
    f"{REVIEW}lines/<uuid:item_id>/confirm/": Row(post=""),
    f"{REVIEW}lines/<uuid:item_id>/revoke/": Row(post="", body=said(reason="Left the team")),
    "admin/signing-in/": Row(get="M"),
    "admin/signing-in/<uuid:person_id>/<slug:act>/": Row(post="M", body=said(reason="Asked for")),
    "admin/account/prove/": Row(get=PEOPLE, post=PEOPLE),
    "admin/account/second-factor/": Row(get=PEOPLE),
    "admin/account/second-factor/set-up/": Row(get=PEOPLE, post=PEOPLE),
    "admin/account/second-factor/codes/": Row(post=PEOPLE),
    "admin/account/second-factor/remove/": Row(post=PEOPLE),
    "admin/account/sign-ins/": Row(get=PEOPLE),
    "admin/account/sign-ins/end-others/": Row(post=PEOPLE),
    # One's own only, and this one is nobody's here.
    "admin/account/sign-ins/<slug:handle>/end/": Row(post=""),
    "admin/access/handing-over/": Row(get=PEOPLE),
    "admin/access/handing-over/give/": Row(post=PEOPLE),
    "admin/access/handing-over/<uuid:delegation_id>/end/": Row(post="M"),
    "admin/access/people/<uuid:person_id>/": Row(get="VCM"),
    "admin/access/people/<uuid:person_id>/grants/": Row(
        post="M", body=lambda named: {"queue": named["queue"], "grant": "read_queue"}
    ),
    "admin/access/roles/<str:role>/": Row(get="VCM"),
    "admin/access/roles/<str:role>/grants/": Row(
        post="M", body=lambda named: {"queue": named["queue"], "grant": "read_queue"}
    ),
    "admin/access/people/<uuid:person_id>/roles/": Row(
        post="M", body=said(role="specialist", reason="Joined the desk")
    ),
    "admin/access/people/<uuid:person_id>/standing/": Row(
        post="M", body=said(act="disable", reason="Left")
    ),
    "admin/access/people/<uuid:person_id>/documents/": Row(post="M"),
    "admin/access/roles/<str:role>/documents/": Row(post="M"),
    "admin/notices/": Row(get=PEOPLE),
    "admin/notices/bell/": Row(get=PEOPLE),
    "admin/notices/read/": Row(post=PEOPLE),
    # One's own only, and this one is somebody else's.
    "admin/notices/<uuid:notice_id>/": Row(get=""),
    "admin/notices/failed/": Row(get="M"),
    "admin/notices/failed/<uuid:delivery_id>/retry/": Row(post="M"),
    "admin/notices/settings/": Row(get=PEOPLE),
    "admin/notices/settings/save/": Row(post=PEOPLE),
    "admin/notices/settings/test/": Row(post=PEOPLE),
    "admin/skills/": Row(get="VCM"),
    "admin/skills/<slug:act>/": Row(
        post="M", body=said(key="spanish", title="Spanish", kind="language", reason="Many ask.")
    ),
    "admin/agents/": Row(get="VCM"),
    "admin/agents/connect/": Row(get="M", post="M", body=said(name="Bot")),
    "admin/agents/<uuid:agent_id>/": Row(get="VCM"),
    "admin/agents/<uuid:agent_id>/first-calls/": Row(get="VCM"),
    "admin/agents/<uuid:agent_id>/first-calls/live/": Row(get="VCM"),
    "admin/agents/<uuid:agent_id>/acts/<slug:act>/": Row(post="M", body=said(reason="Wrong")),
    # Who manages access, or owns the agent; its owner does not knock here.
    "admin/agents/<uuid:agent_id>/version/": Row(post="M", body=said(label="2026-12")),
    "admin/agents/<uuid:agent_id>/token/": Row(post="M"),
    "admin/agents/tokens/<uuid:token_id>/rotate/": Row(post="M"),
    "admin/agents/tokens/<uuid:token_id>/revoke/": Row(post="M"),
    "admin/webhooks/": Row(get="VCM"),
    "admin/webhooks/new/": Row(get="M", post="M", body=webhook_body),
    "admin/webhooks/<uuid:endpoint_id>/": Row(get="VCM"),
    "admin/webhooks/<uuid:endpoint_id>/edit/": Row(get="M", post="M", body=webhook_body),
    "admin/webhooks/<uuid:endpoint_id>/acts/<slug:act>/": Row(post="M"),
    "admin/webhooks/<uuid:endpoint_id>/rotate/": Row(post="M", body=said(overlap="24")),
    "admin/webhooks/deliveries/<uuid:webhook_delivery_id>/": Row(get="VCM"),
    "admin/webhooks/deliveries/<uuid:webhook_delivery_id>/replay/": Row(post="M"),
    "admin/channels/": Row(get="VCM"),
    "admin/channels/prepare/new/": Row(get="M", post="M", body=channel_body),
    "admin/channels/<slug:channel_key>/": Row(get="VCM"),
    "admin/channels/<slug:channel_key>/edit/": Row(get="M", post="M", body=channel_body),
    "admin/channels/<slug:channel_key>/try/": Row(post="M", body=said(payload="{}")),
    "admin/channels/<slug:channel_key>/secret/": Row(post="M", body=said(secret="a new one")),
    "admin/channels/<slug:channel_key>/acts/<slug:act>/": Row(post="M"),
    **QUALITY_PAGES,
}
