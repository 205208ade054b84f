"""Reads of channels."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.channels.models import InboundChannel
from cases.channels.types import Proof, Scheme
from governance.access.selectors import require
from governance.access.types import Authority, Capability
from orchestra.core.errors import NotFoundError
from orchestra.core.sealing import unseal


def place_of(channel_id: object) -> str:
    """Return the place that the secrets of a channel are sealed for."""
    return f"channel:{channel_id}"


def list_channels(*, authority: Authority) -> QuerySet[InboundChannel]:
    """Return every channel, by title.

    Raises:
        NotPermittedError: The actor may not see who has access.
    """
    require(authority=authority, capability=Capability.ACCESS_READ)
    return InboundChannel.objects.select_related("queue", "created_by").order_by("title", "id")


def get_channel(*, authority: Authority, key: str) -> InboundChannel:
    """Return one channel.

    Raises:
        NotPermittedError: The actor may not see who has access.
        NotFoundError: There is none.
    """
    found = list_channels(authority=authority).filter(key=key).first()
    if found is None:
        raise NotFoundError(_("There is no such channel."), code="channel.not_found")
    return found


def proof_of(*, channel: InboundChannel, now: datetime) -> Proof:
    """Return what requests of a channel are verified by now.

    Raises:
        SealBrokenError: A secret cannot be opened here.
    """
    place = place_of(channel.public_id)
    keys = [unseal(bytes(channel.sealed), place=place)]
    before, ends_at = channel.sealed_before, channel.before_ends_at
    if before is not None and ends_at is not None and ends_at > now:
        keys.append(unseal(bytes(before), place=place))
    return Proof(
        scheme=Scheme(channel.scheme),
        keys=tuple(keys),
        signature_header=channel.signature_header,
        timestamp_header=channel.timestamp_header,
    )
