"""The rooms of governance alone, with tools whose risk is known."""

import pytest

from governance.policies import registry
from tests.factories.reviews import People, know_tools, make_people


@pytest.fixture(autouse=True)
def _nothing_above(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry.tool_names, "_items", {})
    monkeypatch.setattr(registry.published, "_items", {})
    monkeypatch.setattr(registry.tool_risks, "_items", {})
    know_tools()


@pytest.fixture
def people(db: None) -> People:
    del db
    return make_people()
