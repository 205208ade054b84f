"""The identity provider, running and configured."""

from collections.abc import Iterator
from typing import Any

import pytest

from orchestra.settings.identity import provider_settings
from tests.factories.issuer import CLIENT_ID, CLIENT_SECRET, Issuer, running_issuer


@pytest.fixture
def issuer(settings: Any) -> Iterator[Issuer]:
    with running_issuer() as running:
        settings.SOCIALACCOUNT_PROVIDERS = provider_settings(
            issuer=running.url, client_id=CLIENT_ID, secret=CLIENT_SECRET, name="Centre ID"
        )
        settings.ORCHESTRA = {**settings.ORCHESTRA, "IDENTITY_ORIGINS": (running.url,)}
        yield running
