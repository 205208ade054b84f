"""An act of our own tools under a key: the first answer is the only answer, as over REST."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from rest_framework.utils.encoders import JSONEncoder

from orchestra.api.holders import ERASED_BODY
from orchestra.api.idempotency import RETENTION, claim, keep, release
from orchestra.api.models import IdempotencyRecord
from orchestra.core import canonical, clock
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError

Json = Any
_DOMAIN: Final = "orchestra.mcp.once.v1"
_OK: Final = 200


def once(
    *,
    agent_id: str,
    tool: str,
    key: str,
    arguments: Mapping[str, Json],
    run: Callable[[], dict[str, Json]],
) -> dict[str, Json]:
    """Return what an act answers, from the store where it was done under this key before.

    Args:
        agent_id: Public id of the agent; its keys are its own.
        tool: Name of the tool, which has keys of its own too.
        key: The caller's key.
        arguments: As they were sent, by which a key used for something else is found out.
        run: Does it.

    Raises:
        ConflictError: The first one still runs.
        InvalidInputError: The key was used for something else, or its answer is kept no longer.
    """
    now = clock.now()
    fingerprint = canonical.digest(_DOMAIN, dict(arguments))
    scope = canonical.sha256_hex(f"agent:{agent_id}\n/mcp\n{tool}\n{key}".encode())
    claimed = claim(scope=scope, fingerprint=fingerprint, now=now)
    if isinstance(claimed, IdempotencyRecord):
        return _kept(claimed, fingerprint, now)
    try:
        found = run()
    except BaseException:
        release(claimed)
        raise
    text = json.dumps(found, cls=JSONEncoder, ensure_ascii=False, allow_nan=False)
    keep(claimed, status=_OK, body=text.encode())
    return found


def _kept(record: IdempotencyRecord, fingerprint: str, now: datetime) -> dict[str, Json]:
    if record.fingerprint != fingerprint:
        raise _refused("key_reused", _("This key was used for something else; take a new one."))
    if record.state == "running":
        raise ConflictError(
            _("The first call with this key is still running; ask again shortly."),
            code="idempotency.still_running",
        )
    body = bytes(record.body or b"")
    if not body or body == ERASED_BODY or record.created_at < now - RETENTION:
        raise _refused(
            "key_expired",
            _("What this key was first answered is not kept any more; look the act up."),
        )
    found: dict[str, Json] = json.loads(body)
    return found


def _refused(code: str, message: str) -> InvalidInputError:
    return InvalidInputError(
        message,
        code=f"idempotency.{code}",
        errors=[FieldError("idempotency_key", code, message)],
    )
