"""A world that tests share: made once under a transaction of its own, each test a savepoint in it.

Making the retail world takes longer than most tests of it. Consecutive tests of one process
share one; a test that needs real transactions, or that does not ask for the world, ends it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

#: The fixtures whose tests may share a world, and how each is made with a folder of its own.
SHARED: dict[str, Callable[[Path], Any]] = {}


class KeptWorld:
    """The world that is open in this process, if one is."""

    def __init__(self) -> None:
        self.name = ""
        self.value: Any = None
        self._atomic: transaction.Atomic | None = None

    def open(self, name: str, folder: Path) -> None:
        """End the world that is open and make another, under a transaction."""
        self.close()
        atomic = transaction.atomic()
        # As in Django's own TestCase: a durable block may stand inside of it.
        atomic._from_testcase = True  # type: ignore[attr-defined]
        atomic.__enter__()
        self._atomic = atomic
        try:
            self.value = SHARED[name](folder)
        except BaseException:
            self.close()
            raise
        self.name = name

    def close(self) -> None:
        """Undo everything the world wrote."""
        self.name, self.value = "", None
        if self._atomic is not None:
            atomic, self._atomic = self._atomic, None
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)


kept = KeptWorld()


def wanted_by(request: pytest.FixtureRequest) -> str:
    """Return the fixture whose world a test may share, or an empty text."""
    marker = request.node.get_closest_marker("django_db")
    is_real = bool(marker and (marker.kwargs.get("transaction") or marker.args))
    if is_real or "transactional_db" in request.fixturenames:
        return ""
    return next((name for name in SHARED if name in request.fixturenames), "")
