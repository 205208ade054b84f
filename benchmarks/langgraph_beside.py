"""The same job as a LangGraph graph: its interrupt and resume, kept in PostgreSQL.

A graph of three nodes decides by the confidence, interrupts for a person, and carries the call
out against the store once it is resumed. Its state is kept by ``langgraph-checkpoint-postgres``
after every step (``durability="sync"``). Served by two processes of the web server, as many as
web and worker of the others are together: a graph is resumed where the request arrives, after
the answer. Nothing of what it serves is authenticated, limited or recorded beside its state.

    python -m pip install --require-hashes -r requirements-bench.lock
"""

import json
import os
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any, TypedDict

import httpx

Json = Any
WORKERS = 2
MIN_CONFIDENCE = 0.8
LOOK_SECONDS = 0.02
LONGEST_WAIT_SECONDS = 25.0
#: Connections a process keeps, and graphs it carries on with after their answer.
CONNECTIONS, RESUMING = 16, 8


class Call(TypedDict, total=False):
    """What the graph keeps of a call, a channel each."""

    call: str
    tool: str
    arguments: Json
    confidence: float
    state: str
    reason: str
    result: Json


Environ = Mapping[str, Any]
Start = Callable[[str, list[tuple[str, str]]], Any]


def make_saver() -> Any:
    """Return where graphs are kept, over a pool of connections."""
    pool = import_module("psycopg_pool").ConnectionPool(
        os.environ["BENCH_LANGGRAPH_DATABASE_URL"],
        min_size=1,
        max_size=CONNECTIONS,
        open=True,
        kwargs={
            "autocommit": True,
            "prepare_threshold": 0,
            "row_factory": import_module("psycopg.rows").dict_row,
        },
    )
    return import_module("langgraph.checkpoint.postgres").PostgresSaver(pool)


def make_graph(saver: Any, store: httpx.Client) -> Any:
    """Return the graph: decide, ask a person where it is unsure, carry out."""
    types, graphs = import_module("langgraph.types"), import_module("langgraph.graph")

    def decide(state: Call) -> Any:
        unsure = state["confidence"] < MIN_CONFIDENCE
        return types.Command(
            update={"state": "awaiting_approval" if unsure else "approved"},
            goto="approve" if unsure else "execute",
        )

    def approve(state: Call) -> dict[str, Json]:
        said = types.interrupt({"tool": state["tool"], "arguments": state["arguments"]})
        return {"state": "approved", "reason": said["reason"]}

    def execute(state: Call) -> dict[str, Json]:
        answer = store.post(
            f"{os.environ['BENCH_LANGGRAPH_STORE_URL']}/tools/{state['tool']}",
            json=state["arguments"],
            headers={"Idempotency-Key": state["call"]},
        )
        return {"state": "succeeded" if answer.is_success else "failed", "result": answer.json()}

    builder = graphs.StateGraph(Call)
    builder.add_node("decide", decide, destinations=("approve", "execute"))
    builder.add_node("approve", approve)
    builder.add_node("execute", execute)
    builder.add_edge(graphs.START, "decide")
    builder.add_edge("approve", "execute")
    return builder.compile(checkpointer=saver)


class Application:
    """The graph behind the paths of the hand-written project."""

    def __init__(self) -> None:
        self.graph = make_graph(make_saver(), httpx.Client(timeout=10))
        self.command = import_module("langgraph.types").Command
        self.resuming = ThreadPoolExecutor(RESUMING)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer one request."""
        parts = environ["PATH_INFO"].strip("/").split("/")
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        given = json.loads(body) if body else {}
        if parts[0] == "cases":
            found = self.propose(given)
        elif parts[0] == "calls":
            found = self.read(parts[1], waits="wait=" in environ.get("QUERY_STRING", ""))
        elif parts[0] == "approvals":
            found = self.approve(parts[1], given)
        else:
            found = {}
        answer = json.dumps(found).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
        start("200 OK", headers)
        return [answer]

    def propose(self, given: dict[str, Json]) -> dict[str, Json]:
        """Run a new graph until it asks for a person."""
        call = str(uuid.uuid4())
        self.graph.invoke({"call": call, **given}, _named(call), durability="sync")
        return self.read(call)

    def read(self, call: str, *, waits: bool = False) -> dict[str, Json]:
        """Return where a graph stands."""
        ends = time.monotonic() + LONGEST_WAIT_SECONDS
        while True:
            state = dict(self.graph.get_state(_named(call)).values)
            over = state["state"] in ("succeeded", "failed")
            if not waits or over or time.monotonic() >= ends:
                return {"id": call, "approval": call, **state}
            time.sleep(LOOK_SECONDS)

    def approve(self, call: str, given: dict[str, Json]) -> dict[str, Json]:
        """Resume a graph with a person's yes, after the answer."""
        resumed = self.command(resume=given)
        self.resuming.submit(self.graph.invoke, resumed, _named(call), durability="sync")
        return {"id": call, "state": "approved"}


def _named(call: str) -> dict[str, Json]:
    return {"configurable": {"thread_id": call}}


def application(environ: Environ, start: Start) -> Iterable[bytes]:
    """Answer one request, by an application that is made with the first."""
    if not _made:
        _made.append(Application())
    return _made[0](environ, start)


_made: list[Application] = []


if __name__ == "__main__":
    make_saver().setup()
