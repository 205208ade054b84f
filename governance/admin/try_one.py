"""Try one: facts by hand or of a recorded decision, judged in force and under a draft.

Nothing is stored and nothing is read from a system of record: values in, a verdict out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin import reads
from governance.admin.try_fields import TrialFacts
from governance.admin.visit import Crumb, Visit, page, render
from governance.policies import selectors
from governance.policies.compiled import CompiledPolicies, compile_tables
from governance.policies.decision import decide
from governance.policies.loading import DOCUMENT_KIND, policies_in_force
from governance.policies.models import DecisionRecord
from governance.policies.parsing import parse_policy
from governance.policies.replay import RecordError, read_record
from governance.policies.types import Decision, FactSet
from governance.reviews.selectors import get_change
from governance.reviews.types import ChangePurpose
from orchestra.core import words
from orchestra.core.errors import InvalidInputError, NotFoundError

Json = Any

#: How many decisions are offered by when they were made and what they were on.
LATEST = 20


@page("policies/<str:key>/try/", name="policy_try", capability=Capability.POLICY_READ)
def try_one(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Judge one set of facts under what is in force and, where one is named, under a draft."""
    policy = reads.list_policies().filter(key=key).first()
    of = _source(request, visit, key)
    if policy is None and of is None:
        raise NotFoundError(_("There is no such policy."))
    in_force = policies_in_force()
    draft, unreadable = _draft(in_force, of) if of is not None else (None, [])
    trial = TrialFacts(in_force, *([draft] if draft is not None else []))
    given, wrong = trial.given(request)
    problems = [*unreadable, *wrong.values()]
    asked = request.GET.get("decision", "").strip()
    recorded = None
    if asked and visit.may(Capability.DECISION_READ):
        recorded, problem = _recorded(asked)
        problems += [problem] if problem else []
    facts = recorded if recorded is not None else given
    judged = (bool(given.values) or recorded is not None) and not problems
    now = _verdict(decide(facts=facts, policies=in_force)) if judged else None
    then = _verdict(decide(facts=facts, policies=draft)) if judged and draft is not None else None
    return render(
        request,
        "governance/try_one.html",
        {
            "title": _("Try one"),
            "crumbs": [
                Crumb(_("Govern")),
                Crumb(_("Policies"), reverse("admin:policies")),
                Crumb(policy.title if policy else key, reverse("admin:policy", args=[key])),
                Crumb(_("Try one")),
            ],
            "key": key,
            "fields": trial.describe(facts, {} if recorded else _typed(request, wrong)),
            "problems": problems,
            "asked": asked,
            "may_take": visit.may(Capability.DECISION_READ),
            "of": of,
            "latest": _latest() if visit.may(Capability.DECISION_READ) else (),
            "now_judged": now,
            "draft_judged": then,
            "differs": now is not None and then is not None and _answer(now) != _answer(then),
        },
    )


def _answer(verdict: Mapping[str, Any]) -> tuple[Json, ...]:
    return verdict["outcome"], verdict["votes"]


def _latest() -> list[dict[str, str]]:
    """Return the newest decisions, to take the facts of one without knowing its id."""
    return [
        {"id": str(record.public_id), "words": _words_of(record)}
        for record in reads.list_decisions()[:LATEST]
    ]


def _words_of(record: DecisionRecord) -> str:
    values = selectors.record_as_value(record).get("facts", {}).get("values", {})
    amount, currency = values.get("amount_minor"), str(values.get("currency") or "")
    parts = [
        f"{localtime(record.at):%d %b %H:%M}",
        words.plain(str(values.get("tool", ""))),
        words.money(minor=amount, currency=currency) if isinstance(amount, int) else "",
        str(record.outcome),
    ]
    return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class _Of:
    """The draft that is tried.

    Attributes:
        param: Name in the address: ``change`` or ``rehearsal``.
        value: Its public id.
        title: What it is called.
        link: Its page.
        removes: Whether it is to have no such policy at all.
    """

    param: str
    value: str
    title: str
    link: str
    key: str
    document: Mapping[str, Json]
    digest: str
    removes: bool


def _source(request: HttpRequest, visit: Visit, key: str) -> _Of | None:
    if text := request.GET.get("change", ""):
        change = get_change(authority=visit.authority, change_id=_uuid(text))
        if (change.kind, change.document_key) != (DOCUMENT_KIND, key):
            raise NotFoundError(_("There is no such thing."))
        return _Of(
            param="change",
            value=text,
            title=str(change),
            link=reverse("admin:change", args=[change.public_id]),
            key=key,
            document=change.document,
            digest=change.digest,
            removes=change.purpose == ChangePurpose.RETIREMENT,
        )
    if not (text := request.GET.get("rehearsal", "")):
        return None
    found = selectors.get_rehearsal(rehearsal_id=_uuid(text), policy_key=key)
    return _Of(
        param="rehearsal",
        value=text,
        title=_("the rehearsal of %(at)s") % {"at": f"{localtime(found.created_at):%d %b %H:%M}"},
        link=reverse("admin:rehearsal", args=[key, found.public_id]),
        key=key,
        document=found.document,
        digest=found.document_digest,
        removes=found.removes,
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFoundError(_("There is no such thing.")) from error


def _draft(in_force: CompiledPolicies, of: _Of) -> tuple[CompiledPolicies | None, list[str]]:
    """Return what would judge under a draft; None with every error where it cannot be read."""
    present = [table.version for table in in_force.tables if table.key == of.key]
    others = [each for each in in_force.tables if each.key != of.key]
    if not of.removes:
        try:
            number = 1 + max(present, default=0)
            others.append(parse_policy(document=of.document, version=number, digest=of.digest))
        except InvalidInputError as error:
            return None, [f"{one.field}: {one.message}" for one in error.errors]
    return compile_tables(others, unreadable=in_force.unreadable), []


def _typed(request: HttpRequest, wrong: Mapping[str, str]) -> dict[str, str]:
    return {name: request.GET.get(f"f.{name}", "") for name in wrong}


def _recorded(text: str) -> tuple[FactSet | None, str]:
    try:
        record = selectors.get_record(UUID(text))
        return read_record(bytes(record.body)).facts, ""
    except (ValueError, NotFoundError, RecordError):
        return None, _("There is no recorded decision with the id “%(id)s”.") % {"id": text[:60]}


def _verdict(decision: Decision) -> dict[str, Any]:
    return {
        "outcome": str(decision.outcome),
        "votes": decision.obligations.votes,
        "reasons": decision.reasons,
        "fired": [
            {
                "policy": words.plain(row.policy),
                "version": row.version,
                "rule": row.rule,
                "reason": row.reason,
                "outcome": str(row.outcome),
            }
            for row in decision.fired
        ],
        "policies": ", ".join(
            f"{words.plain(key)} {version}"
            for key, (version, _digest) in sorted(decision.policies.items())
        ),
    }
