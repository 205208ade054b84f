"""Which requests may be voted on in one act, and what keeps others out; pure.

A batch is the exception: equal requests, of little risk, by one vote each.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from governance.policies.types import RiskLevel

LARGEST = 25
SMALLEST = 2
#: The risk that is voted on one by one, whatever else holds.
TOO_RISKY = frozenset({RiskLevel.HIGH, RiskLevel.CRITICAL})


@dataclass(frozen=True, slots=True)
class BatchItem:
    """All of a request that decides whether it may stand in a batch.

    Attributes:
        name: What people call it, such as ``AP-12``.
        rule: The one row of one version of a policy that asks for it; empty where several do.
    """

    name: str
    queue_id: int
    tool: str
    rule: str
    risk: RiskLevel
    votes_needed: int
    step_up: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What keeps a request, or the selection, from being voted on in a batch.

    Attributes:
        index: Place of the request in the selection; None for the selection as a whole.
        code: Stable code of the condition.
        sentence: The condition it breaks, for the person.
    """

    index: int | None
    code: str
    sentence: str


def check_batch(items: Sequence[BatchItem]) -> tuple[Finding, ...]:
    """Return everything that keeps a selection from being one batch; none where nothing does.

    What most of the selection has in common is what the others are held against.
    """
    found = [*_check_size(items)]
    for index, item in enumerate(items):
        found += [Finding(index, code, sentence) for code, sentence in _check_alone(item)]
    common = _most_common(items)
    for index, item in enumerate(items):
        found += [Finding(index, code, sentence) for code, sentence in _compare(item, common)]
    return tuple(sorted(found, key=lambda one: -1 if one.index is None else one.index))


def _check_size(items: Sequence[BatchItem]) -> list[Finding]:
    if len(items) > LARGEST:
        message = f"At most {LARGEST} requests are voted on at once; these are {len(items)}."
        return [Finding(None, "batch.too_many", message)]
    if len(items) < SMALLEST:
        return [Finding(None, "batch.too_few", "Choose at least two requests.")]
    return []


def _check_alone(item: BatchItem) -> list[tuple[str, str]]:
    found = []
    if item.risk in TOO_RISKY:
        found.append(("batch.too_risky", "Its risk is above medium, so it is decided on its page."))
    if item.step_up:
        message = "It needs a proof of who votes, so it is decided on its page."
        found.append(("batch.step_up", message))
    if item.votes_needed != 1:
        found.append(("batch.several_votes", "It needs more than one vote."))
    if not item.rule:
        message = "It was not asked for by one single row of a policy."
        found.append(("batch.several_rows", message))
    if not item.tool:
        found.append(("batch.no_tool", "No tool would run for it."))
    return found


def _most_common(items: Sequence[BatchItem]) -> BatchItem | None:
    kinds = Counter((item.rule, item.tool, item.queue_id) for item in items)
    if not kinds:
        return None
    # Of several equally common ones the first chosen.
    [(kind, _count)] = kinds.most_common(1)
    return next(item for item in items if (item.rule, item.tool, item.queue_id) == kind)


def _compare(item: BatchItem, common: BatchItem | None) -> list[tuple[str, str]]:
    if common is None:
        return []
    found = []
    if item.rule and item.rule != common.rule:
        found.append(("batch.other_row", "Another row of a policy asks for it."))
    if item.tool != common.tool:
        found.append(("batch.other_tool", "Another tool would run for it."))
    if item.queue_id != common.queue_id:
        found.append(("batch.other_queue", "It is in another queue."))
    return found
