"""Proof that the person at the screen is the person who signed in, kept in the session."""

from datetime import datetime
from typing import Any

from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest

from governance.access import lockout, rules
from governance.access.factors import has_factor
from governance.access.models import User
from governance.access.services.second_factor import record_recovery_code
from governance.access.types import StepUpProof
from orchestra.core.clock import parse_rfc3339, rfc3339

PASSWORD = "password"  # noqa: S105  the name of a method, no secret
CODE = "otp"
_KEPT = "orchestra_proof"


def keep_proof(request: HttpRequest, *, at: datetime, method: str = PASSWORD) -> None:
    """Remember in this session that its person proved who they are.

    Args:
        request: A request of that person.
        at: When.
        method: ``password``, ``otp``, or ``identity`` where a provider signed them in.
    """
    kept = {"at": rfc3339(at), "method": method, "person": _person_of(request)}
    request.session[_KEPT] = kept


def find_proof(request: HttpRequest) -> StepUpProof | None:
    """Return the last proof of this person in this session, or None."""
    kept = request.session.get(_KEPT)
    if not kept or kept.get("person") != _person_of(request):
        return None
    return StepUpProof(at=parse_rfc3339(kept["at"]), method=kept["method"])


def is_fresh(
    proof: StepUpProof | None, *, now: datetime, methods: frozenset[str] = rules.METHODS
) -> bool:
    """Return whether a proof will still count; the service of the act decides again."""
    return rules.is_fresh(
        proof,
        now=now,
        valid_seconds=settings.ORCHESTRA["STEP_UP_SECONDS"],
        is_test_allowed=settings.ORCHESTRA["ALLOW_TEST_STEP_UP"],
        methods=methods,
    )


def method_of(request: HttpRequest) -> str:
    """Return what a proof is asked by: a code where the person has a second factor."""
    user = request.user
    return CODE if isinstance(user, User) and has_factor(user) else PASSWORD


def lacks_password(request: HttpRequest) -> bool:
    """Return whether the person has no password here to prove themselves by."""
    return not (isinstance(request.user, User) and request.user.has_usable_password())


def prove(request: HttpRequest, *, now: datetime, password: str = "", code: str = "") -> bool:
    """Check what the person who is signed in gave, and remember the proof.

    Whoever has a second factor proves it by a code and by nothing less. A wrong one counts
    towards the lock-out like one at sign-in. The session gets a new key with the proof.
    """
    method = method_of(request)
    proved = _is_code(request, code, now) if method == CODE else _is_password(request, password)
    if proved:
        request.session.cycle_key()
        keep_proof(request, at=now, method=method)
    return proved


def _is_password(request: HttpRequest, password: str) -> bool:
    person = authenticate(request, username=request.user.get_username(), password=password)
    return person is not None and person.pk == request.user.pk


def _is_code(request: HttpRequest, code: str, now: datetime) -> bool:
    person: Any = request.user
    if not lockout.may_try(request, person):
        return False
    form = AuthenticateForm(data={"code": code}, user=person)
    if not form.is_valid():
        lockout.count_wrong_try(request, person)
        return False
    spend(form.authenticator, now=now)
    return True


def spend(authenticator: Any, *, now: datetime) -> None:
    """Record that a code was taken; a recovery code stands in the ledger."""
    authenticator.record_usage()
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        record_recovery_code(now=now, person=authenticator.user)


def _person_of(request: HttpRequest) -> str:
    return str(getattr(request.user, "public_id", ""))
