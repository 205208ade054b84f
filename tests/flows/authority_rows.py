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


def settles(named: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a person's word on what a case is about."""
    return {"classification": named["classification_id"], "intent": "exchange_items"}


def page_vote(digest: str) -> Body:
    return lambda named: {
        "choice": "reject",
        "vote": "reject",
        digest: named["action_digest"],
        "view_digest": named["view_digest"],
        "reason": "Not asked for.",
        "reason_code": "other",
    }


def rest_vote(named: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "vote": "reject",
        "digest": named["action_digest"],
        "view_digest": named["view_digest"],
        "reason": "Not asked for.",
        "reason_code": "other",
    }


def one_of_batch(named: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "id": named["approval_id"],
        "digest": named["action_digest"],
        "view_digest": named["view_digest"],
    }


webhook_body = said(
    title="Data lake",
    url="https://hooks.example.com/orchestra",
    event_types=["case.resolved"],
    revision="1",
)

channel_body = said(
    scheme="chatwoot",
    key="other-chat",
    title="Other chat",
    channel="chat",
    secret="s",
    revision="1",
)

CASE = "admin/cases/<str:case_id>/"
APPROVAL = "admin/approvals/<uuid:request_id>/"
REVIEW = "admin/access/reviews/<uuid:review_id>/"
QUALITY_REVIEW = "admin/reviews/<uuid:quality_review_id>/"
CHANGE = "admin/change-requests/<uuid:change_id>/"
POLICY = "admin/policies/<str:key>/"
V1 = "api/v1/"
V1_CASE = f"{V1}cases/<uuid:case_id>/"
V1_CALL = f"{V1}tool-calls/<uuid:call_id>/"
V1_HANDOFF = f"{V1}handoffs/<uuid:handoff_id>/"
V1_APPROVAL = f"{V1}approvals/<uuid:approval_id>/"
V1_CHANGE = f"{V1}change-requests/<uuid:change_id>/"
V1_HOLD = f"{V1}legal-holds/<uuid:hold_id>/"
V1_ERASURE = f"{V1}erasures/<uuid:erasure_id>/"
V1_SUBJECT_EXPORT = f"{V1}subject-exports/<uuid:subject_export_id>/"
