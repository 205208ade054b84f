"""Where a signed-in person proves again who they are, told to an act that lacks the proof."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from governance.access.proof import CODE
from orchestra.core.errors import NotPermittedError

STEP_UP_ADDRESS: Final = "/api/v1/step-up/"


@contextmanager
def told_where_to_prove() -> Iterator[None]:
    """Say where a proof is given, where an act within is refused for the lack of one.

    Raises:
        NotPermittedError: The refusal of the act, with the way out.
    """
    try:
        yield
    except NotPermittedError as error:
        raise with_way_to_prove(error, act="act", undone="Nothing was changed.") from error


def with_way_to_prove(
    error: NotPermittedError, *, act: str = "vote", undone: str = "Nothing was voted."
) -> NotPermittedError:
    """Return the refusal, saying where a proof is given if that is what it lacks.

    Args:
        error: The refusal.
        act: What was tried, in a word.
        undone: That it came to nothing, in a sentence.
    """
    if not error.error_code.endswith(".step_up_required"):
        return error
    seconds = error.data["valid_seconds"]
    message = (
        f"This {act} needs a fresh proof of who you are. In this session POST "
        f'{{"password": "…"}} to {STEP_UP_ADDRESS}, or {{"code": "…"}} where you have a second '
        f"factor, then send the {act} again within {seconds:.0f} seconds. {undone}"
    )
    return NotPermittedError(
        message, code=error.error_code, data={**error.data, "step_up": STEP_UP_ADDRESS}
    )


def not_proved(method: str) -> NotPermittedError:
    """Return the refusal of a proof that was wrong.

    Args:
        method: What is asked of this person: ``password`` or ``otp``.
    """
    asked = "code" if method == CODE else "password"
    return NotPermittedError(
        f"That is not your {asked}, or too many were wrong. Nothing was proved.",
        code="step_up.not_proved",
        data={"asked": asked},
    )
