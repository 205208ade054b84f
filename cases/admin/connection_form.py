"""What a person fills in about a connection, to its document and back."""

from collections.abc import Mapping
from typing import Any

from cases.tools.adapters.auth import resolves
from cases.tools.connecting import AuthKind
from cases.tools.models import Connection
from cases.tools.types import ConnectionKind

Json = Any

_AUTH = ("secret", "username", "header", "token_url", "client_id", "scope")
#: Which of these each way of authentication has.
_OF_WAY: Mapping[str, tuple[str, ...]] = {
    AuthKind.NONE: (),
    AuthKind.BEARER: ("secret",),
    AuthKind.BASIC: ("secret", "username"),
    AuthKind.HEADER: ("secret", "header"),
    AuthKind.OAUTH2: ("secret", "client_id", "token_url", "scope"),
}
_LISTS = ("allowed_hosts", "private_networks")
_NUMBERS = ("connect_seconds", "total_seconds", "max_concurrent")


def document_of(
    posted: Mapping[str, Any], *, key: str, present: Connection | None
) -> dict[str, Json]:
    """Return the document of what was filled in; an empty field is not declared.

    Args:
        posted: The form's fields, as text.
        key: Key of the connection.
        present: The connection as it is; what a simulated one is made of stays.
    """
    kind = str(posted.get("kind", "")).strip()
    document: dict[str, Json] = {
        "key": key.strip(),
        "title": str(posted.get("title", "")).strip() or key.strip(),
        "kind": kind,
    }
    if kind == ConnectionKind.SIMULATED:
        same = present is not None and present.kind == ConnectionKind.SIMULATED
        document["settings"] = dict(present.settings) if present is not None and same else {}
        return document
    document["base_url"] = str(posted.get("base_url", "")).strip()
    document["settings"] = _settings(posted)
    return document


def fields_of(row: Connection | None, typed: Mapping[str, Any]) -> dict[str, str]:
    """Return what stands in each field: what was typed, else what is declared now."""
    names = ("key", "title", "kind", "base_url", "way", "health", "reason")
    every = (*names, *_AUTH, *_LISTS, *_NUMBERS)
    if typed:
        return {name: str(typed.get(name, "")) for name in every}
    found = dict.fromkeys(every, "")
    found["kind"], found["way"] = str(ConnectionKind.HTTP), str(AuthKind.NONE)
    return found if row is None else {**found, **_declared(row)}


def is_resolved(reference: str) -> bool | None:
    """Return whether what a reference names is there; None where there is none."""
    return resolves(reference) if reference else None


def _settings(posted: Mapping[str, Any]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    way = str(posted.get("way", "") or AuthKind.NONE)
    if way != AuthKind.NONE:
        given = {name: str(posted.get(name, "")).strip() for name in _OF_WAY.get(way, ())}
        found["auth"] = {"type": way, **{name: text for name, text in given.items() if text}}
    for name in _LISTS:
        lines = str(posted.get(name, "")).replace(",", "\n").split()
        if lines:
            found[name] = lines
    for name in _NUMBERS:
        text = str(posted.get(name, "")).strip()
        if text:
            found[name] = _number(text)
    health = str(posted.get("health", "")).strip()
    return {**found, "health": health} if health else found


def _number(text: str) -> Json:
    """Return a number as it was typed; what is none is refused where it is checked."""
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        return text


def _declared(row: Connection) -> dict[str, str]:
    settings = row.settings
    auth = settings.get("auth") or {}
    if "secret" in settings:
        auth = {"type": str(AuthKind.BEARER), "secret": settings["secret"]}
    return {
        "key": row.key,
        "title": row.title,
        "kind": row.kind,
        "base_url": row.base_url,
        "way": str(auth.get("type", AuthKind.NONE)),
        **{name: str(auth.get(name, "")) for name in _AUTH},
        **{name: "\n".join(settings.get(name, [])) for name in _LISTS},
        **{name: str(settings.get(name, "")) for name in _NUMBERS},
        "health": str(settings.get("health", "")),
    }
