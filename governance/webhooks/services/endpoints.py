"""Say where events are sent: make an endpoint, change it, stop it, change its secret."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.webhooks import entries, rules
from governance.webhooks.catalogue import WORDS
from governance.webhooks.models import WebhookEndpoint, WebhookSecret
from governance.webhooks.selectors import list_secrets, place_of
from governance.webhooks.types import EndpointState
from orchestra.core.actors import Actor
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    UpstreamError,
)
from orchestra.core.locking import compare_and_set, lock
from orchestra.core.outbound import allowed_networks
from orchestra.core.reachable import check_url, is_reachable
from orchestra.core.sealing import seal

SUBJECT: Final = "webhook"
_LONGEST_URL: Final = 500
_LONGEST_TITLE: Final = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants sent where.

    Attributes:
        title: What people call the endpoint.
        url: Its address.
        event_types: Codes of the events.
    """

    title: str
    url: str
    event_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Created:
    """An endpoint with its secret as text, which is shown this once."""

    endpoint: WebhookEndpoint
    secret: str


@one_act()
def create_endpoint(*, actor: Actor, now: datetime, wanted: Wanted) -> Created:
    """Have events sent to an address from now on; returns its secret, this once.

    Raises:
        NotPermittedError: The actor does not manage access.
        InvalidInputError: The address may not be sent to, or no known event is chosen.
    """
    require(authority=authority_of(actor), capability=Capability.ACCESS_MANAGE)
    checked = _checked(wanted)
    endpoint = WebhookEndpoint.objects.create(
        title=checked.title,
        url=checked.url,
        event_types=list(checked.event_types),
        created_by=User.objects.get(public_id=actor.id),
        created_at=now,
    )
    secret = _make_secret(endpoint, now)
    record(entries.CREATED, endpoint, actor, now, {"event_types": list(checked.event_types)})
    return Created(endpoint, secret)


@one_act()
def save_endpoint(
    *, actor: Actor, now: datetime, endpoint_id: UUID, wanted: Wanted, revision: int
) -> WebhookEndpoint:
    """Change what is sent to an endpoint, or where that is.

    Args:
        actor: Who manages access.
        now: When, UTC.
        endpoint_id: Public id.
        wanted: What it is from now on.
        revision: That of the endpoint as it was read.

    Raises:
        NotPermittedError: The actor does not manage access.
        NotFoundError: There is no such endpoint.
        ConflictError: Somebody else changed it meanwhile.
        InvalidInputError: The address may not be sent to, or no known event is chosen.
    """
    endpoint = lock_endpoint(actor, endpoint_id)
    checked = _checked(wanted)
    changes = {
        "title": checked.title,
        "url": checked.url,
        "event_types": list(checked.event_types),
        "revision": revision + 1,
    }
    compare_and_set(endpoint, expected={"revision": revision}, changes=changes, actor=actor)
    record(entries.CHANGED, endpoint, actor, now, {"event_types": list(checked.event_types)})
    return endpoint


@one_act()
def stop_endpoint(*, actor: Actor, now: datetime, endpoint_id: UUID) -> WebhookEndpoint:
    """Send an endpoint nothing more; what was on its way waits until it is started again.

    Raises:
        NotPermittedError: The actor does not manage access.
        NotFoundError: There is no such endpoint.
        ConflictError: It does not send.
    """
    endpoint = lock_endpoint(actor, endpoint_id)
    if endpoint.state != EndpointState.ACTIVE:
        raise ConflictError(_("Nothing is sent there now."), code="webhook.not_active")
    changes = {"state": EndpointState.STOPPED, "stopped_at": now}
    compare_and_set(
        endpoint, expected={"state": EndpointState.ACTIVE}, changes=changes, actor=actor
    )
    record(entries.STOPPED, endpoint, actor, now)
    return endpoint


@one_act()
def start_endpoint(*, actor: Actor, now: datetime, endpoint_id: UUID) -> WebhookEndpoint:
    """Send to an endpoint again, from now on; what it missed is replayed by hand.

    Raises:
        NotPermittedError: The actor does not manage access.
        NotFoundError: There is no such endpoint.
        ConflictError: It sends already.
    """
    endpoint = lock_endpoint(actor, endpoint_id)
    before = endpoint.state
    if before == EndpointState.ACTIVE:
        raise ConflictError(_("Events are sent there already."), code="webhook.active")
    changes = {"state": EndpointState.ACTIVE, "stopped_at": None}
    compare_and_set(endpoint, expected={"state": before}, changes=changes, actor=actor)
    record(entries.STARTED, endpoint, actor, now)
    return endpoint


