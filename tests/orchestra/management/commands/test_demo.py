"""What stands in the way of the demonstration is said in one sentence, and nothing is begun."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from orchestra.management.commands import demo
from orchestra.management.processes import only_one


@pytest.fixture(autouse=True)
def _own_folder_and_signals(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.VAR_DIR = tmp_path
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_port_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PORT_SECONDS", 0.0)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is in use by another program"):
            call_command("demo", port=port)
    assert not (tmp_path / "logs").exists()


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_no_port(port: int) -> None:
    with pytest.raises(CommandError, match=f"{port} is no port"):
        call_command("demo", port=port)


def test_a_second_one_on_the_same_data(tmp_path: Path) -> None:
    with only_one(tmp_path / "demo.lock"), pytest.raises(CommandError, match="already"):
        call_command("demo", port=8340)
