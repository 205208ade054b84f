"""Whether two cases are one matter, as far as they may be made one; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from cases.memory.types import CaseStatus, Channel, VerificationLevel


@dataclass(frozen=True, slots=True)
class Side:
    """One of two cases that are to become one.

    Attributes:
        label: Such as ``C-12``.
        customer: Internal key of the customer the case is bound to, or None.
        is_held: Whether a legal hold covers it.
        is_erased: Whether its customer's data was erased.
        absorbed: Labels of the cases it took in.
        sheets: Key of each cue sheet that runs on it to its title.
        unsettled: What has not ended on it, in words.
    """

    pk: int
    label: str
    status: CaseStatus
    channel: Channel
    customer: int | None
    verification: VerificationLevel
    is_held: bool = False
    is_erased: bool = False
    absorbed: tuple[str, ...] = ()
    wrote: frozenset[str] = frozenset()
    sheets: Mapping[str, str] | None = None
    unsettled: tuple[str, ...] = ()


def merge_obstacles(*, survivor: Side, absorbed: Side) -> list[tuple[str, str]]:
    """Return what stands against a merge, each as a code and what to do about it.

    Two cases are made one only where it is known whose they are: both are bound to the same
    customer, and across channels both were verified, since a reference alone is what anybody
    can say. Source: the rules of merges in the product's definition of its metrics.
    """
    if survivor.pk == absorbed.pk:
        return [("merge.itself", _("A case cannot be merged with itself; name another one."))]
    found = [*_of_identity(survivor, absorbed), *_of_standing(survivor, absorbed)]
    return found + _of_work(survivor, absorbed)


def _of_identity(survivor: Side, absorbed: Side) -> list[tuple[str, str]]:
    unbound = [side.label for side in (survivor, absorbed) if side.customer is None]
    if unbound:
        message = _("Nobody knows yet whose %(cases)s is. Verify the customer there first.")
        return [("merge.unknown_customer", message % {"cases": ", ".join(unbound)})]
    if survivor.customer != absorbed.customer:
        message = _(
            "%(one)s and %(other)s belong to different customers. Keep them apart; if one is "
            "bound wrongly, withdraw its verification and verify again."
        )
        named = {"one": survivor.label, "other": absorbed.label}
        return [("merge.other_customer", message % named)]
    unsure = [side.label for side in (survivor, absorbed) if not _is_verified(side)]
    if unsure and survivor.channel != absorbed.channel:
        message = _(
            "The cases came by different channels, and the customer is not verified on "
            "%(cases)s. Verify them there first."
        )
        return [("merge.not_verified", message % {"cases": ", ".join(unsure)})]
    return []


def _is_verified(side: Side) -> bool:
    return side.verification in {VerificationLevel.BASIC, VerificationLevel.STRONG}


def _of_standing(survivor: Side, absorbed: Side) -> list[tuple[str, str]]:
    found = []
    for side in (survivor, absorbed):
        named = {"case": side.label}
        if side.is_held:
            message = _("%(case)s is under legal hold. It stays as it is until the hold ends.")
            found.append(("merge.held", message % named))
        if side.is_erased:
            message = _("The data of the customer of %(case)s was erased; nothing joins it.")
            found.append(("merge.erased", message % named))
    if absorbed.absorbed:
        message = _("%(case)s took in %(others)s. Merge the other way round, or take that back.")
        named = {"case": absorbed.label, "others": ", ".join(absorbed.absorbed)}
        found.append(("merge.has_absorbed", message % named))
    return found


def _of_work(survivor: Side, absorbed: Side) -> list[tuple[str, str]]:
    if absorbed.unsettled:
        message = _("On %(case)s something has not ended: %(what)s. Finish or cancel it first.")
        named = {"case": absorbed.label, "what": ", ".join(absorbed.unsettled)}
        return [("merge.unsettled", message % named)]
    both = set(survivor.sheets or {}) & set(absorbed.sheets or {}) & absorbed.wrote
    if both:
        titles = sorted((absorbed.sheets or {})[key] for key in both)
        message = _(
            "%(journey)s runs on both, and on %(case)s it has changed something already. Merge "
            "the other way round, so that the journey that did the work goes on."
        )
        named = {"journey": ", ".join(titles), "case": absorbed.label}
        return [("merge.conflicting_journeys", message % named)]
    return []


def opened_after_merge(*, openings: Iterable[datetime]) -> datetime:
    """Return the earliest opening: the survivor keeps it, so no waiting is hidden by a merge."""
    return min(openings)


def alike(*, intent: str, other_intent: str, shared: Sequence[str]) -> tuple[str, ...]:
    """Return why two open cases of one customer look like one matter; empty where they do not.

    Args:
        intent: Intent of the one case; empty while unknown.
        other_intent: Of the other.
        shared: Names of facts on which both say the same.
    """
    same = ("intent",) if intent and intent == other_intent else ()
    return (*same, *shared)
