"""A cache whose server is gone serves what the rows say, and fails nothing."""

import socket
from typing import Any

import pytest
from django.core.cache import cache
from django.test import override_settings

from governance.ledger.models import LedgerEntry
from orchestra.core.forgiving_cache import ForgivingRedisCache
from tests.flows.conftest import World, retail  # noqa: F401  the fixture is used by name

AWAY = "redis://127.0.0.1:{port}/0"


@pytest.fixture
def address() -> str:
    """An address on this machine at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return AWAY.format(port=free.getsockname()[1])


def test_without_its_server_it_is_an_empty_cache(address: str) -> None:
    gone = ForgivingRedisCache(address, {"OPTIONS": {"socket_connect_timeout": 0.5}})
    assert gone.add("a", 1, timeout=5) is True
    assert gone.get("a") is None
    assert gone.get("a", "otherwise") == "otherwise"
    gone.set("a", 1, 5)
    assert [gone.incr("a"), gone.incr("a", 3)] == [1, 3]
    assert gone.delete("a") is False


def test_what_is_wrong_with_the_call_is_still_told(address: str) -> None:
    with pytest.raises(TypeError):
        ForgivingRedisCache(address, {}).get()  # type: ignore[call-arg]


def test_calls_and_refusals_go_on_while_it_is_gone(
    retail: World,  # noqa: F811  pytest names fixtures so
    address: str,
) -> None:
    backend = f"{ForgivingRedisCache.__module__}.{ForgivingRedisCache.__qualname__}"
    gone: dict[str, Any] = {"default": {"BACKEND": backend, "LOCATION": address}}
    with override_settings(CACHES=gone):
        assert isinstance(cache._connections["default"], ForgivingRedisCache)
        opened = retail.api.post("cases/", {"channel": "chat", "text": "Return my lamp."})
        assert opened.status_code == 201
        assert retail.api.get("steps/").status_code == 200
        refused = retail.api.post(f"cases/{opened.json()['id']}/close/", {"reason": "Done."})
        assert refused.status_code in {403, 409}
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1
