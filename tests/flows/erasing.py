"""One customer's life in the retail world, told in canaries, and every place they may be left."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection, models
from django.test import Client

from cases.journeys import services as journeys
from cases.memory.models import Case
from cases.memory.services import close_case, resolve_case
from cases.tools.models import ToolCall
from governance.access.types import StepUpProof
from governance.approvals import services as voting
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import Ballot, VoteChoice
from governance.evidence import services as evidence
from governance.evidence import stored
from governance.evidence.models import EvidenceExport
from governance.evidence.types import ExportScope, ScopeKind
from governance.ledger.services import record_read
from orchestra.core import clock
from tests.flows.conftest import World
from tests.flows.helpers import agree, identify, open_case, propose_return, say

BACKEND = "django.contrib.auth.backends.ModelBackend"
#: What is typed, one for each slot; none of them stands anywhere before.
CANARY = "kanarienvogel"
#: What the system of record answers of this customer.
KNOWN = ("yusuf_rossi_9620", "credit_card_9513926", "#W2378156")


def canary(slot: str) -> str:
    return f"{CANARY}-{slot}-7f3a"


def live(retail: World) -> dict[str, Any]:
    """Play a matter from the first word to its closing; every slot for text holds a canary."""
    people, now = retail.people, clock.now()
    case_id = open_case(
        retail, f"Return my items, {canary('words')}.", external_ref=canary("reference")
    )
    identify(retail, case_id)
    say(retail, case_id, "customer", f"You reach me at {canary('message')}@example.org.")
    shown = retail.api.post(
        f"cases/{case_id}/evidence/",
        {
            "kind": "letter",
            "title": canary("title"),
            "proves": canary("proves"),
            "reference": canary("attachment"),
        },
    )
    assert shown.status_code == 201, shown.content
    answer = propose_return(
        retail,
        case_id,
        evidence=agree(retail, case_id),
        rationale=canary("rationale"),
        customer_paragraph=canary("paragraph"),
    )
    assert answer.status_code == 202, answer.content
    approval = ApprovalRequest.objects.get(case_public_id=case_id)
    _half_a_vote(retail, approval)
    voting.save_view(
        actor=people["supervisor"].as_actor(),
        now=now,
        name=canary("reference"),
        criteria="risk=high",
    )
    _vote(retail, approval)
    retail.work()
    _hand_over(retail, case_id)
    case = Case.objects.get(public_id=case_id)
    supervisor = people["supervisor"].as_actor()
    resolve_case(
        actor=supervisor, now=clock.now(), case=case, outcome=canary("outcome"), confirmed=True
    )
    close_case(actor=supervisor, now=clock.now(), case=case)
    record_read(actor=supervisor, now=clock.now(), what=f"search {canary('reference')}")
    call = ToolCall.objects.get(public_id=answer.json()["id"])
    assert (call.state, call.attempts.count() > 0) == ("succeeded", True)
    return {
        "case_id": case_id,
        "call_id": str(call.public_id),
        "request_id": str(approval.public_id),
        "decision_id": str(call.decision.public_id),
        "handoff_id": str(call.case.handoffs.get().public_id),
        "queue": call.case.queue.key,
    }


def _half_a_vote(retail: World, approval: ApprovalRequest) -> None:
    """Leave the words of a vote in a session: it waits for a proof that nobody gives."""
    client = Client()
    client.force_login(retail.people["supervisor"], backend=BACKEND)
    client.post(
        f"/admin/approvals/{approval.public_id}/vote/",
        {
            "choice": "approve",
            "reason": canary("session"),
            "action_digest": "0" * 64,
            "view_digest": approval.view_digest,
        },
    )


def _vote(retail: World, approval: ApprovalRequest) -> None:
    voting.cast_vote(
        actor=retail.people["supervisor"].as_actor(),
        now=clock.now(),
        request_id=approval.public_id,
        ballot=Ballot(
            choice=VoteChoice.APPROVE,
            action_digest=approval.action_digest,
            view_digest=approval.view_digest,
            reason=canary("vote"),
            proof=StepUpProof(at=clock.now(), method="test"),
        ),
    )


def _hand_over(retail: World, case_id: str) -> None:
    case = Case.objects.get(public_id=case_id)
    offered = retail.api.post(
        f"cases/{case_id}/handoffs/",
        {
            "to": {"queue": case.queue.key},
            "reason_code": "customer_request",
            "note": canary("note"),
        },
    )
    assert offered.status_code == 201, offered.content
    actor, key = retail.people["supervisor"].as_actor(), UUID(offered.json()["id"])
    journeys.accept_handoff(actor=actor, now=clock.now(), handoff_id=key)
    journeys.complete_handoff(actor=actor, now=clock.now(), handoff_id=key)


def export(retail: World, case_id: str) -> EvidenceExport:
    """Build the evidence of the case, as a file on disk."""
    asked = evidence.request_export(
        actor=retail.people["compliance"].as_actor(),
        now=clock.now(),
        scope=ExportScope(kind=ScopeKind.CASE, key=case_id),
    )
    evidence.run_export(export_pk=asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.problem) == ("done", "")
    return asked


def in_columns(needles: list[bytes]) -> list[str]:
    """Return every column of the database in which a text still stands."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed:
            continue
        fields = [field for field in model._meta.concrete_fields if _holds_text(field)]
        names = [field.attname for field in fields]
        for row in model._default_manager.values_list(*names):
            for name, value in zip(names, row, strict=True):
                said = (
                    bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                )
                found += [f"{model._meta.label}.{name}" for needle in needles if needle in said]
    return sorted(set(found))


