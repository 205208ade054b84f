"""The private networks that this installation may connect to."""

import os

from django.core.exceptions import ImproperlyConfigured

from orchestra.core.reachable import read_networks

NAME = "ORCHESTRA_PRIVATE_NETWORKS"


def private_networks(*usual: str) -> tuple[str, ...]:
    """Return the networks that the environment names, as CIDRs with commas.

    Args:
        usual: What holds where nothing is named.

    Raises:
        ImproperlyConfigured: One of them cannot be read.
    """
    named = os.environ.get(NAME)
    if named is None:
        return usual
    texts = tuple(text.strip() for text in named.split(",") if text.strip())
    try:
        read_networks(texts)
    except ValueError as error:
        raise ImproperlyConfigured(f"{NAME}: {error}") from error
    return texts
