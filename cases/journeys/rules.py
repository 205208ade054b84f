"""Whether a cue sheet can be run to its end: every finding at once; pure."""

from collections.abc import Iterator, Mapping

from cases.journeys.types import (
    STEP_OWNERS,
    CueSheetSpec,
    DoesKind,
    Otherwise,
    StepFilters,
    StepSpec,
    StepState,
    When,
)
from orchestra.core.errors import FieldError

AI_OWNER = "ai"
#: More tries of one step than this are no plan any more.
MOST_TRIES = 20
#: A journey that runs for more than a year has no end worth a clock.
LONGEST_JOURNEY_MINUTES = 525_600


def check_cue_sheet(
    *,
    spec: CueSheetSpec,
    tool_effects: Mapping[str, str] | None = None,
    roles: frozenset[str] | None = None,
) -> tuple[FieldError, ...]:
    """Return everything that would keep a cue sheet from running to its end.

    Args:
        spec: The cue sheet as parsed.
        tool_effects: Tool name to ``read`` or ``write``; None where the tools are not known.
        roles: The roles that may own a step besides ``ai``; None where they are not known.

    Returns:
        Findings in the order of the steps; empty for a sound cue sheet.
    """
    return (
        *_completion(spec),
        *_whole_time(spec),
        *(finding for index in range(len(spec.steps)) for finding in _step(spec, index)),
        *_cycles(spec),
        *_owners(spec, roles),
        *_tools(spec, tool_effects),
    )


def step_filter_errors(filters: StepFilters) -> list[FieldError]:
    """Return which filters of a list of steps are no value of their field."""
    return [
        FieldError(name, "choice", f"{name} is one of {', '.join(known)}.")
        for name, given, known in (
            ("state", filters.state, tuple(StepState)),
            ("owner", filters.owner, STEP_OWNERS),
        )
        if given not in known
    ]


def facts_named(*, spec: CueSheetSpec) -> frozenset[str]:
    """Return the facts that conditions and bound arguments of a cue sheet name."""
    conditions = {when.fact for step in spec.steps for when in step.when}
    return frozenset(conditions | {fact for step in spec.steps for fact in step.bind.values()})


def fallback_sources(*, spec: CueSheetSpec) -> dict[str, tuple[str, ...]]:
    """Return each fallback step with the steps whose ``otherwise`` names it."""
    found: dict[str, tuple[str, ...]] = {}
    for step in spec.steps:
        if step.otherwise not in set(Otherwise):
            found[step.otherwise] = (*found.get(step.otherwise, ()), step.key)
    return found


def _completion(spec: CueSheetSpec) -> Iterator[FieldError]:
    if not spec.completion:
        yield FieldError(
            "completion.says", "missing", "say in plain words what is true once the need is met"
        )
    if not spec.all_done and not spec.any_done:
        yield FieldError(
            "completion",
            "missing",
            "name the steps that prove it: completion.all_done or completion.any_done",
        )
    keys = {step.key for step in spec.steps}
    for name, listed in (("all_done", spec.all_done), ("any_done", spec.any_done)):
        for index, key in enumerate(listed):
            if key not in keys:
                yield FieldError(
                    f"completion.{name}[{index}]", "unknown_step", f"there is no step {key!r}"
                )


def _step(spec: CueSheetSpec, index: int) -> Iterator[FieldError]:
    step = spec.steps[index]
    at = f"steps[{index}]"
    by_key = {other.key: other for other in spec.steps}
    if any(other.key == step.key for other in spec.steps[:index]):
        yield FieldError(f"{at}.key", "duplicate", f"the step {step.key!r} stands twice")
    for place, key in enumerate(step.after):
        before = by_key.get(key)
        if before is None:
            message = f"there is no step {key!r} to come after"
            yield FieldError(f"{at}.after[{place}]", "unknown_step", message)
        elif before.optional and not step.optional:
            message = f"{key!r} is optional, so {step.key!r} may wait for ever; make one of them so"
            yield FieldError(f"{at}.after[{place}]", "dead_step", message)
    if step.otherwise not in set(Otherwise) and step.otherwise not in by_key:
        message = f"{step.otherwise!r} is neither retry, hand_off, skip nor a step"
        yield FieldError(f"{at}.otherwise", "unknown_step", message)
    yield from _bounds(step, at)
    if contradict(step.when):
        message = "these conditions can never hold together, so the step never runs"
        yield FieldError(f"{at}.when", "dead_step", message)


