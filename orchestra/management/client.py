"""A small REST client, as an AI agent's developer would write it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx

Json = Any
WAIT_SECONDS = 25


class CallFailedError(Exception):
    """The API answered with a problem; ``problem`` is its body."""

    def __init__(self, response: httpx.Response) -> None:
        self.problem: dict[str, Json] = _body(response)
        self.status = response.status_code
        super().__init__(
            f"{response.request.method} {response.request.url.path}: {response.status_code} "
            f"{self.problem.get('code', '')} {self.problem.get('detail', '')} "
            f"{self.problem.get('errors', '')}"
        )


def _body(response: httpx.Response) -> dict[str, Json]:
    try:
        found = response.json()
    except ValueError:
        return {"detail": response.text[:300]}
    return found if isinstance(found, dict) else {"detail": str(found)}


@dataclass(slots=True)
class OrchestraClient:
    """Calls the public REST API with one bearer token."""

    http: httpx.Client

    @classmethod
    def open(cls, *, base_url: str, token: str) -> Self:
        """Return a client for an installation."""
        return cls(
            httpx.Client(
                base_url=f"{base_url}/api/v1/",
                headers={"Authorization": f"Bearer {token}"},
                timeout=WAIT_SECONDS + 10,
            )
        )

    def get(self, path: str, **params: Json) -> dict[str, Json]:
        """Read one address."""
        return self._answer(self.http.get(path, params=params))

    def post(self, path: str, body: Mapping[str, Json], **params: Json) -> dict[str, Json]:
        """Send one act under a key of its own."""
        return self._answer(
            self.http.post(
                path,
                json=body,
                params=params,
                headers={"Idempotency-Key": f'"{uuid.uuid4()}"'},
            )
        )

    @staticmethod
    def _answer(response: httpx.Response) -> dict[str, Json]:
        if response.is_success:
            return _body(response)
        raise CallFailedError(response)

    def open_case(self, *, text: str, external_ref: str) -> dict[str, Json]:
        """Open a case with the customer's first words."""
        return self.post("cases/", {"channel": "chat", "text": text, "external_ref": external_ref})

    def say(self, case_id: str, speaker: str, text: str) -> str:
        """Record an utterance and return its id."""
        found = self.post(f"cases/{case_id}/messages/", {"speaker": speaker, "text": text})
        return str(found["id"])

    def confirm_need(self, case: Mapping[str, Json], intent: str = "") -> str:
        """Ask the customer of a case whose need is not sure, and send their yes.

        Args:
            case: The case as it was opened; one that waits for no such word is left alone.
            intent: Key of what the customer wants; empty for what was read.

        Returns:
            Id of the customer's yes; empty where nothing waited for it.
        """
        if case["intent_hold"] != "confirm":
            return ""
        case_id, key = str(case["id"]), intent or case["intake"]["intent"]
        asked = self.say(case_id, "ai", f"Did I get this right: {key.replace('_', ' ')}?")
        yes = self.say(case_id, "customer", "Yes, that is right.")
        body = {"intent": key, "evidence": [asked, yes]}
        self.post(f"cases/{case_id}/intake/confirm/", body)
        return yes

    def steps(self, case_id: str) -> list[dict[str, Json]]:
        """Return the steps of every journey of a case."""
        return [
            {**step, "journey": journey["cue_sheet"]}
            for journey in self.get(f"cases/{case_id}/steps/")["journeys"]
            for step in journey["steps"]
        ]

    def propose(
        self, case_id: str, tool: str, arguments: Mapping[str, Json], **more: Json
    ) -> dict[str, Json]:
        """Propose a tool call; certain, as the recorded agent was."""
        return self.post(
            f"cases/{case_id}/tool-calls/",
            {"tool": tool, "arguments": arguments, "confidence": 0.99, "margin": 0.9, **more},
        )

    def call(self, call_id: str, *, wait: float = 0) -> dict[str, Json]:
        """Return a tool call, waiting for its end for some seconds."""
        return self.get(f"tool-calls/{call_id}/", wait=wait)
