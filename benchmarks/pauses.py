# ruff: noqa: E402  the settings come before anything that reads them
"""How long collections of garbage stop a web process, settled as it serves and as Python begins.

Asks for pages of a supervisor, one after the other, in a process that settled before it served
(``orchestra.core.serving``) and in the same process with what it froze given back, in turns: the
longest stop, all stops together, and the time of all pages.

Reads the database that ``DATABASE_URL`` names, of a demonstration or of ``scale.py``.

    DATABASE_URL=postgres://… python benchmarks/pauses.py [--json] [--rounds 60] [--runs 3]
"""

import argparse
import gc
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.test")

from django.core.wsgi import get_wsgi_application

get_wsgi_application()

# isort: split

from django.test import Client

from benchmarks.common import Figure, figure_of, note, print_lines, print_table
from governance.access.models import User
from orchestra.core.serving import settle

PAGES = tuple(
    f"/admin/{path}" for path in ("", "cases/", "handoffs/", "approvals/", "ledger/", "decisions/")
)
OK = 200


def main() -> None:
    """Ask in turns and print both."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=60)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--json", action="store_true")
    options = arguments.parse_args()
    logging.disable(logging.ERROR)
    client = Client()
    person = User.objects.get(username="supervisor")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    ask(client, rounds=2)
    taken: dict[tuple[str, str], list[float]] = {}
    for _run in range(options.runs):
        for subject, prepare in (("orchestra", settle), ("as Python begins", gc.unfreeze)):
            prepare()
            note(f"{subject}: {gc.get_freeze_count():,} objects are passed over")
            began = time.perf_counter()
            with stops() as found:
                ask(client, rounds=options.rounds)
            every = 1000 * (time.perf_counter() - began)
            for bench, figure in (("longest stop", max(found)), ("all stops", sum(found))):
                taken.setdefault((bench, subject), []).append(figure)
            pages = options.rounds * len(PAGES)
            taken.setdefault((f"{pages} pages", subject), []).append(every)
    figures: list[Figure] = [
        figure_of(bench=bench, subject=subject, unit="ms", samples=samples)
        for (bench, subject), samples in taken.items()
    ]
    (print_lines if options.json else print_table)(figures)


def ask(client: Client, *, rounds: int) -> None:
    """Ask for every page so often."""
    for _round in range(rounds):
        for page in PAGES:
            answer = client.get(page)
            if answer.status_code != OK:
                raise SystemExit(f"{page} answered {answer.status_code}")


@contextmanager
def stops() -> Iterator[list[float]]:
    """Gather how long each collection takes, in milliseconds."""
    found, began = [0.0], [0.0]

    def listen(phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            began[0] = time.perf_counter()
        else:
            found.append(1000 * (time.perf_counter() - began[0]))

    gc.callbacks.append(listen)
    try:
        yield found
    finally:
        gc.callbacks.remove(listen)


if __name__ == "__main__":
    main()
