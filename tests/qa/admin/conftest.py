"""A browser without a window, signed in with a role."""

from collections.abc import Callable

import pytest
from django.test import Client

from governance.access.types import Role
from tests.factories.access import make_person

Browser = Callable[[Role], Client]


@pytest.fixture
def browser(db: None) -> Browser:
    """Return a function that signs somebody with a role in."""
    del db

    def sign_in(role: Role) -> Client:
        client = Client()
        client.force_login(
            make_person(roles=[role]), backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    return sign_in
