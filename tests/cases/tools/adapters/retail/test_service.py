import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.tools.adapters.retail.dataset import load_tasks
from cases.tools.adapters.retail.journal import JournaledStore
from cases.tools.adapters.retail.service import RetailServer
from cases.tools.adapters.retail.types import Json

UNTOUCHED = "bb265a590505aea61ad67bf5ca08d7b2879116f9c800aae92d1a31d9d8f962d8"
CANCEL = "/tools/cancel_pending_order"
FIRST = {"order_id": "#W4776164", "reason": "no longer needed"}


class Client:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Json]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, data if body is not None else None, sent)
        response = self.connection.getresponse()
        data = response.read()
        assert int(response.headers["Content-Length"]) == len(data)
        assert response.headers["Content-Type"] == "application/json"
        return response.status, json.loads(data)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RetailServer]:
    store = JournaledStore(tmp_path_factory.mktemp("retail") / "journal.jsonl", fsync=False)
    server = RetailServer(host="127.0.0.1", port=0, store=store)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.stop()
    thread.join()
    store.close()


@pytest.fixture
def client(server: RetailServer) -> Iterator[Client]:
    client = Client(server.server_port)
    assert client.ask("POST", "/restock") == (200, {"ok": True})
    assert client.ask("POST", "/reset") == (200, {"ok": True})
    yield client
    client.connection.close()


def test_recorded_calls_over_one_connection(client: Client) -> None:
    client.ask("GET", "/healthz")
    kept = client.connection.sock
    for task in [task for task in load_tasks() if task.id in {"20", "46", "105"}]:
        client.ask("POST", "/reset")
        for step in task.steps:
            status, answer = client.ask("POST", f"/tools/{step.name}", step.arguments)
            if step.ok:
                result = answer["result"]
                recorded = step.result if isinstance(result, str) else json.loads(step.result)
                assert (status, answer) == (200, {"ok": True, "result": recorded})
            else:
                refused = {"code": "refused", "message": step.refusal}
                assert (status, answer) == (422, {"ok": False, "error": refused})
        assert client.ask("GET", "/state")[1]["hash"] == task.hash_after
    assert client.connection.sock is kept


def test_health_and_state(client: Client) -> None:
    assert client.ask("GET", "/healthz") == (200, {"ok": True})
    assert client.ask("GET", "/state") == (200, {"hash": UNTOUCHED, "effects": 0})


@pytest.mark.parametrize("header", ["k/1 \u00fc", '"k/1 \u00fc"'])
def test_a_key_has_one_effect(client: Client, header: str) -> None:
    first = client.ask("POST", CANCEL, FIRST, Idempotency_Key=header)
    assert first[0] == 200
    assert client.ask("POST", CANCEL, FIRST, Idempotency_Key=header) == first
    assert client.ask("GET", "/effects/k%2F1%20%C3%BC") == (200, {"count": 1, "answer": first[1]})
    assert client.ask("GET", "/state")[1]["effects"] == 1
    status, answer = client.ask("POST", CANCEL, {**FIRST, "reason": "dear"}, Idempotency_Key=header)
    assert (status, answer["error"]["code"]) == (409, "key_reused")


def test_a_refusal_is_kept_under_its_key(client: Client) -> None:
    wrong = {**FIRST, "reason": "dear"}
    refused = {"ok": False, "error": {"code": "refused", "message": "Invalid reason"}}
    for _ in range(2):
        assert client.ask("POST", CANCEL, wrong, Idempotency_Key="k1") == (422, refused)
    assert client.ask("GET", "/effects/k1") == (200, {"count": 0, "answer": refused})
    assert client.ask("GET", "/effects/k2") == (200, {"count": 0, "answer": None})
    assert client.ask("GET", "/state")[1] == {"hash": UNTOUCHED, "effects": 0}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/tools/nothing", {}, 404, "unknown_operation"),
        ("POST", "/elsewhere", {}, 404, "not_found"),
        ("GET", "/tools/calculate", None, 404, "not_found"),
        ("POST", CANCEL, {}, 400, "bad_arguments"),
        ("POST", CANCEL, [], 400, "bad_arguments"),
        ("POST", CANCEL, b"", 400, "bad_json"),
        ("POST", CANCEL, b"{", 400, "bad_json"),
        ("POST", CANCEL, b"\xff", 400, "bad_json"),
        ("POST", CANCEL, b'{"order_id": NaN}', 400, "bad_json"),
        ("POST", CANCEL, b"[" * 100_000, 400, "bad_json"),
    ],
)
def test_what_is_wrong_is_told_and_the_connection_stays(
    client: Client, method: str, path: str, body: object, status: int, code: str
) -> None:
    kept = client.connection.sock
    answer = client.ask(method, path, body)
    assert (answer[0], answer[1]["ok"], answer[1]["error"]["code"]) == (status, False, code)
    assert client.ask("GET", "/state")[1] == {"hash": UNTOUCHED, "effects": 0}
    assert client.connection.sock is kept


