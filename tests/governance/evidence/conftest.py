"""An officer, a control with a gap, and a folder of its own for every test's files."""

from pathlib import Path
from typing import Any

import pytest

from governance.access.types import Role
from governance.evidence import registry
from orchestra.core.actors import Actor
from tests.factories.access import make_person
from tests.factories.evidence import UNOPENED, FakeControl


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.EVIDENCE_DIR = tmp_path / "exports"


@pytest.fixture
def officer() -> Actor:
    return make_person("ilse", roles=[Role.COMPLIANCE_OFFICER]).as_actor()


@pytest.fixture
def supervisor() -> Actor:
    return make_person("nadia", roles=[Role.SUPERVISOR]).as_actor()


@pytest.fixture
def control(monkeypatch: pytest.MonkeyPatch) -> FakeControl:
    one = FakeControl(lines=(*FakeControl().lines, UNOPENED))
    monkeypatch.setattr(registry.controls, "_items", {one.code: one})
    return one
