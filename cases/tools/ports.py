"""What every way of reaching a system of record looks like."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cases.tools.types import AdapterAnswer, AdapterRequest, Json


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A connection as an adapter sees it.

    Attributes:
        key: Key of the connection; failures are counted under it.
        base_url: Where it is, for kinds that have an address.
        settings: Its settings; secrets by reference only.
    """

    key: str
    base_url: str = ""
    settings: Mapping[str, Json] = field(default_factory=dict)


class ToolAdapter(Protocol):
    """One way of calling out; never called inside a transaction."""

    def call(self, endpoint: Endpoint, request: AdapterRequest) -> AdapterAnswer:
        """Ask the system of record to do one thing.

        Returns:
            What it did, or its business refusal (``ok`` false).

        Raises:
            UpstreamError: It did not answer; says whether a repeat is safe and whether the
                effect may have happened.
        """
        ...

    def lookup(self, endpoint: Endpoint, request: AdapterRequest) -> AdapterAnswer | None:
        """Return the first answer given under the request's key, None if there was none.

        Raises:
            UpstreamError: It did not answer, or cannot be asked.
        """
        ...
