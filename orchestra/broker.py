"""Kombu's filesystem transport with whole messages only, for the embedded mode.

The stock transport shows a message file before it is complete; a consumer that reads it then
ends with the worker. Here a message appears by an atomic rename, and one that cannot be read
is dropped: a message is a doorbell, and the sweep finds what it announced.
"""

import json
import uuid
from pathlib import Path
from queue import Empty
from time import monotonic_ns
from typing import Any, ClassVar

import structlog
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import filesystem as stock

log = structlog.get_logger(__name__)


class Channel(stock.Channel):
    """A channel whose messages are written whole and read once."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # kombu's two bases disagree on the name
        folder = Path(self.data_folder_out)
        draft = folder / f"{uuid.uuid4()}.draft"
        draft.write_text(json.dumps(payload), encoding="utf-8")
        draft.replace(folder / f"{monotonic_ns():020d}_{uuid.uuid4()}.{queue}.msg")

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        del timeout
        folder = Path(self.data_folder_in)
        for name in sorted(path.name for path in folder.iterdir()):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f"{uuid.uuid4()}.taken"
            try:
                (folder / name).rename(taken)
                text = taken.read_text(encoding="utf-8")
                taken.unlink()
            except OSError:
                # Another consumer was faster.
                continue
            try:
                return json.loads(text)
            except ValueError:
                log.warning("broker.message_dropped", queue=queue)
        raise Empty


class Transport(stock.Transport):
    """``embedded://``."""

    Channel = Channel
    #: No host: kombu warns of every connection that could have one and does not.
    default_connection_params: ClassVar[dict[str, Any]] = {}


def register() -> None:
    """Let ``embedded://`` name this transport."""
    TRANSPORT_ALIASES["embedded"] = f"{__name__}:{Transport.__name__}"
