"""Plays every recorded retail task through the REST API and compares what became of it."""

import json
import sys
import uuid
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from cases.packs import services as packs
from cases.tools import selectors as tools
from cases.tools.adapters.retail.dataset import Task, load_database, load_tasks
from cases.tools.adapters.retail.types import DatasetShapeError
from governance.ledger import services as ledger
from orchestra.core import clock
from orchestra.core.waiting import wait_for
from orchestra.management import world
from orchestra.management.audit import Audit, audit_cases
from orchestra.management.client import CallFailedError, OrchestraClient
from orchestra.management.player import Played, TaskPlayer
from orchestra.management.processes import Processes, free_port
from orchestra.management.votes import approve_all, settle_need


class Command(BaseCommand):
    """``manage.py play_retail [FOLDER]``."""

    help = (
        "Plays the recorded retail tasks through the REST API as an AI agent, with supervisors' "
        "votes, and exits non-zero on any difference from the recording."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the task set and the form of the report."""
        parser.add_argument("folder", nargs="?", type=Path, help="another task set's folder")
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument("--tasks", default="", help="only these task ids, with commas")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play, compare, audit, report."""
        del args
        folder: Path | None = options["folder"]
        try:
            tasks, database = load_tasks(folder), load_database(folder)
        except DatasetShapeError as error:
            raise CommandError(str(error)) from error
        wanted = {task for task in options["tasks"].split(",") if task}
        tasks = tuple(task for task in tasks if not wanted or task.id in wanted)
        started = clock.now()
        call_command("migrate", verbosity=0)
        played = self._play(tasks, database, folder, quiet=options["json"])
        audit = audit_cases(item.case for item in played if item.case)
        verified = ledger.verify(now=clock.now())
        seconds = (clock.now() - started).total_seconds()
        report = _report(played, audit, verified, seconds)
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self._print(report)
        if report["differences"]:
            sys.exit(1)

    def _play(
        self, tasks: tuple[Task, ...], database: Any, folder: Path | None, *, quiet: bool
    ) -> list[Played]:
        run = uuid.uuid4().hex[:8]
        web, store = free_port(), free_port()
        base, store_url = f"http://127.0.0.1:{web}", f"http://127.0.0.1:{store}"
        var = Path(settings.VAR_DIR)
        played = []
        with Processes(log_dir=var / "logs") as processes:
            journal = var / f"play-{run}.journal"
            processes.start_store(store, journal, folder)
            token = self._prepare(store_url)
            processes.start_web(web)
            processes.start_worker()
            processes.start_scheduler(var / "beat" / f"play-{run}")
            processes.wait_until_answers(f"{store_url}/healthz")
            processes.wait_until_answers(f"{base}/healthz")
            client = OrchestraClient.open(base_url=base, token=token)
            self._let_earlier_work_end()
            for task in tasks:
                processes.check_alive()
                played.append(self._play_one(client, task, database, store_url, run))
                if not quiet:
                    self._print_row(played[-1])
        journal.unlink(missing_ok=True)
        return played

    @staticmethod
    def _let_earlier_work_end() -> None:
        """Let calls that an earlier run left ready run before the first store reset."""
        wait_for(tools.count_unsettled, until=lambda left: left == 0, seconds=25)

    @staticmethod
    def _prepare(store_url: str) -> str:
        now = clock.now()
        packs.load_builtin(
            actor=world.BUILDER, now=now, name="retail", overrides={"store.base_url": store_url}
        )
        people = world.ensure_people(now=now)
        agent = world.ensure_agent(now=now, owner=people["operator"])
        return world.fresh_token(now=now, agent=agent)

    @staticmethod
    def _play_one(
        client: OrchestraClient, task: Task, database: Any, store_url: str, run: str
    ) -> Played:
        httpx.post(f"{store_url}/reset", timeout=10).raise_for_status()
        player = TaskPlayer(
            client=client,
            task=task,
            database=database,
            external_ref=f"play-{run}-{task.id}",
            ask=approve_all,
            settle=settle_need,
        )
        try:
            player.play()
        except CallFailedError as error:
            player.played.differences.append(str(error))
        played = player.played
        played.state_hash = httpx.get(f"{store_url}/state", timeout=10).json()["hash"]
        if played.state_hash != task.hash_after:
            played.differences.append("the store's state is not the recorded one")
        return played

    def _print_row(self, played: Played) -> None:
        verdict = "differs" if played.differences else "as recorded"
        self.stdout.write(
            f"{played.task:>4}  {played.label:<8} {played.calls:>2} calls "
            f"{played.writes:>2} writes {played.approvals:>2} approved "
            f"{played.refusals:>2} refused "
            f"{played.seconds:6.1f} s  {verdict}"
        )
        for line in (*played.differences, *played.notes):
            self.stdout.write(f"        {line}")

    def _print(self, report: dict[str, Any]) -> None:
        self.stdout.write("")
        for name in (
            "tasks", "as_recorded", "calls", "writes", "approvals", "refusals",
            "executed", "decisions_replayed", "ledger_size", "ledger_ok", "seconds",
        ):  # fmt: skip
            self.stdout.write(f"{name.replace('_', ' '):<20} {report[name]}")
        for line in report["differences"]:
            self.stdout.write(self.style.ERROR(line))


def _report(
    played: list[Played], audit: Audit, verified: ledger.VerifyReport, seconds: float
) -> dict[str, Any]:
    differences = [f"task {item.task}: {line}" for item in played for line in item.differences]
    differences += [*audit.missing, *audit.disagreeing]
    differences += [f"ledger: {problem.message}" for problem in verified.problems]
    return {
        "tasks": len(played),
        "as_recorded": sum(not item.differences for item in played),
        "calls": sum(item.calls for item in played),
        "writes": sum(item.writes for item in played),
        "approvals": sum(item.approvals for item in played),
        "refusals": sum(item.refusals for item in played),
        "executed": audit.executed,
        "decisions_replayed": audit.decisions,
        "ledger_size": verified.size,
        "ledger_ok": verified.ok,
        "seconds": round(seconds, 1),
        "differences": differences,
        "by_task": [asdict(item) for item in played],
    }
