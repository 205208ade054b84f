"""How often work leaves the planned way and does not come back by itself; pure.

``ER_s = executions that end in an unrecovered exception / executions started`` and
``ER_c = cases with at least one / cases``. Of a chain the root counts; the rest are told.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from qa.measurement.formulas.shares import Share, rule_of_three
from qa.measurement.metrics.common import Figure, as_figure, sift
from qa.measurement.rows import OwnerKind, StepExecution
from qa.measurement.types import ExceptionKind, LeftOut


@dataclass(frozen=True, slots=True)
class Exceptions:
    """The whole metric.

    Attributes:
        steps: Of executions.
        cases: Of cases.
        recovered: Of executions with an exception, those that went through after all.
        by_kind: Roots by kind.
        by_actor: Rate of executions by who acted.
        consequences: Exceptions that another one caused.
    """

    steps: Figure
    cases: Figure
    recovered: Figure
    by_kind: Mapping[ExceptionKind, int]
    by_actor: Mapping[OwnerKind, Figure]
    consequences: int


def exception_rate(
    executions: Iterable[StepExecution],
    *,
    cases: Iterable[str] | None = None,
    counted: Iterable[ExceptionKind] = tuple(ExceptionKind),
    reasons: Iterable[LeftOut] = tuple(LeftOut),
) -> Exceptions:
    """Return the metric.

    Args:
        executions: Rows of one idempotency key are one execution.
        cases: All cases of the cohort, those without a step too; None for those with one.
        counted: The closed list of the definition.
        reasons: What the definition leaves out.
    """
    executions, leaving = list(executions), frozenset(reasons)
    # One that a merge brings along twice counts with the case that survives.
    kept = one_for_each_key(sift(executions, leaving)[0])
    outside = {one.key: one for one in reversed(executions) if one.left_out in leaving}
    _none, left = sift(outside.values(), leaving)
    wanted = frozenset(counted)
    failed = [one for one in kept if one.exception in wanted and not one.recovered]
    roots = [one for one in failed if not one.root]
    recovered = sum(one.exception in wanted and one.recovered for one in kept)
    all_cases = {one.case for one in kept} if cases is None else set(cases)
    hit = {one.case for one in failed} & all_cases
    by_actor = {
        kind: as_figure(
            Share(sum(one.by is kind for one in roots), sum(one.by is kind for one in kept)), {}
        )
        for kind in (OwnerKind.AI, OwnerKind.HUMAN)
    }
    return Exceptions(
        steps=_rare(as_figure(Share(len(roots), len(kept)), left)),
        cases=_rare(as_figure(Share(len(hit), len(all_cases)), left)),
        recovered=as_figure(Share(recovered, recovered + len(roots)), left),
        by_kind=Counter(one.exception for one in roots if one.exception is not None),
        by_actor=by_actor,
        consequences=len(failed) - len(roots),
    )


def one_for_each_key(executions: Iterable[StepExecution]) -> list[StepExecution]:
    """Return one execution for each idempotency key, in order of their beginning.

    One that failed and then went through under its key is recovered; the last one tells.
    """
    once: dict[str, StepExecution] = {}
    for one in sorted(executions, key=lambda row: row.started_at):
        before = once.get(one.key)
        if before is None:
            once[one.key] = one
        elif one.exception is None and before.exception is not None:
            once[one.key] = replace(before, recovered=True)
        elif one.exception is not None:
            once[one.key] = replace(one, started_at=before.started_at)
    return list(once.values())


def _rare(figure: Figure) -> Figure:
    if figure.hits or not figure.n:
        return figure
    return replace(figure, beside={**figure.beside, "at_most": rule_of_three(total=figure.n)})
