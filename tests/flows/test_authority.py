"""Every role on every route: on what is theirs, on another queue's, on what is gone."""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from cases.handoff.models import Handoff
from cases.journeys.models import CueSheet
from cases.memory.models import Case
from cases.tools.models import ToolCall
from governance.access import services as access
from governance.access.models import AgentIdentity, Queue, User
from governance.access.types import Capability, Role
from governance.approvals.models import ApprovalRequest
from governance.knowledge.models import Article
from governance.ledger import refusals
from governance.ledger.models import LedgerEntry
from governance.ledger.services import sequence
from governance.policies.models import DecisionRecord, Policy
from governance.policies.services.rehearsing.shadowing import start_shadow
from governance.policies.services.rehearsing.starting import start_rehearsal
from governance.reviews import services as reviews
from orchestra.core import clock
from orchestra.core.clock import rfc3339
from orchestra.management import world
from qa.builtin.services import load_shipped
from qa.measurement.models import MetricDefinition
from qa.sampling.models import SamplingPlan
from qa.scorecards.models import Scorecard
from tests.factories.access import ALL_GRANTS, make_agent, make_person, make_token
from tests.flows.authority_table import EVERYONE, NOT_OURS, TABLE, Row
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return

BACKEND = "django.contrib.auth.backends.ModelBackend"
LETTERS: Mapping[str, Role] = {
    "H": Role.HUMAN_AGENT,
    "S": Role.SPECIALIST,
    "V": Role.SUPERVISOR,
    "C": Role.COMPLIANCE_OFFICER,
    "P": Role.POLICY_OWNER,
    "Y": Role.QA_ANALYST,
    "L": Role.QA_LEAD,
    "M": Role.ADMINISTRATOR,
}
#: D is a disabled supervisor, X nobody at all: neither is let through anywhere.
DISABLED, NOBODY = "D", "X"
ACTORS = [*EVERYONE, DISABLED, NOBODY]
GONE = "00000000-0000-7000-8000-00000000dead"
REFUSED = {401, 403, 404, 405}
_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


def routes() -> Iterator[str]:
    """Return every route of the URL configuration."""
    yield from _walk(get_resolver(), "")


