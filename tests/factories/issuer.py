"""A small identity provider on loopback: discovery, keys, signed tokens, PKCE."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

CLIENT_ID = "orchestra"
CLIENT_SECRET = "only-for-tests"
KEY_ID = "key-1"


@cache
def signing_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def other_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Issuer:
    """What it says of a person, and what it was asked.

    ``claims`` replaces what a token says; ``None`` leaves a claim out.
    """

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    key: Any = None
    asked: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    userinfo: dict[str, Any] = field(default_factory=dict)

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "end_session_endpoint": f"{self.url}/logout",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **self.config,
        }

    def token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "maren-at-the-centre",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": self.asked.get("nonce", ""),
            "email": "maren@example.com",
            "email_verified": True,
            **self.claims,
        }
        told = {name: value for name, value in claims.items() if value is not None}
        key = self.key or signing_key()
        return jwt.encode(told, key, algorithm=self.algorithm, headers={"kid": KEY_ID})

    def answer_token(self, form: dict[str, str]) -> tuple[int, Any]:
        spent = sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(spent).rstrip(b"=").decode()
        good = (
            form.get("client_secret") == CLIENT_SECRET
            and form.get("code") == "a-code"
            and form.get("redirect_uri") == self.asked.get("redirect_uri")
            and challenge == self.asked.get("code_challenge")
        )
        if not good:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "a-token", "token_type": "Bearer", "id_token": self.token()}

    def begin(self, client: Client, **form: str) -> str:
        """Press the button; returns the state, as the browser would carry it."""
        answer = client.post("/admin/login/centre/", form)
        assert answer.status_code == 302, answer.content
        assert answer.url.startswith(f"{self.url}/authorize?")
        self.asked = dict(parse_qsl(urlsplit(answer.url).query))
        return self.asked["state"]

    def come_back(self, client: Client, state: str) -> Any:
        return client.get("/admin/login/centre/callback/", {"code": "a-code", "state": state})

    def sign_in(self, client: Client, **form: str) -> Any:
        return self.come_back(client, self.begin(client, **form))


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            issuer.calls.append(path)
            jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(signing_key().public_key()))
            known = {
                "/.well-known/openid-configuration": issuer.discovery(),
                "/jwks": {"keys": [{**jwk, "kid": KEY_ID, "alg": "RS256", "use": "sig"}]},
                "/userinfo": issuer.userinfo,
            }
            self._say(200 if path in known else 404, known.get(path, {}))

        def do_POST(self) -> None:
            issuer.calls.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            status, said = issuer.answer_token(form)
            issuer.answers.append(status)
            self._say(status, said)

        def _say(self, status: int, said: Any) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            del args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
