"""The group that stands for a role, made with what a new role holds."""

from datetime import datetime

from django.contrib.auth.models import Group
from django.utils.translation import gettext_noop

from governance.access import rules
from governance.access.models import KindGroupGrant
from governance.access.registry import document_grants
from governance.access.services import rows
from governance.access.types import Role
from orchestra.core.actors import Actor

#: Kept with the grant, so in one language.
DEFAULT = gettext_noop("What a new role holds: every document of the kind.")


def group_of(*, actor: Actor, now: datetime, role: Role) -> Group:
    """Return the group of a role inside the running transaction.

    A new one of a role that changes policies and cue sheets is granted all of them, until
    the centre binds it to some by name.
    """
    group, is_new = Group.objects.get_or_create(name=role.value)
    if is_new and rules.CAPABILITIES[role] & rules.DOCUMENT_BOUND:
        for kind in document_grants:
            rows.give(
                actor=actor,
                now=now,
                rows=KindGroupGrant.objects.filter(group=group, kind=kind),
                key={"group": group, "kind": kind},
                terms=rows.Terms(reason=DEFAULT),
            )
    return group
