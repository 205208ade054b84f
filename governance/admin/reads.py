"""Reads that only the admin's pages need, over rows several rooms own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    CharField,
    DateTimeField,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from governance.access import selectors as access
from governance.access.holding import live
from governance.access.models import (
    AgentIdentity,
    AgentQueueGrant,
    ApiCredential,
    Given,
    KindGroupGrant,
    KindUserGrant,
    Queue,
    QueueGroupGrant,
    QueueUserGrant,
    RoleHolding,
    User,
)
from governance.access.prepared import PreparedFor
from governance.access.registry import document_grants
from governance.access.types import Authority, Capability, QueueGrant, Role
from governance.policies.models import DecisionRecord, Policy, PolicyVersion
from governance.policies.parsing import parse_policy
from governance.policies.types import PolicyTable
from governance.reviews.types import DocumentState
from orchestra.core.errors import NotFoundError
from orchestra.core.together import Reading, all_of, read

#: Queue's internal key to the code of a grant to the grant.
Held = Mapping[int, Mapping[str, Given]]

#: How many versions of grants a page shows; the ledger holds all.
SHOWN_VERSIONS = 50

#: Which rows of one read are which.
_GIVEN, _THROUGH, _OPTION = "given", "through", "option"
#: How a grant was given.
_TERMS = ("reason", "given_by", "since_at", "until_at")


def list_queues(*, authority: Authority, capability: Capability) -> QuerySet[Queue]:
    """Return the queues on which a person holds a capability, by title."""
    held = access.readable_queue_ids(authority, capability)
    rows = Queue.objects.order_by("title")
    return rows if held is None else rows.filter(pk__in=held)


#: The same, compiled once for each who asks.
QUEUES: PreparedFor[Queue] = PreparedFor(
    lambda authority, capability: list_queues(authority=authority, capability=capability)
)


def list_people() -> QuerySet[User]:
    """Return every person with the roles and grants that stand, by name: three queries."""
    grants = QueueUserGrant.objects.filter(live()).select_related("content_object", "permission")
    return User.objects.prefetch_related(
        _roles(), Prefetch("queueusergrant_set", queryset=grants, to_attr="own_grants")
    ).order_by("last_name", "first_name", "username")


def list_active_people() -> QuerySet[User]:
    """Return the people who may sign in, by name."""
    return User.objects.filter(is_active=True).order_by("last_name", "first_name", "username")


def _roles() -> "Prefetch[str]":
    """The roles that stand, as ``roles_held``."""
    held = RoleHolding.objects.filter(live()).select_related("group").order_by("group__name")
    return Prefetch("role_holdings", queryset=held, to_attr="roles_held")


def reading_voted_queues(*, roles: Iterable[str], grant: QueueGrant) -> Reading[frozenset[str]]:
    """Come to the titles of the queues on which an active person with a role holds a grant."""
    people = access.with_a_role(list(roles)).order_by()
    code = {"permission__codename": grant.value}
    own = QueueUserGrant.objects.filter(live(), user__in=people, **code)
    held = RoleHolding.objects.filter(live(), user__in=people)
    shared = QueueGroupGrant.objects.filter(live(), group__in=held.values("group"), **code)
    title = "content_object__title"
    found = yield from all_of(
        {
            "own": read(own.values_list(title, flat=True)),
            "shared": read(shared.values_list(title, flat=True)),
        }
    )
    return frozenset(found["own"]) | frozenset(found["shared"])


def list_without_role() -> QuerySet[User]:
    """Return the active people who hold no role, by name."""
    held = RoleHolding.objects.filter(live(), user=OuterRef("pk"))
    rows = User.objects.filter(~Exists(held), is_active=True)
    return rows.order_by("last_name", "first_name", "username")


def list_live_tokens(
    *, now: datetime
) -> QuerySet[AgentIdentity, tuple[str, bool, datetime | None]]:
    """Return each AI agent with its tokens that hold now, by name: one row a token.

    A row has the agent's name, whether it is active, and when the token ends; None for an agent
    without one.
    """
    holds = Q(credentials__revoked_at__isnull=True, credentials__expires_at__gt=now)
    rows = AgentIdentity.objects.annotate(token=FilteredRelation("credentials", condition=holds))
    return rows.order_by("name", "pk").values_list("name", "is_active", "token__expires_at")


def list_role_grants() -> QuerySet[QueueGroupGrant]:
    """Return the grants that roles hold on queues."""
    rows = QueueGroupGrant.objects.select_related("content_object", "permission", "group")
    return rows.filter(live()).order_by("content_object__title", "group__name")


def get_person(*, person_id: UUID) -> User:
    """Return a person by public id.

    Raises:
        NotFoundError: There is none.
    """
    found = User.objects.prefetch_related(_roles()).filter(public_id=person_id).first()
    if found is None:
        raise NotFoundError(_("There is no such person."))
    return found


def grants_of_person(person: User) -> Held:
    """Return the grants of a person's own, by the queue's internal key and their code."""
    return _by_queue(QueueUserGrant.objects.filter(live(), user=person))


def grants_of_role(role: Role) -> Held:
    """Return the grants that a role holds, by the queue's internal key and their code."""
    return _by_queue(QueueGroupGrant.objects.filter(live(), group__name=role.value))


