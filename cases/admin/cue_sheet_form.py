"""A cue sheet's draft as fields of a form, and back; pure.

What the form shows as it stands is left in the document byte for byte; only what somebody
changed is written, so that a pack's text comes out as it went in.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

Json = Any
Document = dict[str, Any]

_STEP_TEXTS: Final = ("title", "stage", "owner", "otherwise")
_STEP_NUMBERS: Final = ("due_in_minutes", "grace_minutes", "tries")
_HEAD_TEXTS: Final = ("title", "pattern", "queue", "sign_off_role")
_HEAD_NUMBERS: Final = ("recontact_window_hours", "ends_after_minutes")
_OPERATORS: Final = (("is_not", " is not "), ("in", " in "), ("is", " is "))
_BARE: Final = frozenset({"sign_off", "classify"})
#: Which completion a step counts for.
ALL, ANY = "all", "any"


def describe_head(document: Mapping[str, Json]) -> dict[str, Any]:
    """Return what the fields of a plan's head hold."""
    completion = document.get("completion") or {}
    said = completion.get("says", "") if isinstance(completion, Mapping) else completion
    return {
        **{name: _text(document.get(name)) for name in _HEAD_TEXTS},
        "intents": ", ".join(_names(document.get("intents"))),
        "skills": ", ".join(_names(document.get("skills"))),
        **{name: _text(document.get(name)) for name in _HEAD_NUMBERS},
        "says": _text(said),
    }


def describe_step(step: Mapping[str, Json], document: Mapping[str, Json]) -> dict[str, Any]:
    """Return what the fields of a step hold."""
    does = step.get("does")
    [(kind, target)] = does.items() if isinstance(does, Mapping) and len(does) == 1 else [("", "")]
    return {
        **{name: _text(step.get(name)) for name in ("key", *_STEP_TEXTS)},
        **{name: _text(step.get(name)) for name in _STEP_NUMBERS},
        "otherwise": _text(step.get("otherwise", "hand_off")),
        "does": kind,
        "target": "" if target is True else ", ".join(_names(target)),
        "after": _names(step.get("after")),
        "skills": ", ".join(_names(step.get("skills"))),
        "when": "\n".join(_condition_text(one) for one in _list(step.get("when"))),
        "bind": "\n".join(f"{name} = {fact}" for name, fact in _mapping(step.get("bind")).items()),
        "optional": "on" if step.get("optional") is True else "",
        "proves": _proves(document, _text(step.get("key"))),
    }


def read_document(base: Document, data: Mapping[str, list[str]]) -> Document:
    """Return a document with what a form changed of it.

    Args:
        base: The document as the form showed it.
        data: Names of fields to their values, as posted.
    """
    document = deepcopy(base)
    _read_head(document, data)
    steps = [one for one in _list(document.get("steps")) if isinstance(one, dict)]
    shown = [describe_step(step, base) for step in steps]
    for index, step in enumerate(steps):
        _read_step(step, shown[index], f"steps-{index}-", data)
    _rename(document, steps, shown)
    _read_proofs(document, steps, shown, data)
    return document


def act_on(document: Document, act: str) -> Document:
    """Return a document after a button of the form: ``add``, ``remove:N``, ``up:N``, ``down:N``."""
    name, _colon, number = act.partition(":")
    steps = _list(document.get("steps"))
    if name == "add":
        return {**document, "steps": [*steps, _new_step(steps)]}
    place = int(number) if number.isdigit() else -1
    if not 0 <= place < len(steps):
        return document
    if name == "remove":
        return _without(document, steps, place)
    other = place - 1 if name == "up" else place + 1
    if name not in {"up", "down"} or not 0 <= other < len(steps):
        return document
    moved = list(steps)
    moved[place], moved[other] = moved[other], moved[place]
    return {**document, "steps": moved}


def _new_step(steps: list[Json]) -> Document:
    keys = {step.get("key") for step in steps if isinstance(step, Mapping)}
    number = next(count for count in range(1, len(steps) + 2) if f"step_{count}" not in keys)
    return {
        "key": f"step_{number}",
        "title": f"Step {number}",
        "stage": "execute",
        "owner": "ai",
        "does": {"check": "customer_confirmed"},
    }


def _without(document: Document, steps: list[Json], place: int) -> Document:
    gone = steps[place].get("key") if isinstance(steps[place], Mapping) else None
    left = [deepcopy(step) for index, step in enumerate(steps) if index != place]
    for step in left:
        if isinstance(step, dict) and gone in _names(step.get("after")):
            step["after"] = [key for key in _names(step["after"]) if key != gone]
    return {**document, "steps": left}


def _read_head(document: Document, data: Mapping[str, list[str]]) -> None:
    shown = describe_head(document)
    for name in _HEAD_TEXTS:
        if (given := _given(data, name)) is not None and given != shown[name]:
            document[name] = given
    if (given := _given(data, "intents")) is not None and given != shown["intents"]:
        document["intents"] = _split(given)
    if (given := _given(data, "skills")) is not None and given != shown["skills"]:
        _put(document, "skills", _split(given))
    for name in _HEAD_NUMBERS:
        if (given := _given(data, name)) is not None and given != shown[name]:
            _put_number(document, name, given)
    if (given := _given(data, "says")) is not None and given != shown["says"]:
        completion = document.get("completion")
        known = dict(completion) if isinstance(completion, Mapping) else {}
        document["completion"] = {**known, "says": given}


