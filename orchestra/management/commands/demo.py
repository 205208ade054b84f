"""Runs the demonstration: loads the world, serves it, and lets an AI agent work in it."""

import math
import signal
import time
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from cases.packs import services as packs
from cases.tools.adapters.retail.dataset import load_database, load_tasks
from governance.access.models import User
from governance.liveness.selectors import find_silence
from orchestra.core import clock
from orchestra.core.errors import OrchestraError
from orchestra.management import past, world
from orchestra.management.client import CallFailedError, OrchestraClient
from orchestra.management.fresh import make_tables
from orchestra.management.live import LiveAgent
from orchestra.management.nine import NineCustomers
from orchestra.management.processes import (
    HIGHEST_PORT,
    Processes,
    free_port,
    is_port_free,
    only_one,
)
from orchestra.management.proposal import propose_change
from orchestra.management.votes import approve_as, approve_oldest, count_waiting
from qa.builtin.services import load_shipped
from qa.measurement.selectors import position
from qa.tasks import compute_metrics

TICK_SECONDS = 0.2
COLLEAGUES = ("colleague", "relief")
#: How often to see whether enough was decided for the policy owner's change request.
PROPOSE_SECONDS = 5.0
#: How long to wait for the port: a run that was killed takes its processes along meanwhile.
PORT_SECONDS = 10.0


class Stopped(Exception):  # noqa: N818  not an error: the person asked to stop
    """The person pressed Ctrl-C, or the process was asked to end."""


