"""A process that sends what is due, killed where it is told to be.

Run by the fault tests: ``python -m tests.governance.webhooks.sending_process NOW``.
"""

import sys
from datetime import datetime

import django

django.setup()

from governance.webhooks.services import send_due  # noqa: E402  needs loaded apps


def main(now: str) -> None:
    """Send what is due at a moment that stands."""
    moment = datetime.fromisoformat(now)
    sys.stdout.write(f"{send_due(read_clock=lambda: moment)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
