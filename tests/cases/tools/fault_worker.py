"""Processes that meet a fault: one that holds no connection forks one for each act.

``python -m tests.cases.tools.fault_worker`` reads an order as one line of JSON, forks a process
that does it and meets the fault, and writes how that process ended.
"""

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import django

django.setup()

import psycopg  # noqa: E402  needs loaded apps
from celery import current_app  # noqa: E402  needs loaded apps
from django.db import connection  # noqa: E402  needs loaded apps
from kombu import pools  # noqa: E402  needs loaded apps

from cases.memory.models import Case  # noqa: E402  needs loaded apps
from cases.tools.models import ToolCall  # noqa: E402  needs loaded apps
from cases.tools.selectors import get_tool  # noqa: E402  needs loaded apps
from cases.tools.services import Proposal, execute_call, propose, sweep  # noqa: E402
from governance.access.models import AgentIdentity, User  # noqa: E402  needs loaded apps
from governance.access.selectors import authority_of  # noqa: E402  needs loaded apps
from governance.access.types import StepUpProof  # noqa: E402  needs loaded apps
from governance.approvals.models import ApprovalRequest  # noqa: E402  needs loaded apps
from governance.approvals.services import cast_vote  # noqa: E402  needs loaded apps
from governance.approvals.types import Ballot, VoteChoice  # noqa: E402  needs loaded apps
from orchestra.core import clock, crash  # noqa: E402  needs loaded apps

HOUR = timedelta(hours=1)
Order = dict[str, Any]


class Worker:
    """One act of one process, with the fault that it meets."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.offset = timedelta(0)
        self.threads: list[threading.Thread] = []

    def now(self) -> datetime:
        """The time of this process."""
        return clock.now() + self.offset

    def run(self) -> None:
        """Plant the fault and act."""
        if self.order["fault"]:
            crash.plant(self.order["point"], self._faults()[self.order["fault"]])
        self.act()
        for thread in self.threads:
            thread.join()

    def act(self) -> None:
        """Do what was ordered, once."""
        {
            "propose": self._propose,
            "work": self._work,
            "vote": self._vote,
            "sweep": lambda: self._sweep(self.now()),
        }[self.order["act"]]()

    def _faults(self) -> dict[str, Callable[[], None]]:
        return {
            "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
            "exception": self._raise,
            "database": self._cut_database,
            "broker": self._lose_broker,
            "duplicate": lambda: self._beside(self.act),
            "reordering": lambda: self._beside(self._work_on_other),
            "delay": lambda: self._beside(lambda: self._sweep(self.now() + HOUR)),
            "clock": self._shift_clock,
        }

    def _raise(self) -> None:
        raise RuntimeError("a fault was planted here")

    def _cut_database(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])

    def _lose_broker(self) -> None:
        current_app.conf.broker_url = "redis://127.0.0.1:1/0"
        current_app.conf.broker_transport_options = {"max_retries": 0}
        # What this process connected to before is gone with the broker.
        pools.reset()
        current_app._pool = None
        current_app.amqp._producer_pool = None

    def _shift_clock(self) -> None:
        self.offset = HOUR if self.order["seed"] % 2 else -HOUR

    def _beside(self, act: Callable[[], object]) -> None:
        """Let another delivery run beside this one; before it goes on, where no lock is held."""

        def quietly() -> None:
            try:
                act()
            except Exception as error:  # noqa: BLE001  as a worker that logs it
                sys.stderr.write(f"beside: {type(error).__name__}: {error}\n")
            finally:
                connection.close()

        thread = threading.Thread(target=quietly)
        thread.start()
        self.threads.append(thread)
        if not connection.in_atomic_block:
            thread.join()
        else:
            # It cannot end before this act lets go of its lock, but where it asks for none.
            thread.join(0.02)

    def _propose(self) -> None:
        case = Case.objects.select_related("queue", "customer").get(pk=self.order["case"])
        propose(
            authority=authority_of(AgentIdentity.objects.get(pk=self.order["agent"]).as_actor()),
            now=self.now(),
            proposal=Proposal(
                case=case,
                tool=get_tool(name=self.order["tool"]),
                arguments={"order_id": self.order["order"]},
                confidence=0.9,
                margin=0.5,
            ),
        )

    def _work(self) -> None:
        for pk in self._calls(self.order["order"]):
            execute_call(call_id=pk, read_clock=self.now)

    def _work_on_other(self) -> None:
        for pk in self._calls(self.order["other"]):
            execute_call(call_id=pk, read_clock=self.now)

    def _calls(self, order: str) -> list[int]:
        rows = ToolCall.objects.filter(case_id=self.order["case"], arguments__order_id=order)
        return list(rows.values_list("pk", flat=True))

    def _vote(self) -> None:
        [pk] = self._calls(self.order["order"])
        approval = ToolCall.objects.get(pk=pk).approval_id_text
        request = ApprovalRequest.objects.get(public_id=approval)
        cast_vote(
            actor=User.objects.get(pk=self.order["voter"]).as_actor(),
            now=self.now(),
            request_id=request.public_id,
            ballot=Ballot(
                choice=VoteChoice.APPROVE,
                action_digest=request.action_digest,
                view_digest=request.view_digest,
                reason="seen",
                proof=StepUpProof(at=self.now(), method="test"),
            ),
        )

    def _sweep(self, now: datetime) -> None:
        sweep(now=now, read_clock=lambda: now)


def _child(order: Order) -> int:
    try:
        Worker(order).run()
    except Exception:  # noqa: BLE001  as a worker that logs it and goes on
        sys.stderr.write(f"{order['point']} {order['fault']}: {traceback.format_exc()}\n")
        return 1
    return 0


def main() -> None:
    """Fork a process for each order, until there are none."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            code = _child(json.loads(line))
            sys.stderr.flush()
            os._exit(code)
        _pid, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
