"""DRF permission: the capability a view names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from governance.access import selectors as access
from governance.access.models import User
from governance.access.rules import may
from governance.access.types import Authority, Capability
from orchestra.core.actors import Actor
from orchestra.core.waiting import LONGEST_WAIT_SECONDS, wait_for

if TYPE_CHECKING:
    # Views read this class from settings while they load, so it cannot load them first.
    from rest_framework.views import APIView

T = TypeVar("T")


class HasCapability(BasePermission):
    """Whether the caller holds the view's ``capability`` at all; services check the queue.

    A view may name ``read_capability`` for its safe methods, and several capabilities of which
    one is enough.
    """

    message = "Your role does not include this; ask an administrator."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Return whether the caller's roles include the capability.

        Raises:
            NotPermittedError: They do not; the refused act goes on record.
        """
        capability = getattr(view, "capability", None)
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            capability = getattr(view, "read_capability", capability)
        if capability is None or request.user is None:
            return False
        authority = _read_authority(request)
        request._request.__dict__["orchestra_authority"] = authority  # noqa: SLF001  DRF keeps Django's request there
        access.require(authority=authority, capability=one_of(capability, authority))
        return True


def one_of(
    capability: Capability | tuple[Capability, ...],
    authority: Authority,
    queue_id: int | None = None,
) -> Capability:
    """Return the capability that a caller has to hold: of several, the first that is held.

    Args:
        capability: What a view names; of several, one is enough.
        authority: What the caller holds.
        queue_id: Where it has to hold; None for anywhere.
    """
    if isinstance(capability, Capability):
        return capability
    return next((one for one in capability if may(authority, one, queue_id)), capability[0])


@dataclass(frozen=True, slots=True)
class Reach:
    """The case a request is about, as far as the caller may see it.

    Attributes:
        case_id: Public id.
        queue_id: Primary key of the queue that the view's capability has to hold on.
    """

    case_id: str
    queue_id: int | None


def authority_of(request: Request) -> Authority:
    """Return the caller's authority, read once a request."""
    found = request._request.__dict__.get("orchestra_authority")  # noqa: SLF001  see above
    if isinstance(found, Authority):
        return found
    return _read_authority(request)


def _read_authority(request: Request) -> Authority:
    user: Any = request.user
    if isinstance(user, User):
        # The row of who is signed in was read for this request.
        return access.authority_of_person(user)
    held = getattr(user, "authority", None)
    if isinstance(held, Authority):
        # So was what an agent holds, together with its token.
        return held
    return access.authority_of(user.as_actor())


def actor_of(request: Request) -> Actor:
    """Return who calls."""
    return request.user.as_actor()  # type: ignore[union-attr]


def wait_of(request: Request) -> float:
    """Return the seconds that ``?wait=`` asks to hold the answer, 0 to 25.

    Raises:
        ValidationError: It is no number in that range.
    """
    text = request.query_params.get("wait", "0")
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_WAIT_SECONDS:
        raise ValidationError(
            {"wait": [f"Give a number of seconds from 0 to {LONGEST_WAIT_SECONDS:.0f}."]}
        )
    return seconds


def wait_as(request: Request, read: Callable[[], T], *, until: Callable[[T], bool]) -> T:
    """Hold an answer as ``?wait=`` asks; see ``wait_while_active``.

    Raises:
        ValidationError: The time to wait is no number in its range.
        NotPermittedError: The agent was stopped, or its token revoked.
    """
    return wait_while_active(actor_of(request), read, until=until, seconds=wait_of(request))


def wait_while_active(
    actor: Actor, read: Callable[[], T], *, until: Callable[[T], bool], seconds: float
) -> T:
    """Hold an answer; an AI agent that is stopped meanwhile waits no longer.

    Whether the agent still acts is asked between reads only, so that an answer at once costs
    nothing more.

    Raises:
        NotPermittedError: The agent was stopped, or its token revoked.
    """
    waited = False

    def read_again() -> T:
        nonlocal waited
        if waited and actor.is_agent and not access.is_live(actor):
            found = access.authority_of(actor)
            access.require(authority=found, capability=Capability.CASE_READ)
        waited = True
        return read()

    return wait_for(read_again, until=until, seconds=seconds)
