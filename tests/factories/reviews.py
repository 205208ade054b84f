"""Change requests of a small policy, the people around them, and their ballots."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from governance.access.models import User
from governance.access.types import Role, StepUpProof
from governance.policies import registry
from governance.policies.models import PolicyVersion
from governance.policies.services import publish_version
from governance.reviews import services
from governance.reviews.models import ChangeRequest
from governance.reviews.rules import default_quorum
from governance.reviews.types import Ballot, ChangeState, RiskLevel, Standing
from orchestra.core.actors import system
from tests.factories.access import make_person

Json = Any
KIND = "policy"
KEY = "lookups"
NOW = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
#: Declared risk of the tools that the documents here name.
RISKS = {"read_order": RiskLevel.LOW, "refund": RiskLevel.HIGH, "freeze": RiskLevel.CRITICAL}


def make_text(*rows: str, tool: str = "read_order", **changes: Json) -> dict[str, Json]:
    """A policy that verifies below a confidence, with one row for each id."""
    rules = [
        {
            "id": row,
            "title": f"Row {row}",
            "when": [{"fact": "confidence", "below": 0.7}],
            "outcome": "verify",
            "reason": f"Reason of {row}.",
        }
        for row in rows or ("unsure",)
    ]
    return {
        "key": KEY,
        "title": "Look-ups",
        "scope": {"tools": [tool]},
        "rules": rules,
        **changes,
    }


def know_tools() -> None:
    """Let the policies know the risk of the tools, and nothing of what stands above."""
    registry.tool_risks.register("tests", _risks)


def _risks() -> dict[str, RiskLevel]:
    return RISKS


@dataclass(frozen=True)
class People:
    """Who takes part: an author, and people of each role that reviews."""

    author: User
    owner: User
    officer: User
    supervisor: User
    lead: User


def make_people() -> People:
    return People(
        author=make_person("tomas", roles=[Role.POLICY_OWNER]),
        owner=make_person("maren", roles=[Role.POLICY_OWNER]),
        officer=make_person("ilse", roles=[Role.COMPLIANCE_OFFICER]),
        supervisor=make_person("sam", roles=[Role.SUPERVISOR]),
        lead=make_person("rafael", roles=[Role.QA_LEAD]),
    )


def put_in_force(document: Json | None = None) -> PolicyVersion:
    """A version in force that no change request stands behind."""
    text = document or make_text()
    return publish_version(
        actor=system("test"), now=NOW, policy_key=text["key"], title=text["title"], document=text
    )


def open_change(author: User, document: Json | None = None, **changes: Any) -> ChangeRequest:
    given: dict[str, Any] = {
        "kind": KIND,
        "document_key": KEY,
        "title": "Ask earlier",
        "document": document or make_text("unsure", "new"),
    }
    return services.open_change(actor=author.as_actor(), now=NOW, **{**given, **changes})


def submit_change(
    author: User, document: Json | None = None, *, now: datetime = NOW, **changes: Any
) -> ChangeRequest:
    change = open_change(author, document, **changes)
    return services.submit(actor=author.as_actor(), now=now, change_id=change.public_id)


def ballot_of(change: ChangeRequest, reason: str = "", *, at: datetime = NOW) -> Ballot:
    return Ballot(digest=change.digest, reason=reason, proof=StepUpProof(at=at, method="test"))


def approve(change: ChangeRequest, *people: User, now: datetime = NOW) -> ChangeRequest:
    for person in people:
        change = services.approve(
            actor=person.as_actor(),
            now=now,
            change_id=change.public_id,
            ballot=ballot_of(change, at=now),
        )
    return change


def publish(change: ChangeRequest, person: User, now: datetime = LATER) -> ChangeRequest:
    return services.publish(actor=person.as_actor(), now=now, change_id=change.public_id)


def make_standing(risk: RiskLevel = RiskLevel.LOW, **changes: Any) -> Standing:
    """A submitted change of a text, as a value."""
    reviewers = frozenset(
        {Role.COMPLIANCE_OFFICER, Role.POLICY_OWNER, Role.SUPERVISOR, Role.QA_LEAD}
    )
    given: dict[str, Any] = {
        "state": ChangeState.SUBMITTED,
        "digest": "a" * 64,
        "base_digest": "b" * 64,
        "rehearsal_digest": "",
        "quorum": default_quorum(reviewers)[risk],
        "expires_at": NOW + timedelta(days=1),
    }
    return Standing(**{**given, **changes})
