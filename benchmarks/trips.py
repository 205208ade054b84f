"""One action from proposal to outcome over HTTP, as a client of each subject makes it.

The four steps are the same for every subject: an agent proposes, a second person reads what
waits and approves it, and the agent reads the outcome once the worker has carried it out.
"""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, Self

import httpx

Json = Any
TOOL = "modify_pending_order_address"
#: Below the product's threshold, and below the hand-written one: a person decides.
CONFIDENCE = 0.5
WAIT_SECONDS = 25
STEPS = ("propose", "review", "vote", "outcome")


@dataclass(frozen=True, slots=True)
class Item:
    """One action to make; prepared before the clock starts.

    Attributes:
        arguments: Of the tool.
        email: Of the order's owner.
        token: Of the agent that proposes it; empty until it is prepared, as the next two.
        case: Id of the case it belongs to.
        evidence: Ids of the listed details and of the customer's yes.
    """

    arguments: Mapping[str, str]
    email: str
    customer: str
    token: str = ""
    case: str = ""
    evidence: tuple[str, ...] = ()

    def as_value(self) -> dict[str, Json]:
        """Return the item as JSON holds it."""
        return asdict(self)

    @classmethod
    def read(cls, value: Mapping[str, Json]) -> Self:
        """Return the item that JSON holds."""
        return cls(**{**value, "evidence": tuple(value["evidence"])})


@dataclass(frozen=True, slots=True)
class Session:
    """The cookies of the person who approves."""

    key: str
    csrf: str

    @property
    def headers(self) -> dict[str, str]:
        """Headers of the person's requests."""
        cookies = f"sessionid={self.key}; csrftoken={self.csrf}"
        return {"Cookie": cookies, "X-CSRFToken": self.csrf}


class Trip(Protocol):
    """The four steps, in order."""

    def propose(self, item: Item) -> None:
        """Propose the action."""

    def review(self) -> None:
        """Read what waits for approval."""

    def vote(self) -> None:
        """Approve it."""

    def outcome(self) -> None:
        """Return once the action has succeeded."""

    @property
    def call_id(self) -> str:
        """Id of the proposed call."""


def _post(client: httpx.Client, path: str, body: Mapping[str, Json]) -> dict[str, Json]:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    return _value(client.post(path, json=body, headers=key))


def _get(client: httpx.Client, path: str) -> dict[str, Json]:
    return _value(client.get(path))


def _value(response: httpx.Response) -> dict[str, Json]:
    if not response.is_success:
        request = response.request
        raise RuntimeError(
            f"{request.method} {request.url.path}: {response.status_code} {response.text[:500]}"
        )
    return dict(response.json())


def _check(found: Mapping[str, Json], state: str) -> None:
    if found["state"] != state:
        raise RuntimeError(f"expected {state}, found {found}")


@dataclass(slots=True)
class GovernedTrip:
    """Through Orchestra's public API."""

    agent: httpx.Client
    person: httpx.Client
    _call: dict[str, Json] = field(default_factory=dict)
    _shown: dict[str, Json] = field(default_factory=dict)

    @classmethod
    def open(
        cls, *, base_url: str, session: Session, transport: httpx.BaseTransport | None = None
    ) -> Self:
        """Return a trip with connections of its own."""
        url = f"{base_url}/api/v1/"
        return cls(
            agent=_client(url, {}, transport),
            person=_client(url, session.headers, transport),
        )

    def propose(self, item: Item) -> None:
        """Propose the action."""
        self.agent.headers["Authorization"] = f"Bearer {item.token}"
        body = {
            "tool": TOOL,
            "arguments": item.arguments,
            "confidence": CONFIDENCE,
            "margin": 0.9,
            "evidence": item.evidence,
            "rationale": "The customer asked for it and said yes to the listed details.",
            "customer_paragraph": "Your order will go to the new address.",
        }
        self._call = _post(self.agent, f"cases/{item.case}/tool-calls/", body)
        _check(self._call, "awaiting_approval")

    def review(self) -> None:
        """Read what a voter is shown, with its digests."""
        self._shown = _get(self.person, f"approvals/{self._call['approval']['id']}/")

    def vote(self) -> None:
        """Approve exactly what was shown."""
        body = {
            "vote": "approve",
            "digest": self._shown["digest"],
            "view_digest": self._shown["view_digest"],
            "reason": "The customer said yes.",
        }
        found = _post(self.person, f"approvals/{self._shown['id']}/vote/", body)
        _check(found, "granted")

    def outcome(self) -> None:
        """Return once the action has succeeded."""
        found = _get(self.agent, f"tool-calls/{self.call_id}/?wait={WAIT_SECONDS}")
        _check(found, "succeeded")

    @property
    def call_id(self) -> str:
        """Id of the proposed call."""
        return str(self._call["id"])


@dataclass(slots=True)
class PlainTrip:
    """Through the hand-written project of ``benchmarks/plain``."""

    agent: httpx.Client
    person: httpx.Client
    _call: dict[str, Json] = field(default_factory=dict)

    @classmethod
    def open(
        cls, *, base_url: str, session: Session, transport: httpx.BaseTransport | None = None
    ) -> Self:
        """Return a trip with connections of its own."""
        return cls(
            agent=_client(f"{base_url}/", {}, transport),
            person=_client(f"{base_url}/", session.headers, transport),
        )

    def propose(self, item: Item) -> None:
        """Propose the action."""
        self.agent.headers["Authorization"] = f"Token {item.token}"
        body = {"tool": TOOL, "arguments": item.arguments, "confidence": CONFIDENCE}
        self._call = _post(self.agent, f"cases/{item.case}/calls/", body)
        _check(self._call, "awaiting_approval")

    def insert_alike(self, item: Item) -> None:
        """Let a bare view insert what a proposal of ours does."""
        self.agent.headers["Authorization"] = f"Token {item.token}"
        body = {"tool": TOOL, "arguments": item.arguments, "confidence": CONFIDENCE}
        _post(self.agent, f"cases/{item.case}/bare/", body)

    def review(self) -> None:
        """Read the call that waits."""
        self._call = _get(self.person, f"calls/{self.call_id}/")

    def vote(self) -> None:
        """Approve it."""
        path = f"approvals/{self._call['approval']}/approve/"
        _check(_post(self.person, path, {"reason": "The customer said yes."}), "approved")

    def outcome(self) -> None:
        """Return once the action has succeeded."""
        found = _get(self.agent, f"calls/{self.call_id}/?wait={WAIT_SECONDS}")
        _check(found, "succeeded")

    @property
    def call_id(self) -> str:
        """Id of the proposed call."""
        return str(self._call["id"])


def _client(
    base_url: str, headers: Mapping[str, str], transport: httpx.BaseTransport | None
) -> httpx.Client:
    return httpx.Client(
        base_url=base_url, headers=headers, timeout=WAIT_SECONDS + 10, transport=transport
    )
