"""Systems of record that run in this process, each with its journal."""

import json
import threading
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from cases.tools.adapters.base import Endpoint
from cases.tools.adapters.provider.store import ProviderStore
from cases.tools.adapters.retail.journal import JournaledStore
from cases.tools.adapters.retail.store import RetailStore
from cases.tools.adapters.retail.types import (
    Answer,
    JournalError,
    KeyReusedError,
    RefusedError,
    StoreError,
)
from cases.tools.types import AdapterAnswer, AdapterRequest, Json
from orchestra.core.crash import crash_point
from orchestra.core.errors import UpstreamError

#: The systems that ship, by the name a connection's settings give.
SYSTEMS: Mapping[str, type[RetailStore]] = {"retail": RetailStore, "provider": ProviderStore}

_lock = threading.Lock()
_stores: dict[str, JournaledStore] = {}


def store_of(endpoint: Endpoint) -> JournaledStore:
    """Return the one store of this process for a connection's journal.

    Args:
        endpoint: Its settings are ``{"system": name, "journal": path}``, the name one of
            ``SYSTEMS``; a relative path lies under ``var/``, an empty one keeps the store in
            memory.

    Raises:
        UpstreamError: The settings name another system, or the journal cannot be used.
    """
    named = endpoint.settings.get("system")
    system = SYSTEMS.get(str(named))
    if system is None:
        raise UpstreamError(
            f"The connection {endpoint.key} simulates {named!r}, which does not exist.",
            may_retry=False,
            code="upstream.no_such_system",
        )
    journal = str(endpoint.settings.get("journal") or "")
    path = Path(settings.VAR_DIR) / journal if journal else None
    name = str(path) if path else f"memory:{endpoint.key}"
    with _lock:
        if name not in _stores:
            try:
                _stores[name] = JournaledStore(path, system=system)
            except (StoreError, OSError) as error:
                raise _unavailable(endpoint, error) from error
        return _stores[name]


def forget_stores() -> None:
    """Close all stores of this process; the next call opens them again."""
    with _lock:
        for store in _stores.values():
            store.close()
        _stores.clear()


class SimulatedAdapter:
    """Calls a store in this process as it would call one far away."""

    def call(self, endpoint: Endpoint, request: AdapterRequest) -> AdapterAnswer:
        """Carry out one operation, once per key; see ``ToolAdapter.call``."""
        store = store_of(endpoint)
        operation = str(request.operation.get("name") or request.tool)
        crash_point("during-send")
        try:
            result = store.call(
                operation=operation,
                arguments=dict(request.arguments),
                key=request.idempotency_key or None,
            )
        except RefusedError as error:
            crash_point("after-effect-before-reply")
            return _refusal(error.message)
        except (JournalError, OSError) as error:
            raise _unavailable(endpoint, error) from error
        except StoreError as error:
            raise UpstreamError(
                f"The store does not take this call: {error.message}",
                may_retry=False,
                code=f"upstream.{_code(error)}",
            ) from error
        crash_point("after-effect-before-reply")
        return _carried_out(result)

    def lookup(self, endpoint: Endpoint, request: AdapterRequest) -> AdapterAnswer | None:
        """Return the first answer under a key; see ``ToolAdapter.lookup``."""
        try:
            answer: Answer | None = store_of(endpoint).lookup(request.idempotency_key)
        except (JournalError, OSError) as error:
            raise _unavailable(endpoint, error) from error
        if answer is None:
            return None
        return _carried_out(answer.result) if answer.ok else _refusal(answer.message or "")


def _code(error: StoreError) -> str:
    return "key_reused" if isinstance(error, KeyReusedError) else error.code


def _unavailable(endpoint: Endpoint, error: Exception) -> UpstreamError:
    return UpstreamError(
        f"The system behind {endpoint.key} is not available; nothing was changed.",
        may_retry=True,
        code="upstream.unavailable",
        data={"error": type(error).__name__},
    )


def _carried_out(result: Json) -> AdapterAnswer:
    return AdapterAnswer(ok=True, body=_bytes(result), value=result)


def _refusal(message: str) -> AdapterAnswer:
    return AdapterAnswer(ok=False, body=_bytes(message), value=message)


def _bytes(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
