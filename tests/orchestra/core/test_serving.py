"""Collections pass over what a web process loaded before it serves."""

import subprocess
import sys

import pytest

LOADED = """
import gc, importlib
entry = importlib.import_module("orchestra.{entry}")
from django.urls import get_resolver
assert callable(entry.application)
print(gc.get_freeze_count(), len(gc.get_objects()), get_resolver()._populated)
"""


@pytest.mark.parametrize("entry", ["wsgi", "asgi"])
def test_a_web_process_settles_before_it_serves(entry: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOADED.format(entry=entry)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    kept, looked_at, has_addresses = ran.stdout.split()
    assert int(kept) > 100_000
    assert int(looked_at) < int(kept) / 10
    assert has_addresses == "True"