def _bounds(step: StepSpec, at: str) -> Iterator[FieldError]:
    """Report a bound that has nothing to bound, or that bounds nothing."""
    if step.tries is not None and step.otherwise != Otherwise.RETRY:
        message = "only a step that is retried has a number of tries; set otherwise to retry"
        yield FieldError(f"{at}.tries", "not_applicable", message)
    if step.tries is not None and step.tries > MOST_TRIES:
        message = f"{step.tries} tries are a loop; {MOST_TRIES} are the most"
        yield FieldError(f"{at}.tries", "loop", message)
    if step.grace_minutes is not None and step.due_in_minutes is None:
        message = "there is no deadline to remind of; say due_in_minutes too"
        yield FieldError(f"{at}.grace_minutes", "not_applicable", message)


def _whole_time(spec: CueSheetSpec) -> Iterator[FieldError]:
    """Report the steps whose own deadline lies behind the end of the whole journey."""
    whole = spec.ends_after_minutes
    if whole is None:
        return
    if whole > LONGEST_JOURNEY_MINUTES:
        message = f"{LONGEST_JOURNEY_MINUTES} minutes, a year, are the most; leave it out for none"
        yield FieldError("ends_after_minutes", "too_long", message)
    for index, step in enumerate(spec.steps):
        needed = (step.due_in_minutes or 0) + (step.grace_minutes or 0)
        if needed > whole:
            message = (
                f"may take {needed} minutes, and the whole journey ends after {whole}; "
                "shorten it, or let the journey run longer"
            )
            yield FieldError(f"steps[{index}].due_in_minutes", "dead_deadline", message)


def contradict(conditions: tuple[When, ...]) -> bool:
    """Tell whether conditions on the same fact can never hold together."""
    allowed: dict[str, list[object]] = {}
    for condition in conditions:
        if condition.operator == "is_not":
            continue
        values = list(condition.value) if condition.operator == "in" else [condition.value]
        known = allowed.get(condition.fact)
        allowed[condition.fact] = (
            values if known is None else [value for value in known if value in values]
        )
    for condition in conditions:
        if condition.operator == "is_not" and condition.fact in allowed:
            left = [value for value in allowed[condition.fact] if value != condition.value]
            allowed[condition.fact] = left
    return any(not values for values in allowed.values())


def _cycles(spec: CueSheetSpec) -> Iterator[FieldError]:
    """Report each step that, followed through `after` and `otherwise`, leads back to itself."""
    sources = fallback_sources(spec=spec)
    before = {
        step.key: {*step.after, *sources.get(step.key, ())} & {one.key for one in spec.steps}
        for step in spec.steps
    }
    for index, step in enumerate(spec.steps):
        if _reaches(before, start=step.key):
            yield FieldError(
                f"steps[{index}].after", "cycle", f"{step.key!r} would have to wait for itself"
            )


def _reaches(before: Mapping[str, set[str]], *, start: str) -> bool:
    seen: set[str] = set()
    left = list(before[start])
    while left:
        key = left.pop()
        if key == start:
            return True
        if key not in seen:
            seen.add(key)
            left.extend(before[key])
    return False


def _owners(spec: CueSheetSpec, roles: frozenset[str] | None) -> Iterator[FieldError]:
    for index, step in enumerate(spec.steps):
        if not step.owner:
            message = f"say who does {step.key!r}: ai or a role"
            yield FieldError(f"steps[{index}].owner", "missing", message)
        elif roles is not None and step.owner != AI_OWNER and step.owner not in roles:
            yield FieldError(
                f"steps[{index}].owner", "unknown_role", f"there is no role {step.owner!r}"
            )
    if roles is not None and spec.sign_off_role and spec.sign_off_role not in roles:
        message = f"there is no role {spec.sign_off_role!r}"
        yield FieldError("sign_off_role", "unknown_role", message)


def _tools(spec: CueSheetSpec, effects: Mapping[str, str] | None) -> Iterator[FieldError]:
    for index, step in enumerate(spec.steps):
        if step.does is not DoesKind.TOOL:
            if step.bind:
                message = "only a tool step can bind arguments"
                yield FieldError(f"steps[{index}].bind", "not_applicable", message)
            continue
        if effects is None:
            continue
        for tool in tools_of(step):
            if tool not in effects:
                message = f"there is no tool {tool!r}"
                yield FieldError(f"steps[{index}].does.tool", "unknown_tool", message)


def tools_of(step: StepSpec) -> tuple[str, ...]:
    """Return the tools any one of which fulfils a step; empty where it does no tool."""
    return (step.target, *step.any_of) if step.does is DoesKind.TOOL else ()
