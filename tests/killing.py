"""Run an act in a process of its own that kills itself, as ``kill -9`` would, at a named place."""

import os
import subprocess
import sys
from pathlib import Path

from django.db import connection

from orchestra.core import crash


def kill_at(point: str, act: str, **environment: str) -> None:
    """Run an act on the test's database until it dies; fails where it does not.

    Args:
        point: Name of a crash point, and its turn where it is not the first.
        act: Python statements, after Django is set up.
        environment: More variables of the process.
    """
    name = str(connection.settings_dict["NAME"])
    url = (
        f"sqlite:///{name}"
        if connection.vendor == "sqlite"
        else os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    )
    killed = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{act}"],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "orchestra.settings.test",
            "DATABASE_URL": url,
            crash.VARIABLE: point,
            **environment,
        },
        cwd=Path(__file__).parents[1],
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert killed.returncode == -9, killed.stderr.decode()[-2000:]
