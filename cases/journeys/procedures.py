"""A written procedure, its actions in order, to the draft of a cue sheet; pure.

The rules, so that nobody has to guess what was guessed:

* **Stage**: by the words of the action, the first that fits in ``STAGES``; otherwise by its kind,
  a question to a knowledge base verifies, a communication communicates, the rest executes.
* **Owner**: the one that is written; otherwise a human agent where a team is told, the AI else.
* **What it does**: the tool that is written or of the same name; words to the customer are a
  message; looking an answer up or the end of the talk is a check; everything else is a tool
  that is missing, which keeps the draft from being published until somebody decides.
* **Order**: each action waits for the one before; what fails goes to a person.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cases.journeys.types import DoesKind, Stage
from orchestra.core.errors import FieldError, InvalidInputError

Json = Any
#: Words of an action and the stage they speak of; the first that fits.
STAGES: Final[tuple[tuple[str, Stage], ...]] = (
    (r"\bend conversation\b|\bclose\b|\bwrap", Stage.CLOSE),
    (r"\bnotify\b|\bescalat|\bteam\b|\bmanager\b", Stage.ESCALATE),
    (r"\bpull up\b|\bfind\b.*\baccount\b|\brecord reason\b|\benter details?\b", Stage.IDENTIFY),
    (r"\bverify\b|\bvalidate\b|\bcheck\b|\boracle\b|\bstatus\b|\bmembership\b", Stage.VERIFY),
    (r"\bsearch\b|\bselect\b|\bpolicy\b|\bfaq\b", Stage.VERIFY),
    (r"\binstructions?\b|\btry again\b|\blog out\b|\bsend link\b|\btell\b", Stage.COMMUNICATE),
)
_BY_KIND: Final = {
    "kb query": Stage.VERIFY,
    "faq/policy": Stage.VERIFY,
    "communication": Stage.COMMUNICATE,
}
_LOOKS_UP: Final = re.compile(r"\b(search|select|faq)\b")
_TALKS: Final = re.compile(r"\b(instructions?|try again|log out)\b")
_CONDITION: Final = re.compile(r"\b(if|unless|depending|otherwise)\b", re.IGNORECASE)
_NAMELESS: Final = frozenset({"", "n/a"})
_CSV: Final = ("flow", "procedure", "action")
_OWNERS: Final = {Stage.ESCALATE: "human_agent"}
_LONGEST_TITLE: Final = 150
_LONGEST_KEY: Final = 90


@dataclass(frozen=True, slots=True)
class Action:
    """One required action.

    Attributes:
        kind: What the source calls it, such as ``kb query``; empty for unsaid.
        text: What the source says about it.
        owner: Who does it; empty for unsaid.
        tool: The tool that does it; empty for unsaid.
    """

    name: str
    kind: str = ""
    text: str = ""
    owner: str = ""
    tool: str = ""


@dataclass(frozen=True, slots=True)
class Procedure:
    """One written procedure: its actions in the required order."""

    key: str
    title: str
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft of a cue sheet, and what a person still has to decide about it.

    Attributes:
        document: As ``parse_cue_sheet`` reads it.
        open_points: Each with the field it is about.
    """

    document: Mapping[str, Json]
    open_points: tuple[FieldError, ...]


def read_procedures(*, text: str, is_csv: bool) -> tuple[Procedure, ...]:
    """Read a table of procedures.

    Args:
        text: CSV with the columns flow, procedure and action, and perhaps kind, text, owner and
            tool; or JSON, either procedure to list of actions, or flow to its ``subflows``
            with ``actions``.
        is_csv: Whether it is CSV.

    Raises:
        InvalidInputError: ``errors`` names every line or place that cannot be read.
    """
    errors: list[FieldError] = []
    found = list(_from_csv(text, errors) if is_csv else _from_json(text, errors))
    if not found and not errors:
        errors.append(FieldError("line 1", "empty", "there is no procedure in the file"))
    if errors:
        raise InvalidInputError(
            f"The procedures have {len(errors)} error(s).",
            code="procedures.invalid",
            errors=errors,
        )
    return tuple(found)


def draft_of(*, procedure: Procedure, tools: frozenset[str], queue: str = "") -> Draft:
    """Return the draft of a cue sheet for a procedure.

    Args:
        procedure: What is written.
        tools: Names of the tools in force.
        queue: Key of the queue it shall belong to; empty where a person shall say.
    """
    drafting = _Drafting(tools)
    steps = [drafting.step(action) for action in procedure.actions]
    for index, step in enumerate(steps[1:], start=1):
        step["after"] = [steps[index - 1]["key"]]
    if not queue:
        drafting.ask("queue", "queue", "say which queue the work belongs to")
    drafting.ask("intents", "intents", "say by which words a customer asks for it")
    drafting.ask("completion.says", "completion", "say what is verifiably true once it is done")
    document = {
        "key": procedure.key,
        "title": procedure.title[:_LONGEST_TITLE],
        "intents": [],
        "pattern": "ai_first",
        "queue": queue or "undecided",
        "completion": {
            "says": "Every action of the written procedure is done.",
            "all_done": [step["key"] for step in steps],
        },
        "steps": steps,
    }
    return Draft(document, tuple(drafting.open_points))


