"""Who may change authority: asked by every service of access."""

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from orchestra.core.actors import Actor
from orchestra.core.errors import NotPermittedError


def require_manager(actor: Actor) -> None:
    """Refuse whoever may not manage access.

    Raises:
        NotPermittedError: The actor lacks the capability.
    """
    require(authority=authority_of(actor), capability=Capability.ACCESS_MANAGE)


def require_another(actor: Actor, user: User) -> None:
    """Refuse a person who would widen their own authority.

    Raises:
        NotPermittedError: The actor and the person are the same.
    """
    if actor.is_human and actor.id == str(user.public_id):
        raise NotPermittedError(
            _("Nobody gives authority to themselves. Ask another administrator."),
            code="access.own_authority",
        )
