"""What a connection declares, and everything that is wrong with one, at once."""

from typing import Any

import pytest

from cases.tools.connecting import AuthKind, parse_connection
from orchestra.core.errors import InvalidInputError
from tests.ssrf import ADDRESSES

DOCUMENT: dict[str, Any] = {
    "key": "crm",
    "title": "Customer records",
    "kind": "http",
    "base_url": "https://crm.example:8443/api",
    "settings": {
        "auth": {
            "type": "oauth2",
            "secret": "env:CRM_SECRET",
            "client_id": "orchestra",
            "token_url": "https://login.example/token",
            "scope": "orders",
        },
        "allowed_hosts": ["crm.example", "crm2.example"],
        "private_networks": ["10.20.0.0/16"],
        "connect_seconds": 2,
        "total_seconds": 20.5,
        "max_concurrent": 4,
        "health": "/health",
    },
}


def errors_of(document: dict[str, Any]) -> set[tuple[str, str]]:
    found = findings_of(document)
    assert found
    return found


def findings_of(document: dict[str, Any]) -> set[tuple[str, str]]:
    try:
        parse_connection(document=document)
    except InvalidInputError as error:
        return {(one.field, one.code) for one in error.errors}
    return set()


def with_settings(**settings: Any) -> dict[str, Any]:
    return {**DOCUMENT, "settings": settings}


def test_a_whole_connection() -> None:
    spec = parse_connection(document=DOCUMENT)

    assert (spec.auth.kind, spec.auth.secret) == (AuthKind.OAUTH2, "env:CRM_SECRET")
    assert spec.allowed_hosts == {"crm.example", "crm2.example"}
    assert spec.private_networks == ("10.20.0.0/16",)
    assert (spec.connect_seconds, spec.total_seconds, spec.max_concurrent) == (2.0, 20.5, 4)


def test_what_is_not_said_is_narrow() -> None:
    spec = parse_connection(document=with_settings())

    assert spec.auth.kind is AuthKind.NONE
    assert spec.allowed_hosts == {"crm.example"}
    assert spec.private_networks is None


def test_a_secret_alone_is_a_bearer_token() -> None:
    auth = parse_connection(document=with_settings(secret="file:/run/token")).auth

    assert (auth.kind, auth.secret) == (AuthKind.BEARER, "file:/run/token")


@pytest.mark.parametrize("secret", ["hunter2", "env:", "env:A B", "file:x", "vault:/x", "", 3])
def test_a_secret_itself_is_refused(secret: Any) -> None:
    assert errors_of(with_settings(secret=secret)) == {("settings.secret", "secret")}
    auth = {"type": "bearer", "secret": secret}
    assert ("settings.auth.secret", "secret") in errors_of(with_settings(auth=auth))


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        ({"type": "magic"}, {("settings.auth", "choice")}),
        ("bearer", {("settings.auth", "choice")}),
        ({"type": "bearer"}, {("settings.auth.secret", "missing")}),
        ({"type": "none", "secret": "env:A"}, {("settings.auth.secret", "unknown_field")}),
        (
            {"type": "basic", "secret": "env:A", "username": "a:b"},
            {("settings.auth.username", "text")},
        ),
        (
            {"type": "header", "secret": "env:A", "header": "Host"},
            {("settings.auth.header", "header")},
        ),
        (
            {"type": "header", "secret": "env:A", "header": "X\r\nY"},
            {("settings.auth.header", "header"), ("settings.auth.header", "text")},
        ),
        (
            {"type": "oauth2", "secret": "env:A"},
            {("settings.auth.client_id", "missing"), ("settings.auth.token_url", "missing")},
        ),
    ],
)
def test_ways_of_authentication_that_are_none(auth: Any, expected: set[tuple[str, str]]) -> None:
    assert errors_of(with_settings(auth=auth)) == expected


def test_everything_wrong_is_said_at_once() -> None:
    document = {
        "key": "C R M",
        "title": "x" * 300,
        "kind": "http",
        "base_url": "ftp://crm.example/",
        "colour": "red",
        "settings": {
            "allowed_hosts": ["EVIL.example", 3],
            "private_networks": ["ten"],
            "connect_seconds": 0,
            "total_seconds": 1000,
            "max_concurrent": -1,
            "health": "/../admin",
            "trust": True,
        },
    }

    assert errors_of(document) == {
        ("base_url", "address"),
        ("colour", "unknown_field"),
        ("key", "name"),
        ("settings.allowed_hosts", "list"),
        ("settings.connect_seconds", "range"),
        ("settings.health", "path"),
        ("settings.max_concurrent", "range"),
        ("settings.private_networks[0]", "network"),
        ("settings.total_seconds", "range"),
        ("settings.trust", "unknown_field"),
        ("title", "length"),
    }


def test_the_hosts_hold_the_own_one() -> None:
    assert errors_of(with_settings(allowed_hosts=["other.example"])) == {
        ("settings.allowed_hosts", "host")
    }
    assert errors_of(with_settings(allowed_hosts=["crm.example", "127.1", "a:80"])) == {
        ("settings.allowed_hosts[1]", "address"),
        ("settings.allowed_hosts[2]", "host"),
    }


def test_kinds_and_what_they_need() -> None:
    assert errors_of({**DOCUMENT, "kind": "smtp"}) == {("kind", "choice")}
    assert errors_of({"key": "crm", "kind": "mcp"}) == {("base_url", "missing")}
    simulated = {"key": "store", "kind": "simulated", "settings": {"system": "retail"}}
    assert parse_connection(document=simulated).base_url == ""


_WRITTEN = [
    trick
    for trick in ADDRESSES
    if not trick.startswith(("name that", "name to", "name made", "one of two"))
]


@pytest.mark.parametrize("trick", _WRITTEN)
def test_no_trick_of_spelling_can_be_written_down(trick: str) -> None:
    """What is spelled plainly is refused as it is connected to; the rest already here."""
    url = ADDRESSES[trick].replace("{port}", "8999")
    found = findings_of({**DOCUMENT, "base_url": url, "settings": {}})

    # Plain addresses and names alone: what they lead to is judged at every request.
    is_plain = url.isascii() and not set(url) & set("@#\\%\r\n\t ?")
    assert found == {("base_url", "address")} or (is_plain and not found)
