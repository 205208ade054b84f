"""A process that casts one vote and executes what it granted, or edits; killed where told.

Run by the fault tests with the settings of the tests on the database of the test that started
it: ``python -m tests.cases.tools.voting_process APPROVAL VOTER CHOICE``.
"""

import sys

import django

django.setup()

from cases.tools import registry  # noqa: E402  needs loaded apps
from cases.tools.adapters.simulated import SimulatedAdapter  # noqa: E402  needs loaded apps
from tests.cases.tools.voting_acts import edit_it, vote_and_work  # noqa: E402  needs loaded apps


def main(approval_id: str, voter: str, choice: str) -> None:
    """Vote and then work, or edit."""
    if "simulated" not in registry.adapters:
        registry.adapters.register("simulated", SimulatedAdapter())
    done = (
        edit_it(approval_id, voter)
        if choice == "edit"
        else vote_and_work(approval_id, voter, choice)
    )
    sys.stdout.write(f"{done}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
