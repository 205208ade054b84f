"""People, queues, grants, AI agents and their credentials."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth.models import AbstractUser, Group
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Now
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from governance.access.types import Budget, QueueGrant
from orchestra.core.actors import Actor, ActorKind
from orchestra.core.fields import CodeField, PublicIdField
from orchestra.core.history import tracked


class User(AbstractUser):
    """A person who signs in; their roles are the groups they are in, through ``RoleHolding``."""

    public_id = PublicIdField()
    time_zone = models.CharField(max_length=60, default="UTC")
    groups = models.ManyToManyField(  # type: ignore[assignment]  # django-stubs knows the generated through model only
        Group,
        through="RoleHolding",
        blank=True,
        related_name="user_set",
        related_query_name="user",
    )
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_by = models.CharField(max_length=200, blank=True)
    disabled_reason = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The person's name, or the login where no name is set."""
        return self.get_full_name() or self.username

    def as_actor(self) -> Actor:
        """Return the person as an actor."""
        return Actor(kind=ActorKind.HUMAN, id=str(self.public_id), label=self.label, pk=self.pk)


class Given(models.Model):
    """What every grant says of itself: who gave it, why, since when, and until when.

    One without ``until_at`` stands until it is taken. The moments are compared with the
    database's clock, so that an ended grant carries nothing though no worker runs.
    """

    reason = models.CharField(max_length=500, blank=True, default="")
    given_by_kind = models.CharField(max_length=20, blank=True, default="")
    given_by_id = models.CharField(max_length=100, blank=True, default="")
    given_by = models.CharField(max_length=200, blank=True, default="")
    since_at = models.DateTimeField(db_default=Now())
    until_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


def ends_later(name: str) -> models.CheckConstraint:
    """Return the constraint that a grant ends after it begins, under a name of its model's."""
    return models.CheckConstraint(
        condition=models.Q(until_at__isnull=True) | models.Q(until_at__gt=models.F("since_at")),
        name=f"{name}_ends_later",
    )


class RoleHolding(Given):
    """That a person holds a role; the row *is* the membership of the role's group."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_holdings")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="role_holdings")
    history = tracked()

    class Meta:
        db_table = "governance_user_groups"
        unique_together = [("user", "group")]
        constraints = [ends_later("role_holding")]

    def __str__(self) -> str:
        return f"{self.user} as {self.group}"


class Queue(models.Model):
    """A team's line of work; grants are held on it."""

    public_id = PublicIdField()
    key = CodeField(unique=True)
    title = models.CharField(max_length=200)
    next_roles = models.JSONField(default=list, blank=True)
    first_reply_minutes = models.PositiveIntegerField(default=15)
    is_default = models.BooleanField(default=False)
    history = tracked()

    class Meta:
        ordering = ["title"]
        default_permissions = ()
        permissions = [
            (QueueGrant.READ.value, "May read the cases of this queue"),
            (QueueGrant.WORK.value, "May work the cases of this queue"),
            (QueueGrant.VOTE.value, "May vote on the approvals of this queue"),
        ]

    def __str__(self) -> str:
        return self.title


class QueueUserGrant(Given, UserObjectPermissionBase):  # noqa: DJ008  guardian's base has one
    """One grant of a person on a queue."""

    content_object = models.ForeignKey(Queue, on_delete=models.CASCADE)
    history = tracked()

    class Meta(UserObjectPermissionBase.Meta):
        constraints = [ends_later("queue_user_grant")]


class QueueGroupGrant(Given, GroupObjectPermissionBase):  # noqa: DJ008  guardian's base has one
    """One grant of a role on a queue."""

    content_object = models.ForeignKey(Queue, on_delete=models.CASCADE)
    history = tracked()

    class Meta(GroupObjectPermissionBase.Meta):
        constraints = [ends_later("queue_group_grant")]


class KindUserGrant(Given):
    """That a person's role holds on every document of a kind, such as every policy."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="kind_grants")
    kind = CodeField()
    history = tracked()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="kind_user_grant_once"),
            ends_later("kind_user_grant"),
        ]

    def __str__(self) -> str:
        return f"{self.user} on every {self.kind}"


class KindGroupGrant(Given):
    """That a role holds on every document of a kind for everybody who holds the role."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="kind_grants")
    kind = CodeField()
    history = tracked()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "kind"], name="kind_group_grant_once"),
            ends_later("kind_group_grant"),
        ]

    def __str__(self) -> str:
        return f"{self.group} on every {self.kind}"


