"""Draw tests of attention and place them among what waits; always by the system.

The ledger holds a seal on each test before it can be seen, in a stream of its own; the request it
becomes looks like every other, and nothing stands behind it that could run.
"""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _

from governance.approvals import entries, vigilance
from governance.approvals.models import ApprovalRequest, VigilanceSwitch, VigilanceTest
from governance.approvals.selectors import view_of
from governance.approvals.services.requesting import create_request
from governance.approvals.types import VIGILANCE, ApprovalDraft, VigilanceResult
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from governance.policies.types import RiskLevel
from orchestra.core.actors import Actor, ActorKind, system
from orchestra.core.clock import rfc3339
from orchestra.core.errors import OrchestraError
from orchestra.core.fields import uuid7
from orchestra.core.locking import lock

log = structlog.get_logger(__name__)

SYSTEM = system("vigilance")
#: How far back a request may lie that a test is made from, and how many are tried.
_MODELS_WITHIN, _MODELS_TRIED = timedelta(days=14), 25


def plant_due(*, now: datetime, batch: int) -> int:
    """Draw for the requests that came since the last sweep, in every queue that is tested.

    Args:
        now: The moment of the sweep.
        batch: How many requests at most are drawn for in each queue.

    Returns:
        How many tests were drawn.
    """
    if not settings.ORCHESTRA["VIGILANCE_ALLOWED"]:
        return 0
    switches = VigilanceSwitch.objects.filter(agreed_at__isnull=False).order_by("pk")
    return sum(_plant(pk, now, batch) for pk in switches.values_list("pk", flat=True))


def place_due(*, now: datetime, batch: int) -> int:
    """Place the tests whose time has come.

    One that cannot be placed is logged and tried again by the next sweep.

    Returns:
        How many were placed.
    """
    if not settings.ORCHESTRA["VIGILANCE_ALLOWED"]:
        return 0
    due = VigilanceTest.objects.filter(
        request__isnull=True, result=VigilanceResult.OPEN, place_at__lte=now
    ).order_by("place_at", "pk")
    return sum(_place(pk, now) for pk in list(due.values_list("pk", flat=True)[:batch]))


def _plant(switch_pk: int, now: datetime, batch: int) -> int:
    with ledger.one_act():
        rows = lock(VigilanceSwitch.objects.filter(pk=switch_pk).select_related("queue"))
        if not rows or rows[0].agreed_at is None:
            return 0
        switch = rows[0]
        fresh = list(
            _real(switch.queue_id)
            .filter(pk__gt=switch.cursor)
            .order_by("pk")
            .values_list("pk", "public_id")[:batch]
        )
        if not fresh:
            return 0
        switch.cursor = fresh[-1][0]
        switch.save(update_fields=["cursor"])
        drawn = [
            str(public_id)
            for _pk, public_id in fresh
            if vigilance.is_drawn(
                seed=switch.seed, request_id=str(public_id), per_thousand=switch.per_thousand
            )
        ]
        return sum(_draw(switch, request_id, now) for request_id in drawn)


def _real(queue_id: int) -> Any:
    return ApprovalRequest.objects.filter(queue_id=queue_id).exclude(subject_kind=VIGILANCE)


def _draw(switch: VigilanceSwitch, request_id: str, now: datetime) -> bool:
    """Draw one test, where some request of late can be made wrong visibly."""
    seed = vigilance.seed_of(seed=switch.seed, request_id=request_id)
    for model in _models(switch.queue_id, now, seed):
        made = vigilance.make_wrong(view_of(model), seed=seed)
        if made is None:
            continue
        template, wrong = made
        test = VigilanceTest(
            queue=switch.queue,
            model=model,
            template=template,
            drawn_after=request_id,
            seed=seed,
            salt=secrets.token_hex(32),
            sign=wrong.sign[:500],
            planted_at=now,
            place_at=now + vigilance.delay_of(seed=switch.seed, request_id=request_id),
        )
        test.commitment = vigilance.commit(
            test_id=str(test.public_id),
            template=template,
            model=str(model.public_id),
            seed=seed,
            salt=test.salt,
        )
        test.save()
        _record_planted(test, now)
        return True
    return False