def _walk(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for each in resolver.url_patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            yield path
        else:
            yield from _walk(each, path)


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    known = set(routes()) - NOT_OURS
    assert sorted(known - set(TABLE)) == []
    assert sorted(set(TABLE) - known) == []


def test_no_table_of_the_admin_is_open_beside_our_pages() -> None:
    assert admin.site._registry == {}


#: Pages of Django's own that take every method for one of the two they know.
_READ_BY_DJANGO = {
    "",
    "healthz",
    "readyz",
    "admin/",
    "admin/login/",
    "admin/password_change/",
    "admin/password_change/done/",
}


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


@pytest.fixture
def scene(retail: World, monkeypatch: pytest.MonkeyPatch) -> Scene:
    # Every refusal is looked at, however many there are in a minute.
    monkeypatch.setattr(refusals, "CAP_PER_MINUTE", 10_000)
    load_shipped(actor=world.BUILDER, now=clock.now())
    own, other = _waiting(retail), _waiting(retail, moved=True)
    common = _common(retail)
    sequence(now=clock.now())
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
    if moved:
        # The same matter in another team's hands: only the queue differs.
        elsewhere = Queue.objects.exclude(pk=call.case.queue_id).exclude(is_default=True)[0]
        Case.objects.filter(pk=call.case_id).update(queue=elsewhere)
        ApprovalRequest.objects.filter(case_public_id=case_id).update(queue=elsewhere)
    case = Case.objects.get(public_id=case_id)
    offered = retail.api.post(
        f"cases/{case_id}/handoffs/",
        {"to": {"queue": case.queue.key}, "reason_code": "customer.asks_for_person"},
    )
    assert offered.status_code == 201, offered.content
    approval = ApprovalRequest.objects.get(case_public_id=case_id)
    step = case.journeys.get().steps.get(tool_call=call)
    return {
        "case_id": case_id,
        "call_id": str(call.public_id),
        "request_id": str(approval.public_id),
        "approval_id": str(approval.public_id),
        "action_digest": approval.action_digest,
        "view_digest": approval.view_digest,
        "handoff_id": str(Handoff.objects.get(case=case).public_id),
        "decision_id": str(
            DecisionRecord.objects.filter(subject_id=str(call.public_id)).latest("pk").public_id
        ),
        "step": step.key,
        "step_id": step.key,
        "queue": case.queue.key,
        "tool": "get_order_details",
    }


#: Documents by the route that names them: each has keys of its own.
_SHELVES: Mapping[str, type[Any]] = {
    "admin/policies/": Policy,
    "api/v1/policies/": Policy,
    "admin/cue-sheets/": CueSheet,
    "admin/knowledge/": Article,
    "api/v1/knowledge/": Article,
    "admin/scorecards/": Scorecard,
    "admin/sampling-plans/": SamplingPlan,
    "admin/metric-definitions/": MetricDefinition,
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
    agent = make_agent("Night bot", owner=retail.people["operator"])
    token, _text = make_token(agent, expires_at=now + timedelta(days=1))
    return {
        "key": policy.key,
        "name": "get_order_details",
        "sheet": CueSheet.objects.order_by("pk")[0].key,
        "kind": "policy",
        "pk": policy.pk,
        "change_id": str(change.public_id),
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
        "role": Role.SPECIALIST.value,
        "agent_id": str(agent.public_id),
        "token_id": str(token.public_id),
        "index": 1,
    }


class Visitor:
    """One actor with a client of their own.

    Attributes:
        letter: Who it is.
        is_agent: Whether it carries a token and opens no pages.
    """

    def __init__(self, letter: str, queue: Queue) -> None:
        self.letter = letter
        self.is_agent = letter == "A"
        self.client = Client()
        self.headers: dict[str, str] = {}
        if self.is_agent:
            agent: AgentIdentity = make_agent(
                "Returns bot", queues={queue, Queue.objects.get(is_default=True)}
            )
            _row, token = make_token(agent, expires_at=clock.now() + timedelta(days=1))
            self.headers["Authorization"] = f"Bearer {token}"
        elif letter != NOBODY:
            self.client.force_login(self._person(letter, queue), backend=BACKEND)
            session = self.client.session
            session["orchestra_proof"] = {"at": rfc3339(clock.now()), "method": "password"}
            session.save()

    def _person(self, letter: str, queue: Queue) -> User:
        role = Role.SUPERVISOR if letter == DISABLED else LETTERS.get(letter)
        person = make_person(
            f"visitor-{letter}",
            roles=[role] if role else [],
            grants=dict.fromkeys({queue, Queue.objects.get(is_default=True)}, ALL_GRANTS),
            is_superuser=letter == "U",
            first_name="Vera",
        )
        if letter == DISABLED:
            User.objects.filter(pk=person.pk).update(is_active=False)
        return person

    def knock(self, method: str, route: str, row: Row, named: Mapping[str, Any]) -> Any:
        path = "/" + _CONVERTER.sub(lambda found: str(named[found.group(1)]), route)
        headers = {**self.headers, "Idempotency-Key": str(uuid.uuid4())}
        if method == "GET":
            return self.client.get(path, headers=headers)
        if route.startswith("api/"):
            body = json.dumps(row.body(named), default=str)
            return self.client.post(path, body, content_type="application/json", headers=headers)
        return self.client.post(path, row.body(named), headers=headers)


def _named(route: str, situation: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a route names: the key is one of the shelf that the route is about."""
    named = dict(situation)
    for prefix, shelf in _SHELVES.items():
        if route.startswith(prefix) and named["key"] != "nothing":
            named["key"] = shelf.objects.order_by("pk")[0].key
    if "change-requests/new/" in route:
        named["kind"] = "policy" if named["key"] != "nothing" else "nothing"
    if "/article/" in route:
        named["change_id"] = named["article_change"]
    if "<uuid:change_id>/vote/" in route or "<uuid:change_id>/review/" in route:
        named["change_id"], named["digest"] = named["submitted_change"], named["submitted_digest"]
    if "ledger/entries/" in route and named["index"] != 987654:
        named["index"] = 0
    return named


@dataclass(frozen=True)
class Found:
    """What one knock brought.

    Attributes:
        refused: Whether the visitor was not let in, or the act was refused to them.
        shut: Whether it came to nothing for whatever reason, the moment's or the visitor's.
        acted: Whether anything stands in the ledger that was not refused or read.
    """

    status: int
    refused: bool
    shut: bool
    acted: bool

    def agrees(self, *, lets: bool) -> bool:
        """Return whether it went as the table says."""
        return not self.refused if lets else self.shut and not self.acted


#: Ends of acts that somebody who is let in may meet too: the moment is wrong, not the person.
_MOMENT = ("ended", "state", "stale", "invalid", "conflict", "moved", "step_up", "runs")
_READS = ("approval.opened", "case.read", "ledger.read", "ledger.searched")


def _look(visitor: Visitor, method: str, route: str, row: Row, named: Mapping[str, Any]) -> Found:
    last = LedgerEntry.objects.order_by("-pk").values_list("pk", flat=True)[0]
    kept = visitor.client.cookies.copy()
    with _undone():
        answer = visitor.knock(method, route, row, named)
        location = answer.headers.get("Location", "")
        away = answer.status_code == 302 and location.startswith("/admin/login/")
        new = list(LedgerEntry.objects.filter(pk__gt=last).values_list("kind", "pk"))
        codes = [_code_of(pk) for kind, pk in new if kind == "act.refused"]
        acted = any(kind not in {"act.refused", *_READS} for kind, _pk in new)
    visitor.client.cookies = kept
    is_page = route.startswith("admin/")
    told_off = is_page and any(not any(word in code for word in _MOMENT) for code in codes)
    refused = answer.status_code in REFUSED or (away and not row.public) or told_off
    shut = refused or bool(codes) or answer.status_code >= 400
    return Found(status=answer.status_code, refused=refused, shut=shut, acted=acted)


@contextmanager
def _undone() -> Iterator[None]:
    """Run what commits like a test case does, and undo all of it."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # type: ignore[attr-defined]
    with atomic:
        yield
        transaction.set_rollback(True)


def _code_of(pk: int) -> str:
    body = LedgerEntry.objects.get(pk=pk).payload.body
    return str(json.loads(bytes(body))["code"])


@pytest.mark.parametrize("letter", ACTORS)
def test_who_is_let_through(scene: Scene, letter: str) -> None:
    visitor = Visitor(letter, scene.queue)
    surprises: list[str] = []
    for route, row in TABLE.items():
        if visitor.is_agent and route.startswith("admin/") and not row.public:
            continue
        names = _CONVERTER.findall(route)
        for method in ("GET", "POST"):
            if (row.get if method == "GET" else row.post) is None:
                continue
            for what, situation in (
                ("own", scene.own),
                ("other", scene.other),
                ("gone", scene.gone),
            ):
                if not names and what != "own":
                    continue
                found = _look(visitor, method, route, row, _named(route, situation))
                lets = row.lets(method, letter, other=what == "other") and what != "gone"
                lets = lets or row.public
                if not found.agrees(lets=lets):
                    surprises.append(f"{method} {route} ({what}): {found}, let in: {lets}")
    assert not surprises, "\n".join(surprises)


#: Lists over REST, the page of what is in them, and what each calls an id.
_LISTS = {
    "api/v1/cases/": ("api/v1/cases/<uuid:case_id>/", "case_id"),
    "api/v1/approvals/": ("api/v1/approvals/<uuid:approval_id>/", "approval_id"),
    "api/v1/change-requests/": ("api/v1/change-requests/<uuid:change_id>/", "change_id"),
    "admin/cases/": ("admin/cases/<str:case_id>/", "case_id"),
    "admin/approvals/": ("admin/approvals/<uuid:request_id>/", "request_id"),
    "admin/decisions/": ("admin/decisions/<uuid:decision_id>/", "decision_id"),
    "admin/change-requests/?show=all": ("admin/change-requests/<uuid:change_id>/", "change_id"),
}


@pytest.mark.parametrize("letter", EVERYONE)
def test_a_list_and_what_it_leads_to_agree(scene: Scene, letter: str) -> None:
    visitor = Visitor(letter, scene.queue)
    for listing, (detail, name) in _LISTS.items():
        if visitor.is_agent and listing.startswith("admin/"):
            continue
        shown = visitor.knock("GET", listing, TABLE[detail], {})
        text = shown.content.decode() if shown.status_code == 200 else ""
        for situation in (scene.own, scene.other):
            answer = visitor.knock("GET", detail, TABLE[detail], situation)
            assert (situation[name] in text) is (answer.status_code == 200), (listing, name)


def test_no_route_answers_a_method_it_does_not_name(scene: Scene) -> None:
    visitor = Visitor("V", scene.queue)
    answered = []
    for route, row in TABLE.items():
        path = "/" + _CONVERTER.sub(lambda found: str(scene.own[found.group(1)]), route)
        unnamed = {"PUT", "PATCH", "DELETE"} | ({"POST"} if row.post is None else set())
        for method in sorted(unnamed if route not in _READ_BY_DJANGO else ()):
            with _undone():
                status = visitor.client.generic(method, path).status_code
            if status not in REFUSED | {400}:
                answered.append(f"{method} {route}: {status}")
    assert answered == []
