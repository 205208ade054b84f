"""The room alone: nothing that apps above registered for tools and publishing."""

import pytest

from governance.policies import registry


@pytest.fixture(autouse=True)
def _nothing_above(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry.tool_names, "_items", {})
    monkeypatch.setattr(registry.published, "_items", {})
