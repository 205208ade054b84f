"""Asks a model behind an OpenAI-compatible address for one chat completion.

What is asked, and how far the answer is believed, is the caller's: here is only the way there.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.conf import settings

from orchestra.core.errors import UpstreamError
from orchestra.core.outbound import OutboundRequest, send

Json = Any
#: The same question, the same answer, and that a JSON object.
PARAMETERS: Final[Mapping[str, Json]] = {
    "temperature": 0,
    "response_format": {"type": "json_object"},
}
#: What an answer that holds no object as asked raises when it is read.
UNREADABLE: Final = (ValueError, LookupError, TypeError, RecursionError)
_OK: Final = 200
_MOST_BYTES: Final = 64 * 1024


def is_configured(purpose: str) -> bool:
    """Tell whether the installation names an address and a model.

    Args:
        purpose: How the settings of this use begin, such as ``INTAKE``.
    """
    return bool(_setting(purpose, "ENDPOINT") and _setting(purpose, "MODEL"))


def model_of(purpose: str) -> str:
    """Return the name of the model that is asked; empty for none."""
    return str(_setting(purpose, "MODEL"))


def messages_of(*, system: str, told: Json) -> list[Json]:
    """Return the two messages of a question: what to do, and the data as JSON."""
    return [
        {"role": "system", "content": system},
        {"role": "user", "content": json.dumps(told, ensure_ascii=False)},
    ]


def complete(
    *,
    purpose: str,
    connection: str,
    messages: Sequence[Json],
    nonsense: Callable[[str], UpstreamError],
    max_bytes: int = _MOST_BYTES,
) -> bytes:
    """Return a chat completion as it came; holds no transaction, calls out.

    Args:
        purpose: As of ``is_configured``.
        connection: Name under which failures are counted.
        messages: What is asked.
        nonsense: Makes the error of an answer that is no use, of what it did in words.
        max_bytes: Largest answer read.

    Raises:
        UpstreamError: It does not answer, not in time, or with another status than 200.
    """
    token = _setting(purpose, "TOKEN")
    asked = {"model": model_of(purpose), **PARAMETERS, "messages": list(messages)}
    answer = send(
        OutboundRequest(
            connection=connection,
            method="POST",
            url=_setting(purpose, "ENDPOINT"),
            headers={
                "Content-Type": "application/json",
                **({"Authorization": f"Bearer {token}"} if token else {}),
            },
            content=json.dumps(asked).encode(),
            timeout_seconds=_setting(purpose, "TIMEOUT_SECONDS"),
            max_bytes=max_bytes,
        )
    )
    if answer.status != _OK:
        raise nonsense(f"answered {answer.status}")
    return answer.body


def content_of(body: bytes) -> Json:
    """Return the JSON that a chat completion holds.

    Raises:
        ValueError: One of ``UNREADABLE``: it is no chat completion, or holds no JSON.
    """
    return json.loads(json.loads(body)["choices"][0]["message"]["content"])


def _setting(purpose: str, name: str) -> Any:
    return settings.ORCHESTRA[f"{purpose}_{name}"]
