"""A system of record as a process of its own: HTTP on loopback, effects counted per key.

``python -m tests.cases.tools.fault_record FILE`` prints its port. Each effect is a line in the
file, on the disk before its answer is sent. ``/tools/honour_…`` gives one effect a key; any
other ``/tools/…`` takes effect again each time it is asked, as a system without keys does.
"""

import json
import os
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar


class Record(BaseHTTPRequestHandler):
    """What was done, by key and by order."""

    file: ClassVar[Path]
    lock: ClassVar[threading.Lock] = threading.Lock()
    by_key: ClassVar[Counter[str]] = Counter()
    by_order: ClassVar[Counter[str]] = Counter()
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Read an order, or take effect on it."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            # Half a request changes nothing.
            self.close_connection = True
            return
        order = str(json.loads(body)["order_id"])
        if "get_" in self.path:
            done = Record.by_order[order] > 0
            self._answer({"ok": True, "result": {"status": "cancelled" if done else "pending"}})
            return
        key = self.headers["Idempotency-Key"]
        with Record.lock:
            if not ("honour" in self.path and Record.by_key[key]):
                self._take_effect(key, order)
        self._answer({"ok": True, "result": {"order_id": order}})

    def do_GET(self) -> None:
        """Tell the answer that a key was given, or what was counted."""
        if self.path.startswith("/effects/"):
            known = Record.by_key[self.path.rpartition("/")[2]]
            self._answer({"answer": {"ok": True, "result": {}} if known else None})
            return
        self._answer({"by_key": Record.by_key, "by_order": Record.by_order})

    @staticmethod
    def _take_effect(key: str, order: str) -> None:
        with Record.file.open("a", encoding="utf-8") as file:
            file.write(f"{key} {order}\n")
            file.flush()
            os.fsync(file.fileno())
        Record.by_key[key] += 1
        Record.by_order[order] += 1

    def _answer(self, value: Any) -> None:
        data = json.dumps(value).encode()
        try:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            # Whoever asked is gone.
            self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


if __name__ == "__main__":
    Record.file = Path(sys.argv[1])
    Record.file.touch()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Record)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
