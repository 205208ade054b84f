"""Login and password."""

from typing import Any

from allauth.account.utils import perform_login
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from orchestra.sign_in.ways import may_use_password


class SignInForm(AuthenticationForm):
    """Sign-in for every active person; what each may do is asked on every page."""

    error_messages = {
        "invalid_login": _("Login or password is not right. Both are case-sensitive."),
        "inactive": _("Login or password is not right. Both are case-sensitive."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"

    def clean(self) -> dict[str, Any]:
        """Check the password where passwords may be used at all.

        Raises:
            ValidationError: Not right, or not the way in for this login.
        """
        if not may_use_password(self.cleaned_data.get("username", "")):
            raise self.get_invalid_login_error()
        return super().clean()

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """Go on to the second factor, or in."""
        return perform_login(request, self.get_user(), redirect_url=redirect_url)  # type: ignore[no-any-return]  # allauth has no types
