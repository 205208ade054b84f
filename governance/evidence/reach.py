"""Whose payloads a requester may see: what may not be read stays a commitment."""

from collections.abc import Collection

from governance.access.rules import READS_EVERY_QUEUE
from governance.access.types import Authority
from governance.evidence import registry
from governance.ledger.envelope import CASE_PREFIX
from orchestra.core.actors import ActorKind

_CASES = "cases"


def reads_everything(authority: Authority) -> bool:
    """Return whether an authority may see every payload: the system, and who reads every queue."""
    if authority.actor.kind is ActorKind.SYSTEM:
        return True
    return authority.active and bool(authority.roles & READS_EVERY_QUEUE)


def readable_streams(authority: Authority, streams: Collection[str]) -> frozenset[str]:
    """Return the streams whose payloads an authority may see.

    Args:
        authority: Of the requester, who holds ``LEDGER_READ``.
        streams: Names of streams.
    """
    if reads_everything(authority):
        return frozenset(streams)
    cases = {one.removeprefix(CASE_PREFIX) for one in streams if one.startswith(CASE_PREFIX)}
    reader = registry.readable_cases.find(_CASES)
    seen = reader(authority, cases) if reader is not None and cases else frozenset[str]()
    return frozenset(
        one
        for one in streams
        if not one.startswith(CASE_PREFIX) or one.removeprefix(CASE_PREFIX) in seen
    )


def may_read_case(authority: Authority, case_id: str) -> bool:
    """Return whether an authority may read one case."""
    return bool(readable_streams(authority, [f"{CASE_PREFIX}{case_id}"]))
