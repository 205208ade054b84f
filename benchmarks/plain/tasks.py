"""Carries an approved call out."""

from datetime import UTC, datetime

import httpx
from celery import shared_task
from django.conf import settings
from django.db import transaction

from benchmarks.plain.models import AuditRow, ToolCall

#: One pool of connections a worker process.
store = httpx.Client(timeout=10)


@shared_task
def execute(call_id: str) -> None:
    """Send a call to the store once, under its own key, and record the result."""
    with transaction.atomic():
        taken = ToolCall.objects.filter(pk=call_id, state__in=["awaiting_approval", "approved"])
        if not taken.update(state="running"):
            return
        call = ToolCall.objects.get(pk=call_id)
        note(call, "call.started")
    response = store.post(
        f"{settings.STORE_URL}/tools/{call.tool}",
        json=call.arguments,
        headers={"Idempotency-Key": str(call.pk)},
    )
    call.state = "succeeded" if response.is_success else "failed"
    call.result, call.finished_at = response.json(), datetime.now(UTC)
    with transaction.atomic():
        call.save(update_fields=["state", "result", "finished_at"])
        note(call, f"call.{call.state}")


def note(call: ToolCall, kind: str) -> None:
    """Write one line of the audit."""
    AuditRow.objects.create(
        case_id=call.case_id, actor="worker", kind=kind, detail={"call": str(call.pk)}
    )
