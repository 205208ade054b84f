"""Who may change authority: asked by every service of access."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from orchestra.core.actors import Actor
from orchestra.core.errors import NotPermittedError

_reviewer: ContextVar[str] = ContextVar("access_reviewer", default="")


@contextmanager
def reviewing(actor: Actor) -> Iterator[None]:
    """Let a reviewer take what they judge in a review, inside the block only.

    A reviewer manages no access: what they may take, and that it is not theirs, the review
    has asked before. Nothing is given in such a block.

    Raises:
        NotPermittedError: The actor may not review access.
    """
    require(authority=authority_of(actor), capability=Capability.ACCESS_REVIEW)
    token = _reviewer.set(actor.id)
    try:
        yield
    finally:
        _reviewer.reset(token)


def require_manager(actor: Actor) -> None:
    """Refuse whoever may not manage access; a reviewer may while they take in a review.

    Raises:
        NotPermittedError: The actor lacks the capability.
    """
    if actor.is_human and actor.id == _reviewer.get():
        return
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
