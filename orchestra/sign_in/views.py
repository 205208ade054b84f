"""The sign-in page and the page for the second factor; the library leads from one to the other."""

from typing import Any

from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from governance.access import lockout
from governance.access.models import User
from governance.access.proof import spend
from orchestra.core import clock
from orchestra.sign_in.forms import SignInForm
from orchestra.sign_in.identity import shown_providers
from orchestra.sign_in.shown import frame


class SignInView(LoginView):
    """Login and password, the centre's identity provider, and the demonstration's logins."""

    template_name = "admin/login.html"
    form_class = SignInForm

    def get_form_class(self) -> type[SignInForm]:
        """Return our form."""
        return SignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the page shows besides the form."""
        return {
            **super().get_context_data(**kwargs),
            **frame(self.request),
            "demo_logins": settings.ORCHESTRA.get("DEMO_LOGINS"),
            "providers": shown_providers(),
            "folds_password": bool(shown_providers())
            and not settings.ORCHESTRA["PASSWORD_SIGN_IN"],
        }


class SecondFactorView(AuthenticateView):
    """The code of a person whose password was right; wrong codes lock out like passwords."""

    template_name = "admin/second_factor.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a code, or lead back to the start."""
        del args, kwargs
        if "cancel" in request.POST:
            return self.stage.abort()  # type: ignore[no-any-return]  # allauth has no types
        person: User = self.stage.login.user
        if not lockout.may_try(request, person):
            return self.form_invalid(self.form)  # type: ignore[no-any-return]  # see above
        if self.form.is_valid():
            spend(self.form.authenticator, now=clock.now())
            return self.form_valid(self.form)  # type: ignore[no-any-return]  # see above
        lockout.count_wrong_try(request, person)
        return self.form_invalid(self.form)  # type: ignore[no-any-return]  # see above

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the page shows besides the form."""
        return {**super().get_context_data(**kwargs), **frame(self.request)}
