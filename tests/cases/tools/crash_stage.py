"""What the tests that kill a real process share: a store on a journal, and starting it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.db import connection

from cases.tools import registry
from cases.tools.adapters.base import Endpoint
from cases.tools.adapters.retail.dataset import load_database
from cases.tools.adapters.simulated import SimulatedAdapter
from orchestra.core import crash
from tests.cases.tools.worker_process import TOOL
from tests.factories.tools import make_connection

ROOT = Path(__file__).parents[3]
SCHEMA = {
    "type": "object",
    "properties": {"order_id": {"type": "string"}, "reason": {"type": "string"}},
    "required": ["order_id", "reason"],
}
READ = {
    "name": "get_order_details",
    "connection": "store",
    "effect": "read",
    "risk": "low",
    "arguments": {**SCHEMA, "required": ["order_id"]},
}
CANCEL = {
    "name": TOOL,
    "connection": "store",
    "effect": "write",
    "risk": "low",
    "honours_idempotency_key": True,
    "arguments": SCHEMA,
    "reads": {"order": {"tool": "get_order_details", "arguments": {"order_id": "$.order_id"}}},
    "facts": {"order_status": "$order.status"},
    "confirm": {"tool": "get_order_details", "expect": {"$.status": "cancelled"}},
}


def make_endpoint(folder: Path) -> Endpoint:
    """A store on a journal that this process and the killed one share."""
    registry.adapters.register("simulated", SimulatedAdapter())
    settings = {"system": "retail", "journal": str(folder / "store.journal")}
    make_connection("store", settings=settings)
    return Endpoint(key="store", settings=settings)


def pending_order() -> str:
    orders = load_database()["orders"]
    return next(key for key, row in sorted(orders.items()) if row["status"] == "pending")


def run(module: str, arguments: list[str], point: str = "") -> subprocess.CompletedProcess[str]:
    """Run a process of this folder on the test's database, to be killed at a crash point."""
    return subprocess.run(
        [sys.executable, "-m", f"tests.cases.tools.{module}", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "orchestra.settings.test",
            "DATABASE_URL": database_url(),
            crash.VARIABLE: point,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def database_url() -> str:
    config: dict[str, Any] = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{config['NAME']}"
    place = f"{config['HOST'] or '127.0.0.1'}:{config['PORT'] or 5432}"
    word = f":{config['PASSWORD']}" if config["PASSWORD"] else ""
    return f"postgres://{config['USER']}{word}@{place}/{config['NAME']}"
