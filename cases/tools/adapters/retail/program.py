"""The retail system of record as a program: what it takes, and running it."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path

from cases.tools.adapters.retail.journal import JournaledStore
from cases.tools.adapters.retail.service import serve
from cases.tools.adapters.retail.store import RetailStore


def add_arguments(parser: ArgumentParser) -> None:
    """Declare where to listen and where the journal and the data lie."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8090, help="port, 0 for any free one")
    parser.add_argument("--journal", type=Path, help="journal file; in memory when left out")
    parser.add_argument("--data", type=Path, help="folder with a db.json of another task set")


def run(
    *,
    host: str,
    port: int,
    journal: Path | None,
    data: Path | None,
    announce: Callable[[str], None],
    system: type[RetailStore] = RetailStore,
) -> None:
    """Open the store and serve it until SIGTERM or SIGINT.

    Raises:
        DatasetShapeError: The data cannot be used.
        JournalError: The journal cannot be used.
        OSError: The address cannot be used.
    """
    store = JournaledStore(journal, folder=data, system=system)
    serve(host=host, port=port, store=store, announce=announce)
