"""A cue sheet's document to its value, every error at once; pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from cases.journeys.rules import check_cue_sheet
from cases.journeys.types import CueSheetSpec, DoesKind, Otherwise, Pattern, Stage, StepSpec, When
from orchestra.core.errors import FieldError, InvalidInputError

E = TypeVar("E", bound=StrEnum)

_SHEET_KEYS = frozenset(
    {
        "key",
        "title",
        "intents",
        "pattern",
        "queue",
        "completion",
        "recontact_window_hours",
        "ends_after_minutes",
        "skills",
        "sign_off_role",
        "steps",
    }
)
_STEP_KEYS = frozenset(
    {
        "key",
        "title",
        "stage",
        "owner",
        "does",
        "after",
        "when",
        "bind",
        "due_in_minutes",
        "done_when",
        "optional",
        "otherwise",
        "draft",
        "tries",
        "grace_minutes",
        "skills",
    }
)
_OPERATORS = ("is", "is_not", "in")
_RECONTACT_HOURS = 72
#: A plan that people can still read, and that a check of every path answers at once.
MOST_STEPS = 100


def parse_cue_sheet(
    *,
    document: Mapping[str, Any],
    tool_effects: Mapping[str, str] | None = None,
    roles: frozenset[str] | None = None,
) -> CueSheetSpec:
    """Read a cue sheet's document.

    Args:
        document: The cue sheet as JSON or YAML values, in the shape that packs use.
        tool_effects: Tool name to ``read`` or ``write``, to check the steps against.
        roles: The roles that may own a step besides ``ai``.

    Raises:
        InvalidInputError: ``errors`` names every finding with its field path.
    """
    reader = _Reader()
    spec = _sheet(reader, document)
    findings = [*reader.findings]
    if not findings:
        findings = [*check_cue_sheet(spec=spec, tool_effects=tool_effects, roles=roles)]
    if findings:
        raise InvalidInputError(
            f"The cue sheet has {len(findings)} error(s): {findings[0].message}.",
            code="cue_sheet.invalid",
            errors=findings,
        )
    return spec


def read_cue_sheet(
    document: Mapping[str, Any],
) -> tuple[CueSheetSpec, tuple[FieldError, ...]]:
    """Read a draft as far as it can be read, to be drawn and tried, with what is wrong with it.

    Args:
        document: The draft; what cannot be read has the default of its field.
    """
    reader = _Reader()
    spec = _sheet(reader, document)
    return spec, tuple(reader.findings) or check_cue_sheet(spec=spec)


class _Reader:
    """Reads typed fields and keeps what is wrong."""

    def __init__(self) -> None:
        self.findings: list[FieldError] = []

    def wrong(self, path: str, code: str, message: str) -> None:
        self.findings.append(FieldError(path, code, message))

    def keys(self, value: Mapping[str, Any], path: str, allowed: frozenset[str]) -> None:
        for key in value:
            if key not in allowed:
                at = f"{path}.{key}" if path else str(key)
                known = ", ".join(sorted(allowed))
                self.wrong(at, "unknown_field", f"there is no field {key!r}; known are {known}")

    def text(self, value: Any, path: str, *, needed: bool = True) -> str:
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or (needed and not value.strip()):
            self.wrong(path, "text", "write a text that is not empty")
            return ""
        return value.strip()

    def texts(self, value: Any, path: str) -> tuple[str, ...]:
        listed = [value] if isinstance(value, str) else value
        if listed is None:
            return ()
        if not isinstance(listed, Sequence) or not all(isinstance(one, str) for one in listed):
            self.wrong(path, "list", "write a list of texts")
            return ()
        return tuple(listed)

    def choice(self, value: Any, path: str, enum: type[E], default: E) -> E:
        if isinstance(value, str) and value in set(enum):
            return enum(value)
        known = ", ".join(enum)
        self.wrong(path, "choice", f"{value!r} is none of {known}")
        return default

    def number(self, value: Any, path: str) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
            self.wrong(path, "number", "write a whole number above zero")
            return None
        return value

    def flag(self, value: Any, path: str) -> bool:
        if isinstance(value, bool):
            return value
        self.wrong(path, "flag", "write true or false")
        return False

    def mapping(self, value: Any, path: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.wrong(path, "mapping", "write fields with values")
        return {}


def _sheet(reader: _Reader, document: Mapping[str, Any]) -> CueSheetSpec:
    reader.keys(document, "", _SHEET_KEYS)
    completion = document.get("completion") or {}
    if isinstance(completion, str):
        completion = {"says": completion}
    completion = reader.mapping(completion, "completion")
    reader.keys(completion, "completion", frozenset({"says", "all_done", "any_done"}))
    steps = document.get("steps")
    if not isinstance(steps, list) or not steps:
        reader.wrong("steps", "list", "a cue sheet needs at least one step")
        steps = []
    elif len(steps) > MOST_STEPS:
        message = f"has {len(steps)} steps; {MOST_STEPS} are the most, so split it by need"
        reader.wrong("steps", "too_many", message)
        steps = []
    hours = reader.number(document.get("recontact_window_hours"), "recontact_window_hours")
    return CueSheetSpec(
        key=reader.text(document.get("key"), "key"),
        title=reader.text(document.get("title"), "title"),
        intents=reader.texts(document.get("intents"), "intents"),
        pattern=reader.choice(document.get("pattern"), "pattern", Pattern, Pattern.AI_FIRST),
        queue=reader.text(document.get("queue"), "queue"),
        completion=reader.text(completion.get("says"), "completion.says", needed=False),
        recontact_window_hours=hours or _RECONTACT_HOURS,
        sign_off_role=reader.text(document.get("sign_off_role"), "sign_off_role", needed=False),
        steps=tuple(_step(reader, value, f"steps[{i}]") for i, value in enumerate(steps)),
        all_done=reader.texts(completion.get("all_done"), "completion.all_done"),
        any_done=reader.texts(completion.get("any_done"), "completion.any_done"),
        skills=reader.texts(document.get("skills"), "skills"),
        ends_after_minutes=reader.number(document.get("ends_after_minutes"), "ends_after_minutes"),
    )


def _step(reader: _Reader, value: Any, at: str) -> StepSpec:
    document = reader.mapping(value, at)
    reader.keys(document, at, _STEP_KEYS)
    does, targets = _does(reader, document.get("does"), f"{at}.does")
    _done_when(reader, document.get("done_when"), does, f"{at}.done_when")
    otherwise = document.get("otherwise", Otherwise.HAND_OFF.value)
    return StepSpec(
        key=reader.text(document.get("key"), f"{at}.key"),
        title=reader.text(document.get("title"), f"{at}.title"),
        stage=reader.choice(document.get("stage"), f"{at}.stage", Stage, Stage.EXECUTE),
        owner=reader.text(document.get("owner"), f"{at}.owner"),
        does=does,
        target=targets[0] if targets else "",
        any_of=targets[1:],
        after=reader.texts(document.get("after"), f"{at}.after"),
        when=_when(reader, document.get("when"), f"{at}.when"),
        bind=_bind(reader, document.get("bind"), f"{at}.bind"),
        due_in_minutes=reader.number(document.get("due_in_minutes"), f"{at}.due_in_minutes"),
        optional=reader.flag(document.get("optional", False), f"{at}.optional"),
        otherwise=reader.text(otherwise, f"{at}.otherwise"),
        draft=reader.text(document.get("draft"), f"{at}.draft", needed=False),
        tries=reader.number(document.get("tries"), f"{at}.tries"),
        grace_minutes=reader.number(document.get("grace_minutes"), f"{at}.grace_minutes"),
        skills=reader.texts(document.get("skills"), f"{at}.skills"),
    )


def _does(reader: _Reader, value: Any, at: str) -> tuple[DoesKind, tuple[str, ...]]:
    if not isinstance(value, Mapping) or len(value) != 1:
        known = ", ".join(DoesKind)
        reader.wrong(at, "does", f"say one thing that the step does: {known}")
        return DoesKind.CHECK, ()
    [(name, target)] = value.items()
    kind = reader.choice(name, at, DoesKind, DoesKind.CHECK)
    if kind != name:
        return kind, ()
    if kind in {DoesKind.SIGN_OFF, DoesKind.CLASSIFY}:
        if target is not True:
            reader.wrong(f"{at}.{name}", "flag", f"write {name}: true")
        return kind, ()
    listed = reader.texts(target, f"{at}.{name}")
    if not listed or not all(listed):
        reader.wrong(f"{at}.{name}", "missing", f"name the {name}")
    if len(listed) > 1 and kind is not DoesKind.TOOL:
        reader.wrong(f"{at}.{name}", "single", f"name one {name}; only tools may be several")
    return kind, listed


def _done_when(reader: _Reader, value: Any, does: DoesKind, at: str) -> None:
    expected = {"tool_succeeded": True} if does is DoesKind.TOOL else {"completed": True}
    if value is not None and value != expected:
        [name] = expected
        reader.wrong(at, "done_when", f"a {does} step is done when {name}: true; leave it out")


def _when(reader: _Reader, value: Any, at: str) -> tuple[When, ...]:
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(_condition(reader, one, f"{at}[{i}]") for i, one in enumerate(value))
    return (_condition(reader, value, at),)


def _condition(reader: _Reader, value: Any, at: str) -> When:
    document = reader.mapping(value, at)
    reader.keys(document, at, frozenset({"fact", *_OPERATORS}))
    operators = [name for name in _OPERATORS if name in document]
    if len(operators) != 1:
        reader.wrong(at, "operator", "use exactly one of is, is_not and in")
        return When(fact="", operator="is", value=None)
    operator = operators[0]
    wanted = document[operator]
    if operator == "in" and (not isinstance(wanted, list) or not wanted):
        reader.wrong(f"{at}.in", "list", "write a list of values")
        wanted = []
    fact = reader.text(document.get("fact"), f"{at}.fact")
    return When(fact=fact, operator=operator, value=wanted)


def _bind(reader: _Reader, value: Any, at: str) -> dict[str, str]:
    if value is None:
        return {}
    found = reader.mapping(value, at)
    return {str(name): reader.text(fact, f"{at}.{name}") for name, fact in found.items()}
