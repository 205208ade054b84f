"""Proof that the person at the screen is the person who signed in, kept in the session."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest

from governance.access.types import StepUpProof
from orchestra.core.clock import parse_rfc3339, rfc3339

_KEPT = "orchestra_proof"


def keep_proof(request: HttpRequest, *, at: datetime) -> None:
    """Remember that the person gave their password at a moment."""
    request.session[_KEPT] = {"at": rfc3339(at), "method": "password"}


def find_proof(request: HttpRequest) -> StepUpProof | None:
    """Return the last proof of this session, or None."""
    kept = request.session.get(_KEPT)
    if not kept:
        return None
    return StepUpProof(at=parse_rfc3339(kept["at"]), method=kept["method"])


def is_fresh(proof: StepUpProof | None, *, now: datetime) -> bool:
    """Return whether a proof will still count; the approval service decides again."""
    if proof is None:
        return False
    return now - proof.at <= timedelta(seconds=settings.ORCHESTRA["STEP_UP_SECONDS"])


def prove(request: HttpRequest, *, password: str, now: datetime) -> bool:
    """Check the password of the person who is signed in, and remember the proof.

    A wrong password counts towards the lock-out like one at sign-in.
    """
    person = authenticate(request, username=request.user.get_username(), password=password)
    if person is None or person.pk != request.user.pk:
        return False
    keep_proof(request, at=now)
    return True
