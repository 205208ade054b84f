"""Grant and revoke the changing of policies and cue sheets: of one by name, or of all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Permission
from django.utils.translation import gettext as _

from governance.access.models import KindGroupGrant, KindUserGrant, User
from governance.access.registry import DocumentGrants, document_grants
from governance.access.services import guard, rows
from governance.access.services.roles import group_of
from governance.access.types import Role
from governance.ledger import services as ledger
from orchestra.core.actors import Actor
from orchestra.core.errors import NotFoundError
from orchestra.core.locking import lock_one

Holder = User | Role


@dataclass(frozen=True, slots=True)
class Of:
    """What is granted.

    Attributes:
        kind: The kind of document, such as ``policy``.
        key: The key of the one document; empty for every document of the kind.
    """

    kind: str
    key: str = ""


def grant_document(
    *,
    actor: Actor,
    now: datetime,
    holder: Holder,
    of: Of,
    reason: str,
    until_at: datetime | None = None,
) -> bool:
    """Let a person, or everybody with a role, change documents as their role allows.

    Args:
        actor: Who gives; needs ``access.manage``, and is not the holder.
        now: The moment of the act.
        holder: The person, or the role.
        of: One document, or every one of its kind.
        reason: Why; kept with the grant and in the ledger.
        until_at: When it ends by itself; None for until it is taken.

    Returns:
        Whether anything changed: given again with another end, that end stands.

    Raises:
        NotPermittedError: The actor may not manage access, or would give to themselves.
        NotFoundError: There is no such document.
        InvalidInputError: The terms are incomplete.
    """
    guard.require_manager(actor)
    if isinstance(holder, User):
        guard.require_another(actor, holder)
    else:
        guard.require_other_role(actor, holder)
    terms = rows.Terms(reason=reason, until_at=until_at)
    rows.check_terms(terms, now=now)
    with ledger.one_act():
        key = _holder_key(actor, now, holder) | _object_key(of)
        held = _rows(holder, of)
        return rows.give(actor=actor, now=now, rows=held, key=key, terms=terms)


def revoke_document(
    *, actor: Actor, now: datetime, holder: Holder, of: Of, reason: str = ""
) -> bool:
    """Take the changing of documents from a person or a role.

    Taking every document of a kind from a role binds its people to those granted by name.

    Returns:
        Whether it was held.

    Raises:
        NotPermittedError: The actor may not manage access.
        NotFoundError: There is no such document.
    """
    guard.require_manager(actor)
    with ledger.one_act():
        return rows.take(actor=actor, now=now, rows=_rows(holder, of), reason=reason)


def _grants(kind: str) -> DocumentGrants:
    found = document_grants.find(kind)
    if found is None:
        raise NotFoundError(_("No document of this kind is granted by name."))
    return found


def _document(of: Of) -> Any:
    found = _grants(of.kind).documents.objects.filter(key=of.key).first()
    if found is None:
        raise NotFoundError(_("There is no such document."))
    return found


def _rows(holder: Holder, of: Of) -> Any:
    """Return the one row of the grant, ended or not."""
    grants = _grants(of.kind)
    what: dict[str, Any] = {"content_object": _document(of)} if of.key else {"kind": of.kind}
    if isinstance(holder, User):
        own = grants.by_person if of.key else KindUserGrant
        return own.objects.select_related("user").filter(user=holder, **what)
    shared = grants.by_role if of.key else KindGroupGrant
    return shared.objects.select_related("group").filter(group__name=holder.value, **what)


def _holder_key(actor: Actor, now: datetime, holder: Holder) -> dict[str, Any]:
    # The holder's row is the lock: without it two givers would both record a new grant.
    if isinstance(holder, User):
        return {"user": lock_one(User.objects.filter(pk=holder.pk))}
    group = group_of(actor=actor, now=now, role=holder)
    return {"group": lock_one(type(group).objects.filter(pk=group.pk))}


def _object_key(of: Of) -> dict[str, Any]:
    if not of.key:
        return {"kind": of.kind}
    grants = _grants(of.kind)
    label = grants.documents._meta  # noqa: SLF001  Django's documented entry for generic code
    permission = Permission.objects.get(
        codename=grants.permission, content_type__app_label=label.app_label
    )
    return {"content_object": _document(of), "permission": permission}
