"""Look whether a connection works, without ever changing anything behind it."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from cases.tools.adapters.auth import resolves
from cases.tools.adapters.calling import ask
from cases.tools.adapters.mcp import list_tools
from cases.tools.connecting import AuthKind, ConnectionSpec
from cases.tools.operations import Sent
from cases.tools.types import ConnectionKind
from orchestra.core.errors import UpstreamError

PROBE_SECONDS: Final = 10.0
_OK: Final = range(200, 300)
_NOT_KNOWN: Final = frozenset({401, 403})
_REDIRECTS: Final = range(300, 400)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a test saw.

    Attributes:
        works: Whether the connection can be used.
        lines: What was looked at, one sentence each; no secret is in them.
    """

    works: bool
    lines: tuple[str, ...]


def probe(spec: ConnectionSpec) -> Seen:
    """Test a connection with one read: its health path, or the list of a server's tools.

    Nothing is written: only GET is sent, or what the protocol asks for before any call.
    Must not be called inside a transaction.
    """
    if spec.kind is ConnectionKind.SIMULATED:
        return Seen(
            works=True, lines=(_("It is simulated inside this process; nothing is connected to."),)
        )
    lines = [_address_words(spec)]
    if spec.auth.kind is not AuthKind.NONE:
        if not resolves(spec.auth.secret):
            missing = _("The secret %(name)s is not there; set it where this process runs.")
            return Seen(works=False, lines=(*lines, missing % {"name": spec.auth.secret}))
        lines.append(_("The secret %(name)s is there.") % {"name": spec.auth.secret})
    try:
        works, said = _asked(spec)
    except UpstreamError as error:
        return Seen(works=False, lines=(*lines, error.message))
    if spec.base_url.startswith("https://"):
        lines.append(_("Its certificate is valid for its name."))
    return Seen(works=works, lines=(*lines, said))


def _address_words(spec: ConnectionSpec) -> str:
    if spec.base_url.startswith("https://"):
        return _("The address is well formed and encrypted.")
    return _("The address is well formed, and not encrypted: whoever is between can read it.")


def _asked(spec: ConnectionSpec) -> tuple[bool, str]:
    if spec.kind is ConnectionKind.MCP:
        title, listed = list_tools(spec, timeout_seconds=PROBE_SECONDS)
        values = {"title": title or spec.key, "count": len(listed)}
        return True, _("The server %(title)s began a session and lists %(count)d tools.") % values
    headers = {"Accept": "application/json"}
    sent = Sent("GET", spec.health or "/", headers, b"")
    answer = ask(spec, sent, timeout_seconds=PROBE_SECONDS, repeat=True)
    return _status_words(spec, answer.status)


def _status_words(spec: ConnectionSpec, status: int) -> tuple[bool, str]:
    values = {"status": status, "path": spec.health or "/"}
    if status in _OK:
        return True, _("It answered %(path)s with %(status)d.") % values
    if status in _NOT_KNOWN:
        return False, _("It answered, and does not accept who asks (%(status)d).") % values
    if status in _REDIRECTS:
        message = _("It leads elsewhere (%(status)d), which is not followed; give that address.")
        return False, message % values
    if not spec.health:
        # No path was named to be read, so any answer shows that somebody is there.
        return True, _("It answered with %(status)d; name a health path to test more.") % values
    return False, _("It answered %(path)s with %(status)d.") % values
