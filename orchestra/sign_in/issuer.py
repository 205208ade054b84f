"""What is asked of the centre's identity provider, and what is believed of its answers.

The library speaks OpenID Connect; here it is held to the issuer that settings name, and to
what the standard leaves to its caller: the nonce, the signature, the claims that must be there.
"""

import hmac
import secrets
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

import jwt
import requests
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse

#: Signatures that need the issuer's own key; none that a client's secret could make.
ALGORITHMS: Final = frozenset({"RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512"})
REQUIRED: Final = frozenset({"iss", "sub", "aud", "exp", "iat", "nonce"})
#: Where the session keeps the address that ends the issuer's own session.
END_SESSION: Final = "orchestra_end_session"
_SECONDS = 5


class IssuerSession(requests.Session):
    """Calls that reach the configured origins and nothing else, and follow nobody elsewhere."""

    def request(self, method: str, url: Any, *args: Any, **kwargs: Any) -> Any:
        """Call an address of the issuer.

        Raises:
            InvalidURL: It is another's.
        """
        if origin_of(url) not in settings.ORCHESTRA["IDENTITY_ORIGINS"]:
            raise requests.exceptions.InvalidURL("not an address of the configured issuer")
        return super().request(
            method, url, *args, **{"timeout": _SECONDS, **kwargs, "allow_redirects": False}
        )


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class IssuerProvider(OpenIDConnectProvider):
    """The one provider, with a nonce for every sign-in."""

    def get_oauth2_adapter(self, request: HttpRequest) -> "IssuerAdapter":
        """Return what speaks to the issuer."""
        return IssuerAdapter(request, self.app.provider_id)

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Return how a sign-in goes on; a caller chooses only the page that follows."""
        return {"process": "login", "next_url": get_next_redirect_url(request)}

    def redirect(
        self,
        request: HttpRequest,
        process: str,
        next_url: str | None = None,
        data: Any = None,
        **kwargs: Any,
    ) -> HttpResponse:
        """Lead to the issuer."""
        nonce = secrets.token_urlsafe(32)
        return super().redirect(  # type: ignore[no-any-return]  # allauth has no types
            request,
            process,
            next_url,
            data,
            **kwargs,
            auth_params={"nonce": nonce},
            scope=self.get_default_scope(),
            nonce=nonce,
        )

    def extract_uid(self, data: dict[str, Any]) -> str:
        """Return who it is to the issuer, the issuer included, in a form that says nothing."""
        claims = data["id_token"]
        return sha256(f"{claims['iss']} {claims['sub']}".encode()).hexdigest()

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Keep nothing of what the issuer told of a person."""
        del data
        return {}


class IssuerAdapter(OpenIDConnectOAuth2Adapter):
    """Believes a token only with its signature, its issuer, its reader, its time and its nonce.

    Attributes:
        nonce: What was sent with the sign-in that this answers.
    """

    nonce: str = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return what the issuer says of itself.

        Raises:
            OAuth2Error: It says that it is another.
        """
        config: dict[str, Any] = super().openid_config
        issuer = self.get_provider().app.settings["server_url"]
        if str(config.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
            raise OAuth2Error("the issuer names another one")
        return config

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Return who signed in, by the issuer's signed word.

        Raises:
            OAuth2Error: There is no such word, or it is not to be believed.
        """
        signed = kwargs["response"].get("id_token")
        if not signed:
            raise OAuth2Error("no id_token")
        claims = self._decode_id_token(app, signed)
        found = {"id_token": claims}
        if "email" not in claims and "userinfo_endpoint" in self.openid_config:
            told = self._fetch_user_info(token.token)
            if told.get("sub") != claims["sub"]:
                raise OAuth2Error("told of somebody else")
            found["userinfo"] = told
        request.session[END_SESSION] = self.openid_config.get("end_session_endpoint", "")
        return self.get_provider().sociallogin_from_response(request, found)

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        if jwt.get_unverified_header(id_token).get("alg") not in ALGORITHMS:
            raise OAuth2Error("not a signature of the issuer's key")
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        if not claims.keys() >= REQUIRED:
            raise OAuth2Error("claims are missing")
        if not self.nonce or not hmac.compare_digest(str(claims["nonce"]), self.nonce):
            raise OAuth2Error("not the answer to this sign-in")
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("meant for another reader")
        return claims


class IssuerCallback(OAuth2CallbackView):
    """The way back; the nonce comes from the state that only this session has."""

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, answer = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, answer
