"""Several acts at the same moment, and a database whose commits are real."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections

from orchestra.core.errors import OrchestraError


def race(acts: Sequence[Callable[[], object]]) -> Counter[str]:
    """Start every act at the same moment; count ``ok`` and the codes of the refusals."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        try:
            start.wait(timeout=30)
            act()
        except OrchestraError as error:
            return error.error_code
        finally:
            connections.close_all()
        return "ok"

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(run, acts))
