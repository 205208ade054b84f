"""Connection document to ConnectionSpec, all errors at once; looks nothing up, reads no secret.

``settings`` of a connection with an address: ``auth`` (how it knows us), ``allowed_hosts``,
``private_networks``, ``connect_seconds``, ``total_seconds``, ``max_concurrent``, ``health``.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cases.tools.operations import is_reserved
from cases.tools.types import ConnectionKind
from orchestra.core.errors import FieldError, InvalidInputError, UpstreamError
from orchestra.core.reachable import check_url, host_of, read_networks

Json = Any

MAX_TITLE: Final = 200
MAX_CONCURRENT: Final = 100
MAX_CONNECT_SECONDS: Final = 10.0
MAX_TOTAL_SECONDS: Final = 60.0
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,99}")
_REFERENCE: Final = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]{0,199}|file:/[^\x00-\x1f]{1,400}")
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_FIELDS: Final = frozenset({"key", "title", "kind", "base_url", "settings"})
_REMOTE: Final = frozenset(
    {
        *("auth", "secret", "allowed_hosts", "private_networks", "connect_seconds"),
        *("total_seconds", "max_concurrent", "health"),
    }
)
_SIMULATED: Final = frozenset({"system", "journal", "max_concurrent"})


class AuthKind(StrEnum):
    """How a system of record knows who asks."""

    NONE = "none"
    BEARER = "bearer"
    BASIC = "basic"
    HEADER = "header"
    OAUTH2 = "oauth2"


#: Fields that a way of authentication needs, and those that it may have besides.
_AUTH: Final[Mapping[AuthKind, tuple[frozenset[str], frozenset[str]]]] = {
    AuthKind.NONE: (frozenset(), frozenset()),
    AuthKind.BEARER: (frozenset({"secret"}), frozenset()),
    AuthKind.BASIC: (frozenset({"secret", "username"}), frozenset()),
    AuthKind.HEADER: (frozenset({"secret", "header"}), frozenset()),
    AuthKind.OAUTH2: (frozenset({"secret", "client_id", "token_url"}), frozenset({"scope"})),
}


@dataclass(frozen=True, slots=True)
class Auth:
    """How a connection authenticates; the secret by reference only.

    Attributes:
        secret: ``env:NAME`` or ``file:/path``; empty for none.
        token_url: Where OAuth 2 client credentials are exchanged for a token.
    """

    kind: AuthKind = AuthKind.NONE
    secret: str = ""
    username: str = ""
    header: str = ""
    token_url: str = ""
    client_id: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionSpec:
    """A connection as declared.

    Attributes:
        allowed_hosts: Host names that may be asked; always holds the address's own.
        private_networks: Private networks it may reach; None for all of the installation's.
        total_seconds: Longest exchange, whatever a tool asks for.
        max_concurrent: Calls at the same time, over all processes; 0 for no bound.
        health: Path that may be read to test the connection; empty for its address itself.
    """

    key: str
    title: str
    kind: ConnectionKind
    base_url: str = ""
    auth: Auth = Auth()
    allowed_hosts: frozenset[str] = frozenset()
    private_networks: tuple[str, ...] | None = None
    connect_seconds: float = 5.0
    total_seconds: float = MAX_TOTAL_SECONDS
    max_concurrent: int = 0
    health: str = ""


def parse_connection(*, document: Mapping[str, Json]) -> ConnectionSpec:
    """Return the connection that a document declares.

    Args:
        document: One connection of a pack: key, title, kind, base_url, settings.

    Raises:
        InvalidInputError: With one finding for everything that is wrong, by field path.
    """
    reader = _Reader(document)
    spec = reader.read()
    if reader.errors or spec is None:
        raise InvalidInputError(
            f"the connection has {len(reader.errors)} error(s): "
            + "; ".join(f"{error.field}: {error.message}" for error in reader.errors),
            code="connection.invalid",
            errors=reader.errors,
        )
    return spec


class _Reader:
    """Reads one document and keeps what is wrong with it."""

    def __init__(self, document: Mapping[str, Json]) -> None:
        self._document = document
        found = document.get("settings", {})
        self._settings: Mapping[str, Json] = found if isinstance(found, Mapping) else {}
        self.errors: list[FieldError] = []

    def read(self) -> ConnectionSpec | None:
        """Return the connection, or None where a finding stands in the way."""
        kind = self._kind()
        self._check_shape(kind)
        is_remote = kind is not None and kind is not ConnectionKind.SIMULATED
        base_url, own_host = self._address() if is_remote else ("", "")
        values: dict[str, Any] = {
            "key": str(self._document.get("key", "")),
            "title": str(self._document.get("title") or self._document.get("key", "")),
            "kind": kind,
            "base_url": base_url,
            "auth": self._auth(),
            "allowed_hosts": self._hosts(own_host),
            "private_networks": self._networks(),
            "connect_seconds": self._number("connect_seconds", 5.0, MAX_CONNECT_SECONDS),
            "total_seconds": self._number("total_seconds", MAX_TOTAL_SECONDS, MAX_TOTAL_SECONDS),
            "max_concurrent": self._whole("max_concurrent", MAX_CONCURRENT),
            "health": self._health(),
        }
        return None if self.errors else ConnectionSpec(**values)

    def _refuse(self, field: str, code: str, message: str) -> None:
        self.errors.append(FieldError(field, code, message))

    def _kind(self) -> ConnectionKind | None:
        kind = self._document.get("kind")
        if kind not in list(ConnectionKind):
            self._refuse("kind", "choice", f"{kind!r} is none of {', '.join(ConnectionKind)}")
            return None
        return ConnectionKind(kind)

    def _check_shape(self, kind: ConnectionKind | None) -> None:
        for name in sorted(set(map(str, self._document)) - _FIELDS):
            self._refuse(name, "unknown_field", "is no part of a connection")
        key: Json = self._document.get("key")
        title: Json = self._document.get("title", "")
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            self._refuse("key", "name", "must be lower-case letters, digits and _, 1 to 100 long")
        if not isinstance(title, str) or len(title) > MAX_TITLE:
            self._refuse("title", "length", f"must be text of at most {MAX_TITLE} letters")
        if not isinstance(self._document.get("settings", {}), Mapping):
            self._refuse("settings", "object", "must be an object")
        known = _SIMULATED if kind is ConnectionKind.SIMULATED else _REMOTE
        for name in sorted(set(map(str, self._settings)) - known) if kind else ():
            self._refuse(f"settings.{name}", "unknown_field", "is no setting of this kind")

    def _address(self) -> tuple[str, str]:
        url = self._document.get("base_url")
        if not url:
            kind = self._document.get("kind")
            self._refuse("base_url", "missing", f"an {kind} connection needs an address")
            return "", ""
        host = self._url(url, "base_url")
        if host and "?" in str(url):
            self._refuse("base_url", "address", "must hold no query (?)")
        return str(url), host

    def _url(self, url: Json, field: str) -> str:
        """Return the host of an address that may be written down, or an empty text."""
        try:
            return host_of(check_url(str(url)))
        except UpstreamError as error:
            self._refuse(field, "address", error.message)
            return ""

    def _hosts(self, own: str) -> frozenset[str]:
        hosts = self._texts("allowed_hosts")
        for index, host in enumerate(hosts):
            if self._url(f"http://{host}/", f"settings.allowed_hosts[{index}]") not in ("", host):
                message = "must be a host name in lower case without port"
                self._refuse(f"settings.allowed_hosts[{index}]", "host", message)
        if hosts and own and own not in hosts:
            message = f"must hold {own}, the host of the connection's own address"
            self._refuse("settings.allowed_hosts", "host", message)
        return frozenset(hosts) or frozenset({own} if own else ())

    def _networks(self) -> tuple[str, ...] | None:
        if "private_networks" not in self._settings:
            return None
        texts = self._texts("private_networks")
        for index, text in enumerate(texts):
            try:
                read_networks((text,))
            except ValueError as error:
                self._refuse(f"settings.private_networks[{index}]", "network", str(error))
        return tuple(texts)

    def _texts(self, name: str) -> list[str]:
        found = self._settings.get(name, [])
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            self._refuse(f"settings.{name}", "list", "must be a list of texts")
            return []
        return found

    def _number(self, name: str, usual: float, most: float) -> float:
        found = self._settings.get(name, usual)
        if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 < found <= most:
            message = f"must be a number above 0 and at most {most:g}"
            self._refuse(f"settings.{name}", "range", message)
            return usual
        return float(found)

    def _whole(self, name: str, most: int) -> int:
        found = self._settings.get(name, 0)
        if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= most:
            message = f"must be a whole number from 0 (no bound) to {most}"
            self._refuse(f"settings.{name}", "range", message)
            return 0
        return found

    def _health(self) -> str:
        found = self._settings.get("health", "")
        if found and (
            not isinstance(found, str)
            or not re.fullmatch(r"/[A-Za-z0-9._~/-]{0,300}", found)
            or {".", ".."} & set(found.split("/"))
            or found.startswith("//")
        ):
            message = "must be a plain path below the address, such as /health"
            self._refuse("settings.health", "path", message)
            return ""
        return str(found)

    def _auth(self) -> Auth:
        if "secret" in self._settings:
            self._reference(self._settings["secret"], "settings.secret")
            return Auth(AuthKind.BEARER, secret=str(self._settings["secret"]))
        found = self._settings.get("auth", {"type": "none"})
        if not isinstance(found, Mapping) or found.get("type", "none") not in list(AuthKind):
            message = "must be an object whose type is one of " + ", ".join(AuthKind)
            self._refuse("settings.auth", "choice", message)
            return Auth()
        kind = AuthKind(found.get("type", "none"))
        values = {str(name): value for name, value in found.items() if name != "type"}
        self._check_auth(kind, values)
        return Auth(kind, **values) if not self.errors else Auth(kind)

    def _check_auth(self, kind: AuthKind, values: Mapping[str, Json]) -> None:
        needed, optional = _AUTH[kind]
        self._refuse_all(needed - set(values), "missing", "is missing; this way needs it")
        unknown = set(values) - needed - optional
        self._refuse_all(unknown, "unknown_field", "is no part of this way of authentication")
        for name, value in values.items():
            if not isinstance(value, str) or not value or re.search(r"[\x00-\x1f\x7f]", value):
                self._refuse(f"settings.auth.{name}", "text", "must be one line of text")
        if "secret" in values:
            self._reference(values["secret"], "settings.auth.secret")
        if "token_url" in values:
            self._url(values["token_url"], "settings.auth.token_url")
        header = str(values.get("header", "X"))
        if not _HEADER.fullmatch(header) or is_reserved(header):
            message = "is no header that a secret may stand in; use bearer for Authorization"
            self._refuse("settings.auth.header", "header", message)
        if ":" in str(values.get("username", "")):
            self._refuse("settings.auth.username", "text", "must hold no colon")

    def _refuse_all(self, names: Iterable[str], code: str, message: str) -> None:
        for name in sorted(names):
            self._refuse(f"settings.auth.{name}", code, message)

    def _reference(self, value: Json, field: str) -> None:
        if not isinstance(value, str) or not _REFERENCE.fullmatch(value):
            message = "holds no secret; refer to it as env:NAME or file:/path"
            self._refuse(field, "secret", message)
