"""The retail world, and a browser without a window for each of its people."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.flows.conftest import World, retail  # noqa: F401  the fixture is used by name

Browser = Callable[[str], Client]


@pytest.fixture
def browser(retail: World) -> Browser:  # noqa: F811  pytest names fixtures so
    """Return a function that signs a person in by login."""

    def sign_in(login: str) -> Client:
        client = Client()
        client.force_login(
            retail.people[login], backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    return sign_in
