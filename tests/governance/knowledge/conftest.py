"""Who reads articles, and cases as what they are read for."""

from collections.abc import Collection

import pytest

from governance.access.types import Authority, Role
from governance.knowledge import registry
from governance.knowledge.registry import UseSubject
from governance.knowledge.types import Seen, SeenSubject
from tests.factories.access import agent_authority, person_authority

CASE = "0190a000-0000-7000-8000-000000000001"
HIDDEN = "0190a000-0000-7000-8000-000000000002"


def see_cases(authority: Authority, ids: Collection[str]) -> Seen:
    """One case that everybody sees, and one that nobody but a supervisor does."""
    shown = {CASE: "C-1", **({HIDDEN: "C-2"} if Role.SUPERVISOR in authority.roles else {})}
    return {one: SeenSubject(shown[one], f"case:{one}", "case", one) for one in ids if one in shown}


@pytest.fixture(autouse=True)
def _cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry.subjects, "_items", {"case": UseSubject("case", see_cases)})


@pytest.fixture
def ai() -> Authority:
    return agent_authority()


@pytest.fixture
def person() -> Authority:
    return person_authority(Role.HUMAN_AGENT)
