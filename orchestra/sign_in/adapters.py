"""What the sign-in library asks of us: who may come in, and what happens once they have."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from governance.access.devices import describe_device
from governance.access.models import User
from governance.access.proof import CODE, PASSWORD, keep_proof
from governance.access.rules import IDENTITY_METHOD
from governance.access.services import limit_sessions, record_sign_in
from governance.access.sessions import BEGAN, DEVICE
from orchestra.core import clock
from orchestra.sign_in.shown import refuse


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up here, nothing is mailed, and every sign-in is an act on record."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no: people are made by who manages access."""
        del request
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count nothing here: wrong passwords are counted in the database."""
        del request, credentials

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: our pages say it themselves."""
        del args, kwargs

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Answer a person whose access is disabled."""
        del user
        return refuse(request, _("Your access is disabled. Ask an administrator."))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Begin the session: its proof, its device, its place among the person's others."""
        now = clock.now()
        how = how_of(request, user)
        session = request.session
        # Whatever the visitor's session held, this one begins now.
        session.pop(BEGAN, None)
        session[DEVICE] = describe_device(request.headers.get("User-Agent", ""))
        keep_proof(request, at=now, method=how)
        broke_glass = how != IDENTITY_METHOD and not settings.ORCHESTRA["PASSWORD_SIGN_IN"]
        record_sign_in(now=now, user=user, how=f"{how}, emergency" if broke_glass else how)
        limit_sessions(actor=user.as_actor(), now=now, person=user, keep=str(session.session_key))
        return super().post_login(request, user, **kwargs)  # type: ignore[no-any-return]  # allauth has no types


def how_of(request: HttpRequest, user: User) -> str:
    """Return by what a person came in: the strongest that was asked."""
    methods = {record["method"] for record in get_authentication_records(request, user)}
    if "mfa" in methods:
        return CODE
    return IDENTITY_METHOD if "socialaccount" in methods else PASSWORD
