"""Asks a model behind an OpenAI-compatible address to judge one interaction; off without one."""

import secrets
from collections.abc import Sequence

from orchestra.core.completions import complete, model_of
from orchestra.core.completions import is_configured as has_model
from qa.findings.checks.base import Outcome
from qa.findings.judging import Asked, digest_of, messages_of, nonsense, read_answer
from qa.findings.reading import Reading

_PURPOSE = "JUDGE"
CONNECTION = "judging model"
_MOST_BYTES = 256 * 1024


def is_configured() -> bool:
    """Tell whether the installation names an address and a model."""
    return has_model(_PURPOSE)


def judge_digest() -> str:
    """Return what stands for the judge that is configured."""
    return digest_of(model=model_of(_PURPOSE))


def ask(reading: Reading, rubric: Sequence[Asked]) -> dict[str, Outcome]:
    """Return what the model makes of an interaction; holds no transaction, calls out.

    Raises:
        UpstreamError: It does not answer, not in time, or not what was asked for.
    """
    body = complete(
        purpose=_PURPOSE,
        connection=CONNECTION,
        messages=messages_of(reading, nonce=secrets.token_hex(16), rubric=rubric),
        nonsense=nonsense,
        max_bytes=_MOST_BYTES,
    )
    return read_answer(body, reading, rubric=rubric)