@one_act()
def rotate_secret(*, actor: Actor, now: datetime, endpoint_id: UUID, overlap_hours: int) -> Created:
    """Make a new secret; the earlier ones sign beside it until the overlap ends.

    Args:
        actor: Who manages access.
        now: When, UTC.
        endpoint_id: Public id.
        overlap_hours: One of ``rules.OVERLAPS``; 0 ends the earlier ones at once.

    Raises:
        NotPermittedError: The actor does not manage access.
        NotFoundError: There is no such endpoint.
        InvalidInputError: There is no such overlap.
    """
    endpoint = lock_endpoint(actor, endpoint_id)
    if overlap_hours not in rules.OVERLAPS:
        finding = FieldError("overlap", "choice", _("Choose how long the old secret signs on."))
        raise InvalidInputError(_("Nothing was changed."), errors=[finding])
    ends_at = now + timedelta(hours=overlap_hours)
    for each in list_secrets(endpoint=endpoint, now=now):
        # One that ends sooner keeps its end: a rotation never lengthens a secret's life.
        WebhookSecret.objects.filter(pk=each.pk).update(
            ends_at=min(each.ends_at or ends_at, ends_at)
        )
    secret = _make_secret(endpoint, now)
    record(entries.ROTATED, endpoint, actor, now, {"overlap_hours": overlap_hours})
    return Created(endpoint, secret)


def lock_endpoint(actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    """Return an endpoint, locked, to who may change it.

    Raises:
        NotPermittedError: The actor does not manage access.
        NotFoundError: There is no such endpoint.
    """
    require(authority=authority_of(actor), capability=Capability.ACCESS_MANAGE)
    rows = lock(WebhookEndpoint.objects.filter(public_id=endpoint_id))
    if not rows:
        raise NotFoundError(_("There is no such endpoint."), code="webhook.not_found")
    return rows[0]


def record(
    kind: str,
    endpoint: WebhookEndpoint,
    actor: Actor,
    now: datetime,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Append what was done with an endpoint; its whole address may hold a secret and stays out."""
    host = urlsplit(endpoint.url).hostname or ""
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=kind,
            payload={"label": endpoint.title, "host": host, **(more or {})},
            subject_kind=SUBJECT,
            subject_id=str(endpoint.public_id),
        ),
    )


def _make_secret(endpoint: WebhookEndpoint, now: datetime) -> str:
    key = os.urandom(rules.KEY_BYTES)
    WebhookSecret.objects.create(
        endpoint=endpoint,
        sealed=seal(key, place=place_of(endpoint.public_id)),
        created_at=now,
    )
    return rules.secret_text(key)


def _checked(wanted: Wanted) -> Wanted:
    title, url = wanted.title.strip(), wanted.url.strip()
    chosen = tuple(code for code in WORDS if code in set(wanted.event_types))
    findings = []
    if not 0 < len(title) <= _LONGEST_TITLE:
        findings.append(FieldError("title", "required", _("Give it a name people recognise.")))
    why = _why_not(url)
    if why:
        findings.append(FieldError("url", "refused", why))
    if not chosen or len(chosen) != len(set(wanted.event_types)):
        findings.append(FieldError("event_types", "choice", _("Choose at least one known event.")))
    if findings:
        raise InvalidInputError(_("Nothing was saved."), errors=findings)
    return Wanted(title, url, chosen)


def _why_not(url: str) -> str:
    """Return why an address may not be sent to; empty where it may."""
    networks = allowed_networks()
    try:
        parts = check_url(url)
    except UpstreamError as error:
        return error.message
    if len(url) > _LONGEST_URL:
        return _("The address is too long.")
    if parts.scheme != "https" and not networks:
        return _("The address must begin with https://.")
    try:
        address = ipaddress.ip_address((parts.hostname or "").strip("[]"))
    except ValueError:
        return ""
    if is_reachable(address, networks=networks):
        return ""
    return _("The address leads into a private network; nothing is sent there.")
