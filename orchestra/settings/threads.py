"""How many live streams a process may hold, from the threads its server gives it."""

import os

#: Threads that answer ordinary requests, whatever number of streams is open.
KEPT_FREE = 16


def live_streams() -> int:
    """Return how many streams leave ``KEPT_FREE`` threads to everything else.

    The server reads the same variable for how many threads it runs. Where it is not set, nobody
    knows, and no stream is held: pages ask by themselves then.
    """
    said = os.environ.get("GRANIAN_BLOCKING_THREADS", "")
    return max(0, int(said) - KEPT_FREE) if said.isascii() and said.isdigit() else 0
