"""What the record says of the case itself, fed to a run: need, flags, customer; pure."""

from collections.abc import Mapping
from typing import Any

from cases.journeys.rerun_world import World
from cases.memory.types import CaseEntry

Json = Any
Payload = Mapping[str, Json]


def opened(world: World, entry: CaseEntry, payload: Payload) -> None:
    """The case begins: unverified, of no need yet."""
    customer = payload["customer"]["ref"]
    world.facts.update(
        verification="none", customer_bound=bool(customer), customer_ref=customer or None,
        channel=payload["channel"], priority=3, risk_flags=[], intent="",
    )  # fmt: skip
    del entry


def classified(world: World, entry: CaseEntry, payload: Payload) -> None:
    """Intake read words: flags are only added, a need only replaced by another."""
    del entry
    flags = world.facts["risk_flags"]
    world.facts["risk_flags"] = flags + sorted(set(payload["risk_flags"]) - set(flags))
    world.facts["intent"] = payload["intent"] or world.facts["intent"]
    world.facts["priority"] = payload["priority"]


def intent_confirmed(world: World, entry: CaseEntry, payload: Payload) -> None:
    """Somebody said what the need is."""
    del entry
    world.facts["intent"] = payload["intent"]


def priority_set(world: World, entry: CaseEntry, payload: Payload) -> None:
    """Somebody set impact and urgency."""
    del entry
    world.facts["priority"] = payload["priority"]


def flag_cleared(world: World, entry: CaseEntry, payload: Payload) -> None:
    """A person cleared a flag."""
    del entry
    flags = world.facts["risk_flags"]
    world.facts["risk_flags"] = [flag for flag in flags if flag != payload["flag"]]


def bound(world: World, entry: CaseEntry, payload: Payload) -> None:
    """The case is bound to a customer."""
    del entry
    world.facts.update(customer_bound=True, customer_ref=payload["ref"])
