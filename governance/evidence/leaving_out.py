"""What a payload holds that may be left out, and how it reads when it is; pure.

What can be proved is a whole payload, since one salt commits to all of it. So a payload with
one field to be left out stays out as a whole; what is shown of it then cannot be proved.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from governance.evidence.types import FieldGroup
from governance.ledger.origins import RECORDED_FROM
from orchestra.core.actors import ActorKind
from orchestra.core.redaction import PERSONAL_KEYS, mask_text

Json = Any

HIDDEN = "•••"
_KEYS: Mapping[FieldGroup, frozenset[str]] = {
    FieldGroup.CUSTOMER: PERSONAL_KEYS
    | {"customer", "user_id", "first_name", "last_name", "address", "phone", "city", "state_code"},
    FieldGroup.ORDER: frozenset({"order", "order_id", "order_ids", "item_ids", "new_item_ids"}),
    FieldGroup.PAYMENT: frozenset({"payment_method_id", "payment_method", "payment_methods"}),
    FieldGroup.MESSAGE: frozenset({"text", "body", "transcript", "quote", "summary"}),
}
#: Keys whose texts are codes of ours, and so say nothing of a person.
_CODES = frozenset(
    {"kind", "outcome", "risk", "tool", "channel", "reason_code", "queue", "cue", "stage", "policy"}
)
_PLAIN = re.compile(
    r"[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)",
    re.ASCII,
)
_CODE = re.compile(r"[a-z][a-z_.]{0,60}", re.ASCII)
_MOST = 10**7
#: Where who acted was connected from: nothing about the customer.
_ADDRESS = f"{RECORDED_FROM}.address"


def groups_in(*, kind: str, actor_kind: str, payload: Json) -> dict[FieldGroup, list[str]]:
    """Return the groups a payload holds, each with the paths of its fields.

    Args:
        kind: The entry's kind.
        actor_kind: Who acted: the name of a person stands in every payload of theirs.
        payload: A JSON value.
    """
    found: dict[FieldGroup, list[str]] = {}
    for path, key, value in _leaves(payload, "", ""):
        if path == _ADDRESS:
            # Whom an AI agent's server belongs to is no person.
            if actor_kind == ActorKind.HUMAN:
                found.setdefault(FieldGroup.STAFF, []).append(path)
            continue
        for group in _groups_of(kind, key, value):
            found.setdefault(group, []).append(path)
        if path == "actor_label" and actor_kind == ActorKind.HUMAN:
            found.setdefault(FieldGroup.STAFF, []).append(path)
    return found


def masked(payload: Json, *, key: str = "") -> Json:
    """Return a payload of which only codes, digests, times and small numbers are left."""
    if isinstance(payload, Mapping):
        return {str(name): masked(item, key=str(name)) for name, item in payload.items()}
    if isinstance(payload, list):
        return [masked(item, key=key) for item in payload]
    if payload is None or isinstance(payload, bool) or _may_show(key, payload):
        return payload
    return HIDDEN


def _may_show(key: str, value: Json) -> bool:
    if any(key in names for names in _KEYS.values()):
        return False
    if isinstance(value, int):
        return abs(value) < _MOST
    if not isinstance(value, str):
        return False
    return bool(_PLAIN.fullmatch(value)) or (key in _CODES and bool(_CODE.fullmatch(value)))


def _groups_of(kind: str, key: str, value: Json) -> Iterator[FieldGroup]:
    for group, keys in _KEYS.items():
        if key in keys and value not in (None, ""):
            yield group
    if not isinstance(value, str):
        return
    if kind.startswith("message.") and key == "content":
        yield FieldGroup.MESSAGE
    if key not in _KEYS[FieldGroup.CUSTOMER] and mask_text(value) != value:
        yield FieldGroup.CUSTOMER


def _leaves(value: Json, path: str, key: str) -> Iterator[tuple[str, str, Json]]:
    """Yield path, key and value of everything that is no object or list; lists keep their key."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if any(name in keys for keys in _KEYS.values()) and isinstance(item, Mapping):
                yield f"{path}{name}", str(name), "…"
            yield from _leaves(item, f"{path}{name}.", str(name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, f"{path}{number}.", key)
    else:
        yield path.rstrip("."), key, value
