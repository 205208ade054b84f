"""The verdict line on the start page and the ledger: unaltered or not, signed when, what waits."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.admin.visit import Visit
from governance.ledger import selectors
from governance.ledger.standing import reading_standing
from governance.ledger.types import Backlog, Verification
from orchestra.core import words
from orchestra.core.together import Reading

_LATE_SECONDS = 60
_STALE_HOURS = 2


def describe_seal(visit: Visit) -> Reading[dict[str, Any]]:
    """Come to the verdict line: how many, when, how long, against which checkpoint, what since.

    Args:
        visit: Whose moment the line speaks of.
    """
    standing = yield from reading_standing()
    last, checkpoint, backlog = standing.verification, standing.checkpoint, standing.backlog
    size = standing.size + backlog.count
    whole = None
    if last and last.first:
        whole = yield from selectors.reading_last_whole()
    seal: dict[str, Any] = {
        "size": size,
        "checkpoint": checkpoint,
        "checkpoint_age": words.length(visit.now - checkpoint.at) if checkpoint else "",
        "backlog": backlog.count,
        "late": _is_late(backlog, visit),
        "last": last,
        "read": last.size - last.first if last else 0,
        "whole": whole,
        "since": size - last.size if last else size,
        "unread": standing.unread,
        "stop": standing.stop,
    }
    if standing.stop is not None:
        return {**seal, "sign": "is-bad", "word": _("Signing stopped")}
    if last is None:
        return {**seal, "sign": "is-q", "word": _("Not verified yet")}
    if not last.ok:
        return {**seal, "sign": "is-bad", "word": _("Altered")}
    if seal["late"]:
        return {**seal, "sign": "is-q", "word": _("Signing is late")}
    return {**seal, **_clean(last, visit)}


def _clean(last: Verification, visit: Visit) -> dict[str, str]:
    hours = int((visit.now - last.at).total_seconds() // 3600)
    if hours >= _STALE_HOURS:
        return {"sign": "is-q", "word": _("Not verified for %(hours)d h") % {"hours": hours}}
    return {"sign": "is-ok", "word": _("Unaltered")}


def _is_late(backlog: Backlog, visit: Visit) -> str:
    if backlog.oldest_at is None:
        return ""
    waited = visit.now - backlog.oldest_at
    if waited.total_seconds() <= _LATE_SECONDS:
        return ""
    return ngettext(
        "%(count)d entry waits for its index, oldest %(length)s.",
        "%(count)d entries wait for their index, oldest %(length)s.",
        backlog.count,
    ) % {"count": backlog.count, "length": words.length(waited)}
