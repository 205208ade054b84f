"""A pack's world in one process: the pack, its people, an agent with a token, a client."""

import json
import shutil
import uuid
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from cases.packs import services as packs
from cases.tools.adapters import simulated
from cases.tools.adapters.provider.store import ProviderStore
from cases.tools.adapters.retail.journal import JournaledStore
from cases.tools.adapters.retail.store import RetailStore
from cases.tools.services import execute_due
from governance.access.models import User
from orchestra.core import clock
from orchestra.management import world
from tests.kept import SHARED, kept


@dataclass
class Api:
    """The REST API as an agent's developer sees it, without a network."""

    client: Client
    token: str

    def get(self, path: str, **params: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", params, headers=self._headers())

    def post(self, path: str, body: Any = None, *, key: str | None = None, raw: bytes = b"") -> Any:
        return self.client.post(
            f"/api/v1/{path}",
            raw or json.dumps({} if body is None else body),
            content_type="application/json",
            headers={**self._headers(), "Idempotency-Key": key or str(uuid.uuid4())},
        )

    def form(self, path: str, body: dict[str, Any], *, key: str) -> Any:
        headers = {**self._headers(), "Idempotency-Key": key}
        return self.client.post(f"/api/v1/{path}", body, headers=headers)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


@dataclass
class World:
    """A pack's world.

    Attributes:
        people: The demonstration's logins.
        store: The system of record behind the simulated connection.
    """

    people: dict[str, User]
    api: Api
    store: JournaledStore

    def work(self) -> None:
        """Do what a worker would do now."""
        while execute_due(now=clock.now(), batch=50):
            pass


@dataclass
class Made:
    """What making the retail world gives: its people, an agent's token, the store's journal."""

    people: dict[str, User]
    token: str
    journal: Path


def make_retail(folder: Path) -> Made:
    """Load the retail pack and its people; the store's journal lies in a folder."""
    return make_world(folder, pack="retail", connection="store")


def make_provider(folder: Path) -> Made:
    """Load the provider's pack and its people; the provider's journal lies in a folder."""
    return make_world(folder, pack="provider", connection="provider")


def make_world(folder: Path, *, pack: str, connection: str) -> Made:
    """Load a pack and its people into the database; the journal lies in a folder."""
    now = clock.now()
    journal = folder / "store" / "journal"
    journal.parent.mkdir()
    packs.load_builtin(
        actor=world.BUILDER,
        now=now,
        name=pack,
        overrides={f"{connection}.kind": "simulated", f"{connection}.journal": str(journal)},
    )
    people = world.ensure_people(now=now)
    agent = world.ensure_agent(now=now, owner=people["operator"])
    return Made(dict(people), world.fresh_token(now=now, agent=agent), journal)


SHARED["retail"] = make_retail
SHARED["provider"] = make_provider


@pytest.fixture
def retail(db: None, tmp_path: Path) -> Iterator[World]:
    """The retail world as the pack has it, whatever the test before did."""
    del db
    yield from _as_made("retail", tmp_path, RetailStore)


@pytest.fixture
def provider(db: None, tmp_path: Path) -> Iterator[World]:
    """The provider's world as the pack has it, whatever the test before did."""
    del db
    yield from _as_made("provider", tmp_path, ProviderStore)


def _as_made(name: str, folder: Path, system: type[RetailStore]) -> Iterator[World]:
    made: Made = kept.value if kept.name == name else SHARED[name](folder)
    store = JournaledStore(made.journal, fsync=False, system=system)
    yield World(people=deepcopy(made.people), api=Api(Client(), made.token), store=store)
    store.close()
    simulated.forget_stores()
    shutil.rmtree(made.journal.parent)
    made.journal.parent.mkdir()