def _models(queue_id: int, now: datetime, seed: str) -> Iterator[ApprovalRequest]:
    rows = list(
        _real(queue_id)
        .filter(created_at__gte=now - _MODELS_WITHIN)
        .select_related("queue")
        .order_by("-pk")[:_MODELS_TRIED]
    )
    # The seed's own order, so that the newest is not always the one.
    rows.sort(key=lambda row: hashlib.sha256(f"{seed}{row.public_id}".encode()).digest())
    yield from rows


def _record_planted(test: VigilanceTest, now: datetime) -> None:
    ledger.append_entry(
        actor=SYSTEM,
        now=now,
        draft=EntryDraft(
            stream=f"vigilance:{test.public_id}",
            kind=entries.VIGILANCE_PLANTED,
            payload={"queue": test.queue.title, "commitment": test.commitment},
            subject_kind=VIGILANCE,
            subject_id=str(test.public_id),
        ),
    )


def _place(test_pk: int, now: datetime) -> bool:
    try:
        with ledger.one_act():
            tests = lock(
                VigilanceTest.objects.filter(
                    pk=test_pk, request__isnull=True, result=VigilanceResult.OPEN
                ).select_related("queue", "model")
            )
            if not tests:
                return False
            test = tests[0]
            test.request = create_request(now=now, draft=_draft(test, now))
            test.save(update_fields=["request"])
    except (OrchestraError, DatabaseError, LookupError) as error:
        log.warning("vigilance.place_failed", test=test_pk, error=type(error).__name__)
        return False
    return True


def _draft(test: VigilanceTest, now: datetime) -> ApprovalDraft:
    model = test.model
    made = vigilance.make_wrong(view_of(model), seed=test.seed)
    if made is None:
        raise LookupError(_("The request this test was drawn from can no longer be read."))
    view, wrong = made[1].view, made[1]
    deadline_at = now + (model.deadline_at - model.created_at)
    action_digest = hashlib.sha256(f"{test.salt}{test.public_id}".encode()).hexdigest()
    _date(view, now=now, deadline_at=deadline_at, action_digest=action_digest)
    effect = view["effect"]
    return ApprovalDraft(
        queue_id=test.queue_id,
        subject_kind=VIGILANCE,
        subject_id=str(test.public_id),
        case_public_id=model.case_public_id,
        case_label=model.case_label,
        # Never the stream of the case: nothing of this is about the customer.
        stream=f"approval:{test.public_id}",
        title=str(effect.get("sentence") or model.title)[:500],
        detail=str(effect.get("detail") or model.detail)[:500],
        risk=RiskLevel(model.risk),
        amount_minor=wrong.amount_minor,
        currency=model.currency,
        requester=Actor(
            kind=ActorKind(model.requester_kind),
            id=model.requester_id,
            label=model.requester_label,
            pk=None,
        ),
        barred=dict(model.barred),
        action_digest=action_digest,
        view=view,
        votes_needed=model.votes_needed,
        roles=tuple(model.roles),
        distinct_roles=model.distinct_roles,
        step_up=model.step_up,
        deadline_at=deadline_at,
        tool=model.tool,
        rule=model.rule,
        journey=model.journey,
    )


def _date(
    view: dict[str, Any], *, now: datetime, deadline_at: datetime, action_digest: str
) -> None:
    """Give a view the times and digests of its own, where it holds any."""
    own = {"action_digest": action_digest, "requested_at": rfc3339(now)}
    view.update({key: value for key, value in own.items() if key in view})
    if "id" in view.get("call", {}):
        view["call"]["id"] = str(uuid7())
    if "decide_by" in view.get("scope", {}):
        view["scope"]["decide_by"] = rfc3339(deadline_at)
