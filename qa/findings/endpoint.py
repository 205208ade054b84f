"""Asks a model behind an OpenAI-compatible address to judge one interaction; off without one."""

import json
import secrets
from collections.abc import Sequence

from django.conf import settings

from orchestra.core.outbound import OutboundRequest, send
from qa.findings.checks.base import Outcome
from qa.findings.judging import Asked, body_of, digest_of, nonsense, read_answer
from qa.findings.reading import Reading

CONNECTION = "judging model"
_OK = 200
_MOST_BYTES = 256 * 1024


def is_configured() -> bool:
    """Tell whether the installation names an address and a model."""
    return bool(settings.ORCHESTRA["JUDGE_ENDPOINT"] and settings.ORCHESTRA["JUDGE_MODEL"])


def judge_digest() -> str:
    """Return what stands for the judge that is configured."""
    return digest_of(model=settings.ORCHESTRA["JUDGE_MODEL"])


def ask(reading: Reading, rubric: Sequence[Asked]) -> dict[str, Outcome]:
    """Return what the model makes of an interaction; holds no transaction, calls out.

    Raises:
        UpstreamError: It does not answer, not in time, or not what was asked for.
    """
    token = settings.ORCHESTRA["JUDGE_TOKEN"]
    body = body_of(
        reading,
        model=settings.ORCHESTRA["JUDGE_MODEL"],
        nonce=secrets.token_hex(16),
        rubric=rubric,
    )
    answer = send(
        OutboundRequest(
            connection=CONNECTION,
            method="POST",
            url=settings.ORCHESTRA["JUDGE_ENDPOINT"],
            headers={
                "Content-Type": "application/json",
                **({"Authorization": f"Bearer {token}"} if token else {}),
            },
            content=json.dumps(body).encode(),
            timeout_seconds=settings.ORCHESTRA["JUDGE_TIMEOUT_SECONDS"],
            max_bytes=_MOST_BYTES,
        )
    )
    if answer.status != _OK:
        raise nonsense(f"answered {answer.status}")
    return read_answer(answer.body, reading, rubric=rubric)