def _holds_text(field: Any) -> bool:
    kinds = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
    return isinstance(field, kinds)


def in_files(needles: list[bytes]) -> list[str]:
    """Return the files of the database and of the exports in which a text still stands."""
    found = []
    for path in [*_database_files(), *stored.root().rglob("*")]:
        if path.is_file():
            data = path.read_bytes()
            found += [f"{path.name}" for needle in needles if needle in data]
    return sorted(set(found))


def _database_files() -> Iterator[Path]:
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        yield from (path for end in ("", "-wal", "-shm") if (path := Path(name + end)).exists())
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('data_directory') || '/' || pg_relation_filepath(oid) "
            "FROM pg_class WHERE pg_relation_filepath(oid) IS NOT NULL AND NOT relisshared"
        )
        bases = [Path(row[0]) for row in cursor.fetchall()]
        cursor.execute("CHECKPOINT")
    for base in bases:
        yield from base.parent.glob(f"{base.name}*")


def in_dump(needles: list[bytes]) -> bool:
    """Return whether a text stands in what ``pg_dump`` writes; on SQLite in nothing."""
    program = shutil.which("pg_dump")
    if connection.vendor != "postgresql" or program is None:
        return False
    config = connection.settings_dict
    command = [program, "-h", config["HOST"], "-p", str(config["PORT"]), "-U", config["USER"]]
    dump = subprocess.run([*command, config["NAME"]], capture_output=True, check=True)
    assert b"governance_ledgerentry" in dump.stdout
    # Binary columns are dumped in hexadecimal.
    return any(one in dump.stdout or one.hex().encode() in dump.stdout for one in needles)


def in_cache(needles: list[bytes]) -> bool:
    """Return whether a text stands in the cache, or anywhere in Redis where there is one."""
    if not settings.CELERY_BROKER_URL.startswith("redis"):
        held = getattr(cache, "_cache", {})
        return any(needle in repr(held).encode() for needle in needles)
    import redis  # noqa: PLC0415  only where there is a server

    client = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    said = b"".join(key + (client.dump(key) or b"") for key in client.scan_iter(count=1000))
    return any(needle in said for needle in needles)
