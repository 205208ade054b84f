"""The embedded broker shows whole messages only and survives a torn one."""

from pathlib import Path
from threading import Thread

import pytest
from kombu import Connection

from orchestra import broker

#: One a test: the transport remembers in the process which queues it has declared.
QUEUES = ("ordered", "torn", "busy")


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    broker.register()
    (tmp_path / "messages").mkdir()
    return Connection(
        "embedded://",
        transport_options={
            "data_folder_in": str(tmp_path / "messages"),
            "data_folder_out": str(tmp_path / "messages"),
            "control_folder": str(tmp_path / "control"),
        },
    )


def test_what_is_put_is_taken_once_in_order(connection: Connection) -> None:
    queue = connection.SimpleQueue(QUEUES[0])
    for number in range(3):
        queue.put({"number": number})
    seen = [queue.get(timeout=2) for _ in range(3)]
    for message in seen:
        message.ack()
    assert [message.payload["number"] for message in seen] == [0, 1, 2]
    with pytest.raises(queue.Empty):
        queue.get(block=False)


def test_a_connection_without_a_host_says_nothing(
    connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("WARNING"):
        connection.info()
    assert caplog.messages == []


def test_a_torn_message_is_dropped(connection: Connection, tmp_path: Path) -> None:
    queue = connection.SimpleQueue(QUEUES[1])
    (tmp_path / "messages" / f"0_torn.{QUEUES[1]}.msg").write_text("")
    queue.put("whole")
    assert queue.get(timeout=2).payload == "whole"


def test_many_writers_and_readers_lose_nothing(connection: Connection) -> None:
    seen: list[int] = []
    connection.SimpleQueue(QUEUES[2])

    def write(start: int) -> None:
        with connection.clone() as own:
            queue = own.SimpleQueue(QUEUES[2])
            for number in range(start, start + 50):
                queue.put(number)

    def read() -> None:
        with connection.clone() as own:
            queue = own.SimpleQueue(QUEUES[2])
            while len(seen) < 200:
                try:
                    message = queue.get(timeout=0.2)
                except queue.Empty:
                    continue
                seen.append(message.payload)
                message.ack()

    threads = [Thread(target=write, args=(start,)) for start in (0, 50, 100, 150)]
    threads += [Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(seen) == list(range(200))
