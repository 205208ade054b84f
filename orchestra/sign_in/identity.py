"""Sign-in by the centre's identity provider: who its people are here, and the two addresses."""

from typing import Any
from urllib.parse import urlencode

import structlog
from allauth.account.internal.decorators import login_not_required
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2LoginView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from jwt import PyJWTError
from requests import RequestException

from governance.access.models import User
from governance.access.services import link_identity, welcome_person
from orchestra.core import clock
from orchestra.sign_in.issuer import (
    END_SESSION,
    IssuerAdapter,
    IssuerCallback,
    IssuerProvider,
    IssuerSession,
    origin_of,
)
from orchestra.sign_in.shown import refuse

log = structlog.get_logger(__name__)
#: All that an issuer can get wrong; what is said of it is the same.
_BAD_ANSWERS = (RequestException, OAuth2Error, PyJWTError, KeyError, ValueError, TypeError)


class IdentityAdapter(DefaultSocialAccountAdapter):
    """People are found by subject, or once by verified e-mail; nobody gains authority by it."""

    def get_requests_session(self) -> IssuerSession:
        """Return what calls the issuer and nobody else."""
        return IssuerSession()

    def list_apps(self, *args: Any, **kwargs: Any) -> list[SocialApp]:
        """Return the provider that settings name; none comes from the database."""
        return [app for app in super().list_apps(*args, **kwargs) if app.pk is None]

    def get_provider(
        self, request: HttpRequest, provider: str, client_id: str | None = None
    ) -> IssuerProvider:
        """Return the one provider."""
        app = self.get_app(request, provider=provider, client_id=client_id)
        return IssuerProvider(request, app=app)

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find who it is here, and link the two for the next time.

        Raises:
            ImmediateHttpResponse: Nobody here, or somebody whose access is disabled.
        """
        if sociallogin.is_existing:
            return
        email = next((one.email for one in sociallogin.email_addresses if one.verified), "")
        people = list(User.objects.filter(email__iexact=email)[:2]) if email else []
        if len(people) > 1:
            people = []
        elif not people and settings.ORCHESTRA["IDENTITY_NEW_PEOPLE"]:
            people = [welcome_person(now=clock.now(), suggested=sociallogin.user, email=email)]
        if not people:
            raise ImmediateHttpResponse(
                refuse(
                    request,
                    _(
                        "Your centre's account is good, but nobody here has it. Ask whoever "
                        "manages access to enter your e-mail address."
                    ),
                )
            )
        if people[0].is_active:
            link_identity(
                now=clock.now(),
                person=people[0],
                account=sociallogin.account,
                provider=str(sociallogin.provider),
            )
        sociallogin.user = people[0]

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> None:
        """Say that it did not work.

        Raises:
            ImmediateHttpResponse: Always.
        """
        del provider, extra_context
        log.warning("sign_in.identity_refused", error=str(error), why=str(exception))
        cancelled = error == AuthError.CANCELLED
        why = (
            _("You stopped it there. Nobody is signed in.")
            if cancelled
            else _("Your centre's account could not be confirmed. Begin again.")
        )
        raise ImmediateHttpResponse(refuse(request, why, status=200 if cancelled else 403))


def shown_providers() -> list[dict[str, str]]:
    """Return the identity providers the sign-in page offers."""
    configured = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {})
    return [
        {
            "name": app["name"],
            "link": reverse("openid_connect_login", args=[app["provider_id"]]),
        }
        for app in configured.get("APPS", ())
    ]


@require_POST
@login_not_required
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the issuer."""
    return _spoken(request, OAuth2LoginView, provider_id)


@require_GET
@login_not_required
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take the issuer's answer."""
    return _spoken(request, IssuerCallback, provider_id)


def _spoken(request: HttpRequest, view: Any, provider_id: str) -> HttpResponse:
    try:
        answer: HttpResponse = view.adapter_view(IssuerAdapter(request, provider_id))(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except _BAD_ANSWERS as error:
        log.warning("sign_in.identity_failed", why=str(error))
        why = _("Your centre's identity provider does not answer as it should. Try again later.")
        return refuse(request, why, status=503)
    return answer


def way_out(request: HttpRequest) -> str:
    """Return the address that ends the issuer's own session; empty where there is none."""
    address = request.session.get(END_SESSION, "")
    if not address or origin_of(address) not in settings.ORCHESTRA["IDENTITY_ORIGINS"]:
        return ""
    [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    back = request.build_absolute_uri(reverse("admin:login"))
    asked = urlencode({"client_id": app["client_id"], "post_logout_redirect_uri": back})
    return f"{address}{'&' if '?' in address else '?'}{asked}"