class AgentIdentity(models.Model):
    """An AI agent that may be given credentials.

    From ``ends_at`` on no token of it is accepted. Whoever stopped it does not start it again.
    """

    public_id = PublicIdField()
    name = models.CharField(max_length=200, unique=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="owned_agents")
    acts_for = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="acting_agents"
    )
    queues = models.ManyToManyField(Queue, through="AgentQueueGrant", related_name="agents")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    calls_per_hour = models.PositiveIntegerField(null=True, blank=True)
    calls_per_day = models.PositiveIntegerField(null=True, blank=True)
    writes_per_day = models.PositiveIntegerField(null=True, blank=True)
    stopped_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_reason = models.CharField(max_length=500, blank=True, default="")
    history = tracked()

    class Meta:
        ordering = ["name"]
        verbose_name = "AI agent"

    def __str__(self) -> str:
        return self.name

    def budget(self) -> Budget:
        """Return how much the agent may propose."""
        return Budget(
            calls_per_hour=self.calls_per_hour,
            calls_per_day=self.calls_per_day,
            writes_per_day=self.writes_per_day,
        )

    def as_actor(self) -> Actor:
        """Return the agent as an actor."""
        return Actor(kind=ActorKind.AGENT, id=str(self.public_id), label=self.name, pk=self.pk)


class AgentVersion(models.Model):
    """What an AI agent ran as from a moment on: its model, prompt or build, as its owner says.

    A version lasts until the next one begins; what was done before the first has none.
    """

    public_id = PublicIdField()
    agent = models.ForeignKey(AgentIdentity, on_delete=models.PROTECT, related_name="versions")
    label = models.CharField(max_length=100)
    note = models.CharField(max_length=300, blank=True, default="")
    began_at = models.DateTimeField()
    history = tracked()

    class Meta:
        indexes = [models.Index(fields=["agent", "-began_at"], name="agent_version_began")]

    def __str__(self) -> str:
        return f"{self.agent} {self.label}"


class AgentQueueGrant(Given):
    """That an AI agent may work a queue."""

    agent = models.ForeignKey(AgentIdentity, on_delete=models.CASCADE)
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE)
    history = tracked()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "queue"], name="agent_queue_grant_once"),
            ends_later("agent_queue_grant"),
        ]

    def __str__(self) -> str:
        return f"{self.agent} on {self.queue}"


class ApiCredential(models.Model):
    """A bearer token of an AI agent: hashed, shown once, expiring, revocable.

    ``capabilities`` and ``tools`` narrow what it carries; null is all of it. ``last_used_at`` is
    a convenience, written at most once a minute, and is no evidence.
    """

    public_id = PublicIdField()
    agent = models.ForeignKey(AgentIdentity, on_delete=models.PROTECT, related_name="credentials")
    prefix = models.CharField(max_length=20, unique=True)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    capabilities = models.JSONField(null=True, blank=True)
    tools = models.JSONField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    history = tracked(excluded_fields=["token_hash", "last_used_at"])

    def __str__(self) -> str:
        return self.prefix


class Delegation(models.Model):
    """That one person lets another act in their place for a time; ended, never deleted.

    ``giver_key`` is the giver's public id as text, as the rows that name people by it hold it.
    ``covers`` is a whole role of the giver's or one capability.
    """

    public_id = PublicIdField()
    giver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations_given")
    giver_key = models.CharField(max_length=100, db_index=True)
    delegate = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations_held")
    covers = CodeField()
    reason = models.CharField(max_length=500)
    begins_at = models.DateTimeField()
    until_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    history = tracked()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(giver=models.F("delegate")), name="delegation_to_another"
            ),
            models.CheckConstraint(
                condition=models.Q(until_at__gt=models.F("begins_at")),
                name="delegation_ends_after_begin",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.giver} to {self.delegate}"


class PersonSession(AbstractBaseSession):
    """One signed-in browser: Django's session row, with whose it is and since when.

    ``expire_date`` is the earlier of the idle and the absolute time-out, so that looking the
    session up is the whole check. A visitor who has not signed in has a row without a person.
    """

    person = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, related_name="signed_in_sessions"
    )
    device = models.CharField(max_length=100, blank=True)
    began_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField()

    class Meta(AbstractBaseSession.Meta):
        default_permissions = ()

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """Return the store that reads and writes these rows."""
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store
