"""Fills in since when, and by whom, the grants stand that were given before they said so.

Grants on queues have a version history, roles have only the ledger. Where neither knows, the
moment of the migration stands. Every role that changed policies and cue sheets until now goes
on doing so: it is granted every document of these kinds.
"""

import json

from django.db import migrations

QUEUE_GRANTS = ("QueueUserGrant", "QueueGroupGrant", "AgentQueueGrant")
CHANGING_ROLES = ("supervisor", "compliance_officer", "policy_owner", "qa_lead")
KINDS = ("policy", "cue_sheet")
BY = {"given_by_kind": "system", "given_by_id": "migration", "given_by": "migration"}
ACTOR = {"actor_kind": "system", "actor_id": "migration", "actor_label": "migration"}
REASON = "Every role that changes these documents could change all of them before."


def fill_in(apps, schema_editor):
    for name in QUEUE_GRANTS:
        _fill_from_history(apps, name)
    _fill_roles_from_ledger(apps)
    _grant_every_kind(apps)


def _fill_from_history(apps, name):
    history = apps.get_model("governance", f"Historical{name}")
    grants = apps.get_model("governance", name)
    for first in history.objects.filter(history_type="+").order_by("history_id"):
        given = {
            "since_at": first.history_date,
            "given_by_kind": first.actor_kind,
            "given_by_id": first.actor_id,
            "given_by": first.actor_label,
        }
        history.objects.filter(id=first.id).update(**given)
        grants.objects.filter(id=first.id).update(**given)


def _fill_roles_from_ledger(apps):
    entries = apps.get_model("governance", "LedgerEntry")
    payloads = apps.get_model("governance", "EntryPayload")
    holdings = apps.get_model("governance", "RoleHolding")
    for entry in entries.objects.filter(kind="role.given").order_by("pk").iterator():
        kept = payloads.objects.filter(entry_id=entry.pk).first()
        if kept is None:
            continue
        payload = json.loads(bytes(kept.body))
        holdings.objects.filter(
            user__public_id=entry.stream.removeprefix("user:"),
            group__name=payload.get("role", ""),
        ).update(
            since_at=entry.at,
            given_by_kind=entry.actor_kind,
            given_by_id=entry.actor_id,
            given_by=payload.get("actor_label", ""),
        )


def _grant_every_kind(apps):
    groups = apps.get_model("auth", "Group")
    grants = apps.get_model("governance", "KindGroupGrant")
    history = apps.get_model("governance", "HistoricalKindGroupGrant")
    for group in groups.objects.filter(name__in=CHANGING_ROLES).order_by("name"):
        for kind in KINDS:
            made = grants.objects.create(group=group, kind=kind, reason=REASON, **BY)
            made.refresh_from_db()
            history.objects.create(
                id=made.pk,
                group=group,
                kind=kind,
                reason=REASON,
                since_at=made.since_at,
                history_date=made.since_at,
                history_type="+",
                **BY,
                **ACTOR,
            )


def take_back(apps, schema_editor):
    for name in ("KindGroupGrant", "HistoricalKindGroupGrant"):
        apps.get_model("governance", name).objects.filter(given_by_id="migration").delete()


class Migration(migrations.Migration):

    dependencies = [
        ("governance", "0017_vote_reason_code"),
    ]

    operations = [
        # Backwards, what was filled in goes with its columns in the migration before.
        migrations.RunPython(fill_in, take_back),
    ]