@pytest.mark.parametrize("key", ["", '""', "k" * 256])
def test_a_key_without_a_fitting_length_is_refused(client: Client, key: str) -> None:
    status, answer = client.ask("POST", CANCEL, FIRST, Idempotency_Key=key)
    assert (status, answer["error"]["code"]) == (400, "bad_key")
    assert client.ask("GET", "/state")[1]["effects"] == 0


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (b"PUT /state HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"POST /reset HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 411),
        (b"POST /reset HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"POST /reset HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n", 413),
        (b"POST /reset HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
    ],
)
def test_what_cannot_be_read_closes_the_connection(
    server: RetailServer, request_head: bytes, status: int
) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        connection.sendall(request_head)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert f" {status} ".encode() in answer.split(b"\r\n")[0]
    assert b'"ok": false' in answer


def test_a_client_that_waits_for_the_go_ahead_gets_it(server: RetailServer) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        connection.sendall(
            b"POST /tools/calculate HTTP/1.1\r\nHost: x\r\nContent-Length: 22\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b'{"expression": "2+2" }')
        assert b'{"ok": true, "result": "4.0"}' in connection.recv(65536)


def test_a_journal_that_cannot_be_written_is_unavailable(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("cases.tools.adapters.retail.journal_file._write_all", full)
        status, answer = client.ask("POST", CANCEL, FIRST, Idempotency_Key="k1")
    assert (status, answer["error"]["code"]) == (503, "unavailable")
    assert client.ask("GET", "/effects/k1")[1] == {"count": 0, "answer": None}


COMMAND = """
import sys
from django.conf import settings
settings.configure()
from cases.management.commands.retail_store import Command
Command().run_from_argv(["manage.py", "retail_store", *sys.argv[1:]])
"""


#: As a command of the project, and by itself.
PROGRAMS = (("-c", COMMAND), ("-m", "cases.tools.adapters.retail"))
NAMES = ("command", "module")


def _started(program: tuple[str, str], *arguments: str) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        [sys.executable, *program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("Retail store listening on http://127.0.0.1:")
    return process, int(line.rpartition(":")[2])


@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("program", PROGRAMS, ids=NAMES)
def test_the_program_serves_stops_and_resumes(
    tmp_path: Path, program: tuple[str, str], number: signal.Signals
) -> None:
    arguments = ("--port", "0", "--journal", str(tmp_path / "journal.jsonl"))
    process, port = _started(program, *arguments)
    client = Client(port)
    first = client.ask("POST", CANCEL, FIRST, Idempotency_Key="k1")
    state = client.ask("GET", "/state")
    process.send_signal(number)
    assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == 0
    client.connection.close()

    process, port = _started(program, *arguments)
    client = Client(port)
    assert client.ask("GET", "/state") == state
    assert client.ask("POST", CANCEL, FIRST, Idempotency_Key="k1") == first
    assert client.ask("GET", "/effects/k1")[1]["count"] == 1
    process.terminate()
    assert process.communicate(timeout=10) == ("", "")
    client.connection.close()


@pytest.mark.processes
@pytest.mark.parametrize("program", PROGRAMS, ids=NAMES)
def test_the_program_says_what_its_data_lacks(tmp_path: Path, program: tuple[str, str]) -> None:
    command = [sys.executable, *program, "--port", "0", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "db.json: the file" in done.stderr
