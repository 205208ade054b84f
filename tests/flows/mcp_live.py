"""A live installation and the official client of the protocol, for tests over real HTTP."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx
import httpx2
from mcp import Client
from mcp.client.extension import ClaimContext, ClientExtension, ResultClaim
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, Request, RequestParams, Result

from orchestra.management.processes import Processes, free_port
from orchestra.management.world import PASSWORD
from orchestra.mcp.protocol import TASKS
from tests.flows.test_bad_input_live import BROWSER, CSRF, manage

#: Sooner than a server would ask for, since nobody thinks here before they decide.
POLL_SECONDS = 0.05
SET_UP = """
import json, os
from pathlib import Path
from django.test import Client
from cases.packs import services as packs
from governance.access import services as access
from governance.access.models import Queue
from orchestra.core import clock
from orchestra.management import world
now, var = clock.now(), Path(os.environ["ORCHESTRA_VAR"])
packs.load_builtin(
    actor=world.BUILDER, now=now, name="retail",
    overrides={"store.kind": "simulated", "store.journal": str(var / "store.journal")},
)
people = world.ensure_people(now=now)
client = Client()
client.force_login(people["supervisor"], "django.contrib.auth.backends.ModelBackend")
other = access.create_agent(
    actor=world.BUILDER, now=now, name="Second bot", owner=people["operator"],
    queues=list(Queue.objects.all()), reason="tried",
)
agent = world.ensure_agent(now=now, owner=people["operator"])
print(json.dumps({
    "agent": world.fresh_token(now=now, agent=agent),
    "other": world.fresh_token(now=now, agent=other),
    "supervisor": client.cookies["sessionid"].value,
}))
"""


class TaskMade(Result):
    """What a call answers that goes on as a task."""

    result_type: Literal["task"] = "task"
    task_id: str
    status: str
    poll_interval_ms: int | None = None


class TaskParams(RequestParams):
    task_id: str


class GetTask(Request[TaskParams, Literal["tasks/get"]]):
    method: Literal["tasks/get"] = "tasks/get"
    params: TaskParams
    name_param = "taskId"


class CancelTask(Request[TaskParams, Literal["tasks/cancel"]]):
    method: Literal["tasks/cancel"] = "tasks/cancel"
    params: TaskParams
    name_param = "taskId"


class TaskNow(Result):
    """A task as it stands."""

    task_id: str
    status: str
    result: dict[str, Any] | None = None


class TaskEnded(Exception):  # noqa: N818  no error: the end of a wait without a result
    """The task was cancelled."""


class Tasks(ClientExtension):
    """The tasks extension as a client has it: it polls until the end.

    Attributes:
        seen: Ids of the tasks that were waited for.
        meanwhile: What happens between two polls.
    """

    identifier = TASKS

    def __init__(self, meanwhile: Callable[[TaskMade], Awaitable[None]]) -> None:
        self.seen: list[str] = []
        self.meanwhile = meanwhile

    def claims(self) -> list[ResultClaim[Any]]:
        return [ResultClaim(result_type="task", model=TaskMade, resolve=self.resolve)]

    async def resolve(self, made: TaskMade, context: ClaimContext) -> CallToolResult:
        self.seen.append(made.task_id)
        while True:
            params = TaskParams(task_id=made.task_id)
            now = await context.session.send_request(GetTask(params=params), TaskNow)
            if now.status == "cancelled":
                raise TaskEnded
            if now.status == "completed":
                return CallToolResult.model_validate(now.result, by_name=False)
            await self.meanwhile(made)
            await asyncio.sleep(POLL_SECONDS)


@dataclass
class Live:
    """A live installation.

    Attributes:
        tokens: Of two agents that work the same queues.
        supervisor: A signed-in client of REST that proved itself just now.
    """

    base: str
    tokens: dict[str, str]
    supervisor: httpx.Client

    @contextmanager
    def plain(self, who: str = "agent") -> Iterator[httpx.Client]:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        with httpx.Client(base_url=self.base, timeout=30, headers=headers) as client:
            yield client

    def run(
        self,
        act: Callable[[Client], Awaitable[None]],
        *,
        who: str = "agent",
        token: str = "",
        mode: str = "auto",
        extensions: list[ClientExtension] | None = None,
    ) -> None:
        """Let the official client do something."""

        async def acting() -> None:
            headers = {"Authorization": f"Bearer {token or self.tokens[who]}"}
            async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
                transport = streamable_http_client(f"{self.base}/mcp", http_client=http)
                async with Client(transport, mode=mode, extensions=extensions) as client:
                    await act(client)

        asyncio.run(acting())

    def vote(self, approval_id: str, choice: str) -> None:
        """Let the supervisor decide, over REST."""
        address = f"/api/v1/approvals/{approval_id}/"
        shown = self.supervisor.get(address).json()
        ballot = {
            "vote": choice,
            "digest": shown["digest"],
            "view_digest": shown["view_digest"],
            "reason": "Not delivered.",
            **({"reason_code": "other"} if choice == "reject" else {}),
        }
        key = {"Idempotency-Key": f"{approval_id}-{choice}"}
        answer = self.supervisor.post(f"{address}vote/", json=ballot, headers=key)
        assert answer.status_code == 200, answer.text

    def waiting(self) -> list[str]:
        """Return the ids of the approvals that wait."""
        return [one["id"] for one in self.supervisor.get("/api/v1/approvals/").json()["results"]]


@contextmanager
def live(var: Path) -> Iterator[Live]:
    """Serve an installation of its own, with a worker, from a folder."""
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "orchestra.settings.local",
        "ORCHESTRA_VAR": str(var),
        "DATABASE_URL": f"sqlite:///{var / 'orchestra.sqlite3'}",
        "REDIS_URL": "embedded://",
    }
    manage(env, "migrate", "-v0")
    made = json.loads(manage(env, "shell", "-v0", "-c", SET_UP).splitlines()[-1])
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with Processes(log_dir=var / "logs", env=env) as processes:
        processes.start_web(port)
        processes.wait_until_answers(f"{base}/healthz")
        processes.start_worker()
        cookies = {"sessionid": made.pop("supervisor"), "csrftoken": CSRF}
        with httpx.Client(base_url=base, timeout=30, headers=BROWSER, cookies=cookies) as person:
            proved = person.post("/api/v1/step-up/", json={"password": PASSWORD})
            assert proved.status_code == 200, proved.text
            yield Live(base=base, tokens=made, supervisor=person)