def _stop(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise Stopped


def _check_port(port: int) -> None:
    """Refuse a port that another program listens on, once what ran here before is gone.

    Raises:
        CommandError: The port stays in use.
    """
    ends = time.monotonic() + PORT_SECONDS
    while not is_port_free(port):
        if time.monotonic() > ends:
            raise CommandError(
                f"Port {port} is in use by another program. Choose another one, such as"
                f" 'make demo PORT={port + 1 if port < HIGHEST_PORT else port - 1}'."
            )
        time.sleep(TICK_SECONDS)


class Command(BaseCommand):
    """``manage.py demo``."""

    _propose_at = 0.0
    _is_measured = False
    _listen_at = 0.0
    _worker_since = 0.0
    help = "Serves a demonstration on this machine until Ctrl-C; run it again on the same data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the port."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--quiet-agent", action="store_true", help="the AI agent does nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, serve, work, stop."""
        del args
        if not settings.ORCHESTRA["ALLOW_TEST_STEP_UP"]:
            raise CommandError("The demonstration does not run with production's settings.")
        port = options["port"]
        if not 0 < port <= HIGHEST_PORT:
            raise CommandError(f"{port} is no port; take one from 1 to {HIGHEST_PORT}.")
        signal.signal(signal.SIGTERM, _stop)
        signal.signal(signal.SIGINT, _stop)
        try:
            with only_one(Path(settings.VAR_DIR) / "demo.lock") as alone:
                if not alone:
                    raise CommandError(
                        "The demonstration already runs on this data; stop it first."
                    )
                _check_port(port)
                self._run(port=port, works=not options["quiet_agent"])
        except Stopped:
            self.stdout.write("Stopped. Run it again to go on with the same data.")

    def _run(self, *, port: int, works: bool) -> None:
        var = Path(settings.VAR_DIR)
        store_port, provider_port = free_port(), free_port()
        store_url, base = f"http://127.0.0.1:{store_port}", f"http://127.0.0.1:{port}"
        self.stdout.write("Preparing the demonstration …")
        env = {"ORCHESTRA_PUBLIC_URL": base}
        with Processes(log_dir=var / "logs", env=env) as processes:
            make_tables(connection)
            call_command("migrate", verbosity=0)
            processes.start_store(store_port, var / "retail.journal")
            agent = self._prepare(processes, port, store_url, var, works=works)
            processes.wait_until_answers(f"{base}/healthz")
            # The pages come first: on two cores the worker would only make them late.
            processes.start_worker()
            self._worker_since = time.monotonic()
            processes.start_scheduler(var / "beat" / "schedule")
            self._greet(base)
            # After the pages answer: the second pack must not make anybody wait for the first.
            processes.start_store(provider_port, var / "provider.journal", system="provider")
            nine = self._add_nine(agent.client, f"http://127.0.0.1:{provider_port}", var)
            while True:
                processes.check_alive()
                self._listen(processes)
                if works:
                    self._tick(agent)
                    self._tick(nine)
                    self._propose()
                    self._measure()
                time.sleep(TICK_SECONDS)

    def _listen(self, processes: Processes) -> None:
        """Start the worker anew where it lives and takes no work."""
        deaf = settings.ORCHESTRA["DEAF_SECONDS"]
        if time.monotonic() < self._listen_at:
            return
        self._listen_at = time.monotonic() + TICK_SECONDS * 10
        if find_silence(clock.now()) is not None and self._heard_until(deaf):
            self.stderr.write("The worker took no work for a while; it is started again.")
            processes.restart_worker()

    def _heard_until(self, deaf: float) -> bool:
        """Return whether the worker was up long enough to be judged; then begin anew."""
        if time.monotonic() - self._worker_since <= deaf:
            return False
        self._worker_since = time.monotonic()
        return True

    @staticmethod
    def _add_nine(client: OrchestraClient, provider_url: str, var: Path) -> NineCustomers:
        """Load the provider's pack beside the store's, and let its customers come."""
        now = clock.now()
        packs.load_builtin(
            actor=world.BUILDER,
            now=now,
            name="provider",
            overrides={"provider.base_url": provider_url},
        )
        people = world.ensure_people(now=now)
        agent = world.ensure_agent(now=now, owner=people["operator"])
        world.open_queues(now=now, people=people, agent=agent)
        return NineCustomers(client=client, people=people, memory=var / "demo-nine.json")

    def _tick(self, agent: LiveAgent | NineCustomers) -> None:
        try:
            agent.tick()
        except (httpx.HTTPError, OrchestraError, CallFailedError) as error:
            self.stderr.write(f"The demonstration's agent met a problem and goes on: {error}")

    def _propose(self) -> None:
        """Let the policy owner propose a change once the agent's work gives it a history."""
        if time.monotonic() < self._propose_at:
            return
        owner = User.objects.get(username=world.POLICY_OWNER)
        is_done = propose_change(author=owner, now=clock.now())
        self._propose_at = math.inf if is_done else time.monotonic() + PROPOSE_SECONDS

    def _measure(self) -> None:
        """Have the outcomes of the past computed once it is read, before the schedule asks."""
        if not self._is_measured and (read := position()) is not None and read.next_index:
            compute_metrics.delay()
            self._is_measured = True

    @staticmethod
    def _prepare(
        processes: Processes, port: int, store_url: str, var: Path, *, works: bool
    ) -> LiveAgent:
        now = clock.now()
        if works:
            past.play(now=now)
        packs.load_builtin(
            actor=world.BUILDER, now=now, name="retail", overrides={"store.base_url": store_url}
        )
        load_shipped(actor=world.BUILDER, now=now)
        people = world.ensure_people(now=now)
        agent = world.ensure_agent(now=now, owner=people["operator"])
        world.open_queues(now=now, people=people, agent=agent)
        # Whoever finds the pages can sign in: not before there are people and work.
        processes.start_web(port)
        token = world.fresh_token(now=now, agent=agent)
        processes.wait_until_answers(f"{store_url}/healthz")
        return LiveAgent(
            client=OrchestraClient.open(base_url=f"http://127.0.0.1:{port}", token=token),
            tasks=load_tasks(),
            database=load_database(),
            memory=var / "demo.json",
            vote=lambda call: approve_as(people["colleague"], call),
            count_waiting=count_waiting,
            # Where two must approve, the first of them may not be the second.
            take_oldest=lambda: any(approve_oldest(people[name]) for name in COLLEAGUES),
            store_url=store_url,
        )

    def _greet(self, base: str) -> None:
        self.stdout.write(f"\n  Orchestra is at {self.style.SUCCESS(base + '/')}\n\n")
        self.stdout.write(f"  Sign in with the password {world.PASSWORD!r} as\n")
        for person in world.PEOPLE:
            name = f"{person.first_name} {person.last_name}"
            self.stdout.write(
                f"    {person.username:<12} {name:<16} {person.role.replace('_', ' ')}"
            )
        self.stdout.write(
            "\n  An AI agent opens a case every few seconds; what it may not do alone waits for"
            "\n  the supervisor under Approvals. Ctrl-C stops everything.\n"
        )
