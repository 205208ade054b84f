"""Where a signed-in person proves again who they are, told to a vote that lacks the proof."""

from typing import Final

from governance.access.proof import CODE
from orchestra.core.errors import NotPermittedError

STEP_UP_ADDRESS: Final = "/api/v1/step-up/"


def with_way_to_prove(error: NotPermittedError) -> NotPermittedError:
    """Return the refusal, saying where a proof is given if that is what it lacks."""
    if not error.error_code.endswith(".step_up_required"):
        return error
    seconds = error.data["valid_seconds"]
    message = (
        "This vote needs a fresh proof of who you are. In this session POST "
        f'{{"password": "…"}} to {STEP_UP_ADDRESS}, or {{"code": "…"}} where you have a second '
        f"factor, then send the vote again within {seconds:.0f} seconds. Nothing was voted."
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
