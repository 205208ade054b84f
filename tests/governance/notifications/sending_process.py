"""A process that sends what is due into a file, killed where it is told to be.

Run by the fault tests on the database of the test that started it:
``python -m tests.governance.notifications.sending_process FILE NOW``.
"""

import os
import sys
from datetime import datetime
from pathlib import Path

import django

django.setup()

from django.core.mail import EmailMessage  # noqa: E402  needs loaded apps

from governance.notifications.services import send_due  # noqa: E402  needs loaded apps


class Server:
    """A mail server: what it took is on its disk, whatever becomes of who sent it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, message: EmailMessage) -> None:
        """Take a message: its id, and to whom it goes."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{message.extra_headers['Message-ID']} {message.to[0]}\n")
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        """Nothing is open."""


def main(path: str, now: str) -> None:
    """Send what is due at a moment that stands."""
    moment = datetime.fromisoformat(now)
    sys.stdout.write(f"{send_due(read_clock=lambda: moment, mailer=Server(Path(path)))}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
