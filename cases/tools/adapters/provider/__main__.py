"""Runs the service provider by itself: ``python -m cases.tools.adapters.provider``."""

import sys
from argparse import ArgumentParser

from cases.tools.adapters.provider.store import ProviderStore
from cases.tools.adapters.retail import program
from cases.tools.adapters.retail.types import JournalError


def main(arguments: list[str] | None = None) -> None:
    """Read the arguments, and serve."""
    parser = ArgumentParser(description=__doc__)
    program.add_arguments(parser)
    options = parser.parse_args(arguments)
    try:
        program.run(announce=_announce, system=ProviderStore, **vars(options))
    except (JournalError, OSError) as error:
        parser.exit(1, f"{error}\n")


def _announce(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