@dataclass(frozen=True, slots=True)
class DocumentGiven:
    """That a document, or every one of a kind, was given to a person or a role.

    Attributes:
        kind: Kind of document.
        key: Its key; empty for every one.
        title: Its title.
        given_by: Name of who gave it.
    """

    kind: str
    key: str
    title: str
    reason: str
    given_by: str
    since_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class DocumentsOf:
    """What a person, or a role, was given of documents, and what there is to give.

    Attributes:
        given: What they hold of their own, by kind and title.
        through: Which of their roles hold every document of a kind, by kind, each by name.
        options: Key and title of every document of each kind, by title.
    """

    given: list[DocumentGiven]
    through: dict[str, list[str]]
    options: dict[str, list[tuple[str, str]]]


def documents_of(holder: User | Role, *, roles: Iterable[str]) -> DocumentsOf:
    """Return what of documents a person, or a role, holds and could be given: one query.

    Args:
        holder: Whose grants are asked for.
        roles: Roles through which the person may hold every document of a kind.
    """
    whose = {"user": holder} if isinstance(holder, User) else {"group__name": holder.value}
    own = isinstance(holder, User)
    every: Any = KindUserGrant if own else KindGroupGrant
    shared = KindGroupGrant.objects.filter(live(), group__name__in=list(roles))
    parts = [
        _given(every.objects.filter(live(), **whose), _GIVEN, F("kind"), Value(""), Value("")),
        _given(shared, _THROUGH, F("kind"), Value(""), F("group__name")),
    ]
    for kind in document_grants:
        grants = document_grants.get(kind)
        rows = (grants.by_person if own else grants.by_role).objects.filter(live(), **whose)
        key, title = F("content_object__key"), F("content_object__title")
        parts.append(_given(rows, _GIVEN, Value(kind), key, title))
        parts.append(_option(grants.documents.objects.all(), kind))
    found = DocumentsOf(given=[], through={}, options={kind: [] for kind in document_grants})
    for part, *row in parts[0].union(*parts[1:], all=True).order_by("of_title"):
        kind, key, title = row[:3]
        if part == _GIVEN:
            found.given.append(DocumentGiven(*row))
        elif part == _THROUGH:
            found.through.setdefault(kind, []).append(title)
        else:
            found.options[kind].append((key, title))
    found.given.sort(key=lambda one: (one.kind, one.title))
    return found


def _given(rows: Any, part: str, kind: Any, key: Any, title: Any) -> "QuerySet[Any, Any]":
    return _columns(rows, part, (kind, key, title), tuple(map(F, _TERMS)))


def _option(rows: Any, kind: str) -> "QuerySet[Any, Any]":
    never = Value(None, output_field=DateTimeField())
    of = (Value(kind), F("key"), F("title"))
    return _columns(rows, _OPTION, of, (Value(""), Value(""), never, never))