@dataclass(slots=True)
class _Drafting:
    """Writes steps and keeps what is left to a person."""

    tools: frozenset[str]
    open_points: list[FieldError] = field(default_factory=list)
    _keys: list[str] = field(default_factory=list)

    def ask(self, place: str, code: str, message: str) -> None:
        self.open_points.append(FieldError(place, code, message))

    def step(self, action: Action) -> dict[str, Json]:
        at = f"steps[{len(self._keys)}]"
        spoken = _words(action.name)
        stage = stage_of(action)
        key = self._key(slug_of(action.name) if spoken else "say")
        if _CONDITION.search(action.text):
            said = "it is done only in some cases; say in which"
            self.ask(f"{at}.when", "condition", said)
        return {
            "key": key,
            "title": (action.name if spoken else action.text)[:_LONGEST_TITLE],
            "stage": str(stage),
            "owner": action.owner or _OWNERS.get(stage, "ai"),
            "does": self._does(action, stage, at),
            "otherwise": "hand_off",
        }

    def _does(self, action: Action, stage: Stage, at: str) -> dict[str, Json]:
        name = slug_of(action.tool or action.name)
        if name in self.tools:
            return {DoesKind.TOOL.value: name}
        spoken = _words(action.name)
        if not action.tool:
            if stage is Stage.CLOSE:
                return {DoesKind.CHECK.value: "outcome_confirmed"}
            if not spoken or action.kind == "communication" or _TALKS.search(spoken):
                return {DoesKind.MESSAGE.value: name or "answer"}
            if _LOOKS_UP.search(spoken) or action.kind == "faq/policy":
                return {DoesKind.CHECK.value: name}
        self.ask(f"{at}.does.tool", "tool_missing", f"tool missing: {name}")
        return {DoesKind.TOOL.value: name}

    def _key(self, wanted: str) -> str:
        """Return a key of its own: ``say``, ``say_2``."""
        count = sum(one == wanted for one in self._keys)
        self._keys.append(wanted)
        return f"{wanted}_{count + 1}" if count else wanted


def stage_of(action: Action) -> Stage:
    """Return the stage of an action by the rule above."""
    spoken = _words(action.name)
    for pattern, stage in STAGES:
        if re.search(pattern, spoken):
            return stage
    return _BY_KIND.get(action.kind, Stage.EXECUTE)


def slug_of(name: str) -> str:
    """Return a name as a key: ``Log Out/In`` is ``log_out_in``; empty for no name."""
    spoken = _words(name).replace(" ", "_")[:_LONGEST_KEY]
    return f"n_{spoken}" if spoken[:1].isdigit() else spoken


def _words(name: str) -> str:
    if name.strip().lower() in _NAMELESS:
        return ""
    return " ".join(re.findall(r"[a-z0-9]+", name.lower()))


def _from_csv(text: str, errors: list[FieldError]) -> Iterator[Procedure]:
    reader = csv.DictReader(io.StringIO(text))
    lacking = [name for name in _CSV if name not in (reader.fieldnames or ())]
    if lacking:
        said = f"the first line must name the columns {', '.join(_CSV)}"
        errors.append(FieldError("line 1", "columns", said))
        return
    found: dict[tuple[str, str], list[Action]] = {}
    for row in reader:
        cells = {name: (row.get(name) or "").strip() for name in reader.fieldnames or ()}
        lacking = [name for name in ("procedure", "action") if not _words(cells[name])]
        if lacking or row.get(None):
            said = f"write {' and '.join(lacking)}" if lacking else "there are too many cells"
            errors.append(FieldError(f"line {reader.line_num}", "row", said))
            continue
        action = Action(
            name=cells["action"],
            kind=cells.get("kind", ""),
            text=cells.get("text", ""),
            owner=cells.get("owner", ""),
            tool=cells.get("tool", ""),
        )
        found.setdefault((cells["flow"], cells["procedure"]), []).append(action)
    for (flow, title), actions in found.items():
        yield _procedure(flow, title, actions)


def _from_json(text: str, errors: list[FieldError]) -> Iterator[Procedure]:
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        errors.append(FieldError(f"line {error.lineno}", "json", error.msg))
        return
    if not isinstance(whole, dict):
        errors.append(FieldError("line 1", "object", "write procedures by name"))
        return
    for name, value in whole.items():
        if isinstance(value, dict) and isinstance(value.get("subflows"), dict):
            for title, body in value["subflows"].items():
                listed = body.get("actions") if isinstance(body, dict) else None
                yield from _listed(name, title, listed, f"{name}.{title}", errors)
        else:
            yield from _listed("", name, value, name, errors)


def _listed(
    flow: str, title: str, listed: Json, at: str, errors: list[FieldError]
) -> Iterator[Procedure]:
    if not isinstance(listed, list) or not listed:
        errors.append(FieldError(at, "actions", "write a list of actions in their order"))
        return
    actions = []
    for index, one in enumerate(listed):
        if isinstance(one, str) and _words(one):
            actions.append(Action(name=one))
        elif isinstance(one, dict) and isinstance(one.get("button"), str):
            actions.append(_of_object(one))
        else:
            errors.append(FieldError(f"{at}[{index}]", "action", "write the action's name"))
    if actions:
        yield _procedure(flow, title, actions)


def _of_object(one: Mapping[str, Json]) -> Action:
    notes = one.get("subtext")
    said = [str(one.get("text", "")), *(str(note) for note in notes or ())]
    return Action(
        name=one["button"], kind=str(one.get("type", "")).lower(), text=" ".join(said).strip()
    )


def _procedure(flow: str, title: str, actions: Sequence[Action]) -> Procedure:
    spoken = title.replace("_", " ").strip()
    key = slug_of(f"{flow} {title}" if flow else title)
    return Procedure(key=key, title=spoken[:1].upper() + spoken[1:], actions=tuple(actions))
