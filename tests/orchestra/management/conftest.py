"""The retail world, for what the demonstration does in it."""

from tests.flows.conftest import retail  # noqa: F401  the fixture is used by name
