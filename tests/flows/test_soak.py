"""Memory of the web server, the worker and the scheduler under steady work.

``make prove PROOF=soak`` works for 30 minutes, ``ARGS="--minutes 5"`` for fewer, and fails where
memory grows. The suite's quarter of a minute is too short for a slope: there every page and call
has to be answered, every process to live, and its memory to be read; no growth is judged.
"""

import json
import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from orchestra.management.processes import Processes, free_port
from tests.databases import own_database
from tests.flows.helpers import WORDS
from tests.flows.mcp_live import SET_UP
from tests.flows.test_bad_input_live import BROWSER, CSRF, manage
from tests.soaking import WARMING, Sample, growth_of, held_by

IS_PROOF = os.environ.get("ORCHESTRA_PROOF") == "soak"
MINUTES = float(os.environ.get("ORCHESTRA_PROOF_MINUTES", "30")) if IS_PROOF else 0.25
EVERY_SECONDS = 2.0 if IS_PROOF else 0.25
WORKING = 2
MEGABYTE = 1 << 20
#: A process that grows slower than this needs no restart within a day of 4 GB.
MOST_PER_HOUR = 32 * MEGABYTE
SELDOM = """
from orchestra.celery import app
for name in ("governance.ledger.verify", "cases.reconciliation.recent"):
    app.send_task(name)
"""
WHO = {"first_name": "Yusuf", "last_name": "Rossi", "zip": "19122"}
PAGES = ("", "approvals/", "cases/", "handoffs/", "ledger/", "outcomes/", "decisions/", "journeys/")

pytestmark = pytest.mark.processes

Record = Callable[[str, object], None]


@pytest.fixture
def env(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An installation of its own, on a database and a broker of the kind that the proof runs on."""
    with own_database("orchestra_soak") as url:
        yield {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "orchestra.settings.local",
            "ORCHESTRA_VAR": str(tmp_path),
            "DATABASE_URL": url or f"sqlite:///{tmp_path / 'orchestra.sqlite3'}",
            "REDIS_URL": os.environ.get("REDIS_URL", "embedded://") if url else "embedded://",
        }


def test_steady_work_is_answered_and_memory_read(
    env: dict[str, str], tmp_path: Path, record_property: Record
) -> None:
    done, taken = _run(env, tmp_path)
    record_property("minutes", round(MINUTES))
    for name, count in done.items():
        record_property(name, count)
    # A slice this short tells no slope; that the work was done and memory read, it does.
    assert min(done["cases"], done["pages"]) > 0
    for name, samples in taken.items():
        assert samples[-1][1] > 10 * MEGABYTE, name
        growth = growth_of(samples)
        for what in ("per_hour", "low", "high"):
            record_property(f"{name}_kb_{what}", round(getattr(growth, what) / 1024))
        record_property(f"{name}_mb_first", round(growth.first / MEGABYTE))
        record_property(f"{name}_mb_last", round(growth.last / MEGABYTE))
        if IS_PROOF:
            assert growth.low <= MOST_PER_HOUR, (name, growth)


def _run(env: dict[str, str], tmp_path: Path) -> tuple[Counter[str], dict[str, list[Sample]]]:
    """Work for as long as is asked; return what was done, and what each process held."""
    manage(env, "migrate", "-v0")
    made = json.loads(manage(env, "shell", "-v0", "-c", SET_UP).splitlines()[-1])
    port, done = free_port(), Counter[str]()
    base, over = f"http://127.0.0.1:{port}", threading.Event()
    with Processes(log_dir=tmp_path / "logs", env=env) as processes:
        processes.start_web(port)
        processes.wait_until_answers(f"{base}/healthz")
        processes.start_worker()
        processes.start_scheduler(tmp_path / "beat" / "schedule")
        # What runs each quarter of an hour takes its memory while the processes become warm:
        # its first time would else stand in the slope as growth.
        seldom = threading.Timer(
            MINUTES * 60 * WARMING * 0.8, manage, (env, "shell", "-v0", "-c", SELDOM)
        )
        with ThreadPoolExecutor(WORKING) as pool:
            try:
                seldom.start()
                work = [pool.submit(_work, base, made, over, done) for _each in range(WORKING)]
                taken = _sample(processes, work_ends=lambda: any(one.done() for one in work))
            finally:
                over.set()
                seldom.cancel()
                seldom.join()
        for one in work:
            one.result()
        processes.check_alive()
    return done, taken


def _sample(processes: Processes, *, work_ends: Callable[[], bool]) -> dict[str, list[Sample]]:
    """Return what each process held, read at even distances for as long as is worked."""
    taken: dict[str, list[Sample]] = {name: [] for name in ("web", "worker", "scheduler")}
    clock, ends = threading.Event(), time.monotonic() + MINUTES * 60
    while time.monotonic() < ends and not work_ends():
        processes.check_alive()
        for name, samples in taken.items():
            samples.append((time.monotonic(), held_by(processes.children[name].pid)))
        clock.wait(EVERY_SECONDS)
    return taken


def _work(base: str, made: dict[str, str], over: threading.Event, done: Counter[str]) -> None:
    """Open a case, have a call made on it, and look at pages, over and over."""
    agent = httpx.Client(
        base_url=base, timeout=60, headers={"Authorization": f"Bearer {made['agent']}"}
    )
    cookies = {"sessionid": made["supervisor"], "csrftoken": CSRF}
    person = httpx.Client(base_url=base, timeout=60, headers=BROWSER, cookies=cookies)
    with agent, person:
        while not over.is_set():
            case = _post(agent, "cases/", {"channel": "chat", "text": WORDS})["id"]
            done["cases"] += 1
            call = {"tool": "find_user_id_by_name_zip", "arguments": WHO, "confidence": 0.99}
            _post(agent, f"cases/{case}/tool-calls/", call)
            done["calls"] += 1
            for page in (*PAGES, f"cases/{case}/"):
                if over.is_set():
                    return
                answer = person.get(f"/admin/{page}")
                assert answer.status_code == httpx.codes.OK, (page, answer.text[:500])
                done["pages"] += 1


def _post(agent: httpx.Client, path: str, body: dict[str, object]) -> dict[str, str]:
    answer = agent.post(
        f"/api/v1/{path}", json=body, headers={"Idempotency-Key": str(uuid.uuid4())}
    )
    assert answer.is_success, answer.text
    return dict(answer.json())