def _read_step(
    step: Document, shown: Mapping[str, Any], at: str, data: Mapping[str, list[str]]
) -> None:
    changed = {
        name: given
        for name in shown
        if (given := _given(data, at + name)) is not None and given != shown[name]
    }
    for name in ("key", *_STEP_TEXTS):
        if name in changed:
            step[name] = changed[name]
    for name in _STEP_NUMBERS:
        if name in changed:
            _put_number(step, name, changed[name])
    if "skills" in changed:
        _put(step, "skills", _split(changed["skills"]))
    if "does" in changed or "target" in changed:
        kind = changed.get("does", shown["does"])
        names = _split(changed.get("target", shown["target"]))
        target: Json = names[0] if len(names) == 1 else names
        step["does"] = {kind: True if kind in _BARE else target or ""}
    if f"{at}title" in data:
        _read_lists(step, shown, at, data)


def _read_lists(
    step: Document, shown: Mapping[str, Any], at: str, data: Mapping[str, list[str]]
) -> None:
    """Read what a browser leaves out where nothing is ticked."""
    after = data.get(f"{at}after", [])
    if set(after) != set(shown["after"]):
        kept = [key for key in shown["after"] if key in after]
        _put(step, "after", [*kept, *(key for key in after if key not in kept)])
    if ("on" if data.get(f"{at}optional") else "") != shown["optional"]:
        step["optional"] = not shown["optional"]
    when = _given(data, f"{at}when")
    if when is not None and when != shown["when"]:
        _put(step, "when", [_condition(line) for line in _lines(when)])
    bind = _given(data, f"{at}bind")
    if bind is not None and bind != shown["bind"]:
        pairs = (line.partition("=") for line in _lines(bind))
        _put(step, "bind", {name.strip(): fact.strip() for name, _equals, fact in pairs})


def _rename(document: Document, steps: list[Document], shown: list[dict[str, Any]]) -> None:
    """Let every reference follow a step that got another key."""
    renamed = {
        old["key"]: step["key"]
        for step, old in zip(steps, shown, strict=True)
        if old["key"] and step.get("key") != old["key"]
    }
    if not renamed:
        return
    for step in steps:
        if isinstance(step.get("after"), list):
            step["after"] = [renamed.get(key, key) for key in step["after"]]
        if step.get("otherwise") in renamed:
            step["otherwise"] = renamed[step["otherwise"]]
    completion = document.get("completion")
    if isinstance(completion, dict):
        for name in ("all_done", "any_done"):
            if name in completion:
                completion[name] = [renamed.get(key, key) for key in _names(completion[name])]


def _read_proofs(
    document: Document,
    steps: list[Document],
    shown: list[dict[str, Any]],
    data: Mapping[str, list[str]],
) -> None:
    wanted = {
        str(step.get("key", "")): given
        for index, step in enumerate(steps)
        if (given := _given(data, f"steps-{index}-proves")) is not None
        and given != shown[index]["proves"]
    }
    if not wanted:
        return
    completion = document.get("completion")
    known = dict(completion) if isinstance(completion, Mapping) else {"says": _text(completion)}
    for name, word in (("all_done", ALL), ("any_done", ANY)):
        kept = [key for key in _names(known.get(name)) if wanted.get(key, word) == word]
        kept += [key for key, given in wanted.items() if given == word and key not in kept]
        _put(known, name, kept)
    document["completion"] = known


def _proves(document: Mapping[str, Json], key: str) -> str:
    completion = _mapping(document.get("completion"))
    if key in _names(completion.get("all_done")):
        return ALL
    return ANY if key in _names(completion.get("any_done")) else ""


def _condition_text(condition: Json) -> str:
    known = _mapping(condition)
    for name, word in _OPERATORS:
        if name in known:
            values = known[name] if name == "in" and isinstance(known[name], list) else None
            said = (
                _value_text(known[name])
                if values is None
                else ", ".join(_value_text(one) for one in values)
            )
            return f"{known.get('fact', '')}{word}{said}"
    return _text(known.get("fact"))


def _condition(line: str) -> Document:
    for name, word in _OPERATORS:
        fact, found, said = f"{line} ".partition(word)
        if found:
            value = (
                [read_value(one) for one in _split(said)]
                if name == "in"
                else read_value(said.strip())
            )
            return {"fact": fact.strip(), name: value}
    return {"fact": line}


def _value_text(value: Json) -> str:
    if isinstance(value, str) and read_value(value) == value and "," not in value:
        return value
    return json.dumps(value, ensure_ascii=False)


def read_value(text: str) -> Json:
    """Return what a field means: a number, a truth value or null as JSON has it, else text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _given(data: Mapping[str, list[str]], name: str) -> str | None:
    values = data.get(name)
    return values[0].replace("\r\n", "\n").strip() if values else None


def _put(target: Document, name: str, value: Json) -> None:
    if value:
        target[name] = value
    else:
        target.pop(name, None)


def _put_number(target: Document, name: str, given: str) -> None:
    _put(target, name, int(given) if given.isascii() and given.isdigit() else given)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _split(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _names(value: Json) -> list[str]:
    return [str(one) for one in _list(value)]


def _list(value: Json) -> list[Json]:
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Json) -> str:
    return "" if value is None else str(value)
