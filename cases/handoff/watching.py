"""How handoffs served who took them: judged, repeated, and how long the reading took."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from cases.handoff.models import Handoff
from cases.handoff.repetition import Said, Sign, find_repetitions, reconstruction
from cases.handoff.types import BundlePart
from cases.memory.models import Case, Message
from cases.memory.types import Speaker
from governance.access.running_as import agent_versions_at
from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability
from orchestra.core.actors import ActorKind

#: So many of the newest handoffs are looked at.
MOST = 200


@dataclass(frozen=True, slots=True)
class Served:
    """What became of the handoffs of one sender, as one version, on one version of a cue sheet.

    Attributes:
        sender: Name of who handed over.
        version: What an AI agent ran as then; empty where it had said none, and for others.
        plan: Cue sheet with its version; empty where no journey ran.
        taken: How many were taken over.
        judged: Of how many the receiver said whether the bundle was enough.
        sufficient: Of how many of these it was.
        asked_again: Handoffs after which the person asked for what the case held.
        said_again: Handoffs after which the customer told it again.
        reading_seconds: Median time from taking over to the first word; None while unknown.
    """

    sender: str
    version: str
    plan: str
    taken: int
    judged: int
    sufficient: int
    asked_again: int
    said_again: int
    reading_seconds: int | None


def list_served(*, authority: Authority, since: datetime) -> list[Served]:
    """Return how the newest handoffs served, by sender, its version and cue sheet version.

    Four queries, whatever their number.

    Args:
        authority: What the reader holds; only cases they may read count.
        since: Handoffs taken from then on.
    """
    rows = Handoff.objects.filter(accepted_at__gte=since)
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    if queues is not None:
        rows = rows.filter(case__queue_id__in=queues)
    found = list(rows.order_by("-pk")[:MOST])
    cases = {each.case_id for each in found}
    plans = _plans(cases)
    said: dict[int, list[Message]] = defaultdict(list)
    for message in Message.objects.filter(case_id__in=cases).order_by("at", "pk"):
        said[message.case_id].append(message)
    ran_as = agent_versions_at(
        (each.from_id, each.offered_at) for each in found if each.from_kind == ActorKind.AGENT
    )
    groups: dict[tuple[str, str, str], list[Handoff]] = defaultdict(list)
    for each in found:
        version = ran_as.get((each.from_id, each.offered_at), "")
        groups[each.from_label, version, plans.get(each.case_id, "")].append(each)
    served = [_served(key, group, said) for key, group in groups.items()]
    return sorted(served, key=lambda one: (-one.taken, one.sender, one.version, one.plan))


def _plans(cases: Iterable[int]) -> dict[int, str]:
    # The rows of the upper room are reached by name; nothing of its code is needed.
    rows = Case.objects.filter(pk__in=cases, journeys__isnull=False).order_by("journeys__pk")
    names = rows.values_list(
        "pk", "journeys__version__cue_sheet__title", "journeys__version__number"
    )
    return {pk: f"{title} {number}" for pk, title, number in names}


def _served(
    key: tuple[str, str, str], group: Sequence[Handoff], said: dict[int, list[Message]]
) -> Served:
    signs: dict[Sign, int] = defaultdict(int)
    waits = []
    for each in group:
        shown, first = _after(each, said[each.case_id])
        for sign in shown:
            signs[sign] += 1
        if first is not None:
            waits.append(first)
    judged = [each for each in group if each.judged_at is not None]
    return Served(
        sender=key[0],
        version=key[1],
        plan=key[2],
        taken=len(group),
        judged=len(judged),
        sufficient=sum(bool(each.is_sufficient) for each in judged),
        asked_again=signs[Sign.ASKED_AGAIN],
        said_again=signs[Sign.SAID_AGAIN],
        reading_seconds=round(median(waits)) if waits else None,
    )


def _after(handoff: Handoff, messages: Sequence[Message]) -> tuple[set[Sign], float | None]:
    """Return the signs of repetition after a handoff was taken, and the seconds until a word."""
    at = handoff.accepted_at
    assert at is not None  # noqa: S101  the query asks for those that were taken
    before = [one for one in messages if one.at <= at]
    after = [one for one in messages if one.at > at]
    entities = handoff.bundle.get(str(BundlePart.ENTITIES)) or []
    repeated = find_repetitions(
        before=[_said(one) for one in before],
        after=[_said(one) for one in after],
        held=[str(entity.get("value", "")) for entity in entities],
    )
    first = next((one.at for one in after if one.speaker == Speaker.HUMAN), None)
    took = reconstruction(accepted_at=at, first_act_at=first)
    return {one.sign for one in repeated}, took.total_seconds() if took else None


def _said(message: Message) -> Said:
    return Said(by_customer=message.speaker == Speaker.CUSTOMER, text=message.text)
