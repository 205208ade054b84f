"""Who is let through where: one row a route, written down by hand from what each role is for.

A row names, for each method, the roles that are let through on an object of their own queue and,
after a slash, those that are let through on an object of a queue on which they hold no grant. An
object that belongs to no queue is its own. Whoever is not named is refused.

The letters: A AI agent, H human agent, S specialist, V supervisor, C compliance officer, P policy
owner, Y QA analyst, L QA lead, M administrator, N a person without a role, U a superuser without
one. Of these A has a token and no pages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Body = Callable[[Mapping[str, Any]], Mapping[str, Any]]

PEOPLE = "HSVCPYLMNU"
EVERYONE = "A" + PEOPLE
#: Work on cases: by grant on the queue.
WORKS = "HSV"
#: Review of the whole centre: without a grant.
REVIEWS = "CYLM"
READS_CASES = f"{WORKS}{REVIEWS}/{REVIEWS}"
READS_CASES_REST = f"A{READS_CASES}"
WORKS_REST = f"A{WORKS}/"
#: What waits here asks for the vote of a supervisor; that of a specialist does not count.
VOTES = "V"
#: Whoever votes on approvals at all, and on those of their own queue.
VOTERS = "SVC"
VOTERS_HERE = f"{VOTERS}/"
DECISIONS = "SVCPYLM"
CHANGES = "SVCPYLM"
REVIEWERS = "VCPL"
LEDGER = "VCLM"
QUALITY = "VCPYLM"
EVERY_ROLE = "HSVCPYLM"


@dataclass(frozen=True)
class Row:
    """Who is let through on one route.

    Attributes:
        get: Roles for reading, own queue and after a slash another; None where not answered.
        post: The same for acting.
        body: What is posted, made of what the route names; a form on pages, JSON over REST.
        public: Whether it answers without a sign-in.
    """

    get: str | None = None
    post: str | None = None
    body: Body = lambda _named: {}
    public: bool = False

    def lets(self, method: str, letter: str, *, other: bool) -> bool:
        """Return whether a role is let through."""
        allowed = (self.get if method == "GET" else self.post) or ""
        own, slash, elsewhere = allowed.partition("/")
        return letter in (elsewhere if other and slash else own)


def said(**fields: Any) -> Body:
    """Return a body that is the same for every object."""
    return lambda _named: fields


def _vote(digest: str) -> Body:
    return lambda named: {
        "choice": "reject",
        "vote": "reject",
        digest: named["action_digest"],
        "view_digest": named["view_digest"],
        "reason": "Not asked for.",
        "reason_code": "other",
    }


def _rest_vote(named: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "vote": "reject",
        "digest": named["action_digest"],
        "view_digest": named["view_digest"],
        "reason": "Not asked for.",
        "reason_code": "other",
    }


def _one(named: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "id": named["approval_id"],
        "digest": named["action_digest"],
        "view_digest": named["view_digest"],
    }


CASE = "admin/cases/<str:case_id>/"
APPROVAL = "admin/approvals/<uuid:request_id>/"
REVIEW = "admin/access/reviews/<uuid:review_id>/"
CHANGE = "admin/change-requests/<uuid:change_id>/"
POLICY = "admin/policies/<str:key>/"
V1 = "api/v1/"
V1_CASE = f"{V1}cases/<uuid:case_id>/"
V1_CALL = f"{V1}tool-calls/<uuid:call_id>/"
V1_HANDOFF = f"{V1}handoffs/<uuid:handoff_id>/"
V1_APPROVAL = f"{V1}approvals/<uuid:approval_id>/"
V1_CHANGE = f"{V1}change-requests/<uuid:change_id>/"

_PAGES: dict[str, Row] = {
    "admin/": Row(get=PEOPLE),
    "admin/find/": Row(get=PEOPLE),
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
    f"{APPROVAL}vote/": Row(post=f"{VOTES}/", body=_vote("action_digest")),
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
    "admin/vigilance/": Row(get="CM"),
    "admin/vigilance/<slug:key>/<slug:act>/": Row(
        post="CM", body=said(per_thousand="5", reason="Once a quarter")
    ),
    "admin/cases/": Row(get=f"{WORKS}{REVIEWS}"),
    CASE: Row(get=READS_CASES),
    f"{CASE}reply/": Row(post=f"{WORKS}/", body=said(text="Hello.")),
    f"{CASE}resolve/": Row(post=f"{WORKS}/", body=said(outcome="confirmed", summary="Done.")),
    f"{CASE}close/": Row(post=f"{WORKS}/"),
    f"{CASE}reopen/": Row(post=f"{WORKS}/", body=said(reason="Called again.")),
    f"{CASE}hand-on/": Row(
        get=f"{WORKS}/",
        post=f"{WORKS}/",
        body=lambda named: {"reason": "person.other_team", "queue": named["queue"]},
    ),
    f"{CASE}propose/": Row(get=f"{WORKS}/"),
    f"{CASE}propose/<str:tool>/": Row(get=f"{WORKS}/", post=f"{WORKS}/"),
    f"{CASE}steps/<str:step_id>/done/": Row(post=f"{WORKS}/"),
    "admin/handoffs/": Row(get=f"{WORKS}{REVIEWS}"),
    "admin/handoffs/<uuid:handoff_id>/accept/": Row(post=f"{WORKS}/"),
    "admin/decisions/": Row(get=DECISIONS),
    "admin/decisions/<uuid:decision_id>/": Row(get=DECISIONS),
    # The earlier versions of a policy, for who reads policies.
    "admin/history/<str:kind>/<int:pk>/": Row(get=DECISIONS),
    "admin/tools/": Row(get=EVERY_ROLE),
    "admin/tools/<str:name>/": Row(get=EVERY_ROLE),
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
    "admin/ledger/finding/": Row(get=LEDGER),
    "admin/ledger/verify/": Row(post="CM"),
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
    "admin/agents/": Row(get="VCM"),
    "admin/agents/<uuid:agent_id>/": Row(get="VCM"),
    "admin/agents/<uuid:agent_id>/acts/<slug:act>/": Row(post="M", body=said(reason="Wrong")),
    "admin/agents/<uuid:agent_id>/token/": Row(post="M"),
    "admin/agents/tokens/<uuid:token_id>/rotate/": Row(post="M"),
    "admin/agents/tokens/<uuid:token_id>/revoke/": Row(post="M"),
    "admin/scorecards/": Row(get=QUALITY),
    "admin/scorecards/<str:key>/": Row(get=QUALITY),
    "admin/sampling-plans/": Row(get=QUALITY),
    "admin/sampling-plans/<str:key>/": Row(get=QUALITY),
    "admin/metric-definitions/": Row(get=QUALITY),
    "admin/metric-definitions/<str:key>/": Row(get=QUALITY),
}

_REST: dict[str, Row] = {
    f"{V1}cases/": Row(
        get=f"A{WORKS}{REVIEWS}",
        post=WORKS_REST,
        body=said(channel="chat", text="I want to return a lamp."),
    ),
    V1_CASE: Row(get=READS_CASES_REST),
    f"{V1_CASE}messages/": Row(post=WORKS_REST, body=said(speaker="customer", text="Hello.")),
    f"{V1_CASE}interactions/": Row(post=WORKS_REST, body=said(channel="chat")),
    f"{V1_CASE}timeline/": Row(get=READS_CASES_REST),
    f"{V1_CASE}evidence/": Row(
        post=WORKS_REST,
        body=said(kind="photo", title="The lamp", proves="It is broken"),
    ),
    f"{V1_CASE}verification/": Row(post=f"A{WORKS}/", body=said(level="basic", method="question")),
    f"{V1_CASE}resolve/": Row(post=WORKS_REST, body=said(outcome="Done.")),
    f"{V1_CASE}close/": Row(post=WORKS_REST),
    f"{V1_CASE}reopen/": Row(post=WORKS_REST, body=said(reason="Again.")),
    f"{V1_CASE}journeys/": Row(post=WORKS_REST, body=lambda named: {"cue_sheet": named["sheet"]}),
    f"{V1_CASE}steps/": Row(get=READS_CASES_REST),
    f"{V1_CASE}steps/<str:step>/complete/": Row(post=WORKS_REST),
    f"{V1_CASE}tool-calls/": Row(
        post=WORKS_REST, body=said(tool="get_order_details", arguments={"order_id": "#W2378156"})
    ),
    f"{V1_CASE}handoffs/": Row(
        post=WORKS_REST,
        body=lambda named: {"to": {"queue": named["queue"]}, "reason_code": "person.other_team"},
    ),
    f"{V1}steps/": Row(get=f"A{WORKS}{REVIEWS}"),
    f"{V1}cue-sheets/": Row(get=f"A{EVERY_ROLE}"),
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
    V1_HANDOFF: Row(get=READS_CASES_REST),
    f"{V1_HANDOFF}accept/": Row(post=f"{WORKS}/"),
    f"{V1_HANDOFF}return/": Row(post=f"{WORKS}/", body=said(reason="Not ours.")),
    f"{V1_HANDOFF}complete/": Row(post=f"{WORKS}/"),
    f"{V1}step-up/": Row(post="SVCPL", body=said(password="a long enough secret")),
    f"{V1}approvals/": Row(get=f"A{WORKS}{REVIEWS}"),
    V1_APPROVAL: Row(get=READS_CASES_REST),
    f"{V1_APPROVAL}vote/": Row(post=f"{VOTES}/", body=_rest_vote),
    f"{V1_APPROVAL}claim/": Row(post=f"{VOTES}/"),
    f"{V1_APPROVAL}release/": Row(post=f"{VOTES}/"),
    f"{V1}approvals/batch-votes/": Row(
        post=VOTERS, body=lambda named: {"vote": "reject", "reason": "No.", "votes": [_one(named)]}
    ),
    f"{V1_APPROVAL}hand-over/": Row(
        post=f"{VOTES}/", body=lambda named: {"to": named["colleague_id"], "reason": "Lunch"}
    ),
    f"{V1_APPROVAL}take-back/": Row(post=""),
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
    f"{V1}ledger/entries/<int:index>/proof/": Row(get=LEDGER),
    f"{V1}ledger/checkpoint/": Row(get=LEDGER),
}

_OPEN: dict[str, Row] = {
    "": Row(get=EVERYONE, public=True),
    "healthz": Row(get=EVERYONE, public=True),
    "readyz": Row(get=EVERYONE, public=True),
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

TABLE: dict[str, Row] = {**_PAGES, **_REST, **_OPEN}