def _columns(
    rows: Any, part: str, of: tuple[Any, Any, Any], terms: tuple[Any, ...]
) -> "QuerySet[Any, Any]":
    texts = dict(zip(("of_part", "of_kind", "of_key", "of_title"), (Value(part), *of), strict=True))
    told = rows.order_by().annotate(
        **{name: Cast(value, CharField()) for name, value in texts.items()},
        **{f"of_{name}": value for name, value in zip(_TERMS, terms, strict=True)},
    )
    columns: QuerySet[Any, Any] = told.values_list(*texts, *(f"of_{name}" for name in _TERMS))
    return columns


def _by_queue(rows: "QuerySet[QueueUserGrant] | QuerySet[QueueGroupGrant]") -> Held:
    found: dict[int, dict[str, Given]] = {}
    for row in rows.select_related("permission"):
        found.setdefault(row.content_object_id, {})[row.permission.codename] = row
    return found


def list_grant_history(person: User) -> list[Any]:
    """Return the versions of a person's own grants, newest first."""
    return _newest(QueueUserGrant.history.filter(user=person))


def list_role_grant_history(role: Role) -> list[Any]:
    """Return the versions of a role's grants, newest first."""
    return _newest(QueueGroupGrant.history.filter(group__name=role.value))


def _newest(versions: Any) -> list[Any]:
    rows = versions.select_related("permission").order_by("-history_date", "-history_id")
    return list(rows[:SHOWN_VERSIONS])


def list_agents() -> QuerySet[AgentIdentity]:
    """Return every AI agent with its people, queues and credentials, by name."""
    queues = AgentQueueGrant.objects.filter(live()).select_related("queue")
    return AgentIdentity.objects.select_related("owner", "acts_for").prefetch_related(
        Prefetch("agentqueuegrant_set", queryset=queues, to_attr="queue_grants"),
        Prefetch("credentials", queryset=ApiCredential.objects.order_by("-created_at")),
    )


def list_policies() -> QuerySet[Policy]:
    """Return every policy with its versions, newest first, by title."""
    versions = PolicyVersion.objects.order_by("-number")
    return Policy.objects.prefetch_related(Prefetch("versions", queryset=versions))


def list_decisions(*, subject_ids: Iterable[str] | None = None) -> QuerySet[DecisionRecord]:
    """Return decisions, newest first, of some subjects or of all."""
    rows = DecisionRecord.objects.order_by("-pk")
    return rows if subject_ids is None else rows.filter(subject_id__in=list(subject_ids))


def tables_of(policies: Mapping[str, tuple[int, str]]) -> dict[str, PolicyTable]:
    """Return the policy tables that a record names, as far as they are still here.

    Args:
        policies: Policy key to (version, digest), as records hold them.
    """
    digests = {digest for _version, digest in policies.values()}
    rows = PolicyVersion.objects.filter(digest__in=digests).select_related("policy")
    return {
        row.policy.key: _table(row)
        for row in rows
        if (row.number, row.digest) == tuple(policies.get(row.policy.key, ()))
    }


def published_tables() -> dict[str, PolicyTable]:
    """Return the tables in force, by policy key."""
    rows = PolicyVersion.objects.filter(state=DocumentState.PUBLISHED).select_related("policy")
    return {row.policy.key: _table(row) for row in rows}


def _table(row: PolicyVersion) -> PolicyTable:
    return parse_policy(document=row.document, version=row.number, digest=row.digest)


def list_owners() -> QuerySet[User]:
    """Return everybody who may be made the owner of an AI agent, by name."""
    return User.objects.filter(is_active=True).order_by("last_name", "first_name", "username")


def list_all_queues() -> QuerySet[Queue]:
    """Return every queue, by title."""
    return Queue.objects.order_by("title")


def get_token(*, token_id: UUID) -> ApiCredential:
    """Return a token by its public id.

    Raises:
        NotFoundError: There is none.
    """
    found = ApiCredential.objects.select_related("agent").filter(public_id=token_id).first()
    if found is None:
        raise NotFoundError(_("There is no such token."))
    return found
