from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from orchestra.settings.identity import read_identity

ISSUER = {
    "ORCHESTRA_OIDC_ISSUER": "https://id.example/realm/",
    "ORCHESTRA_OIDC_CLIENT_ID": "orchestra",
    "ORCHESTRA_OIDC_CLIENT_SECRET": "s",
}


def given(monkeypatch: pytest.MonkeyPatch, **environment: str) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def test_nothing_set_is_passwords_alone() -> None:
    found = read_identity(is_local=False)
    assert (found.providers, found.origins) == ({}, ())
    assert found.told["PASSWORD_SIGN_IN"] is True
    assert found.told["IDENTITY_NEW_PEOPLE"] is False


def test_an_issuer_its_secret_in_a_file_and_who_breaks_the_glass(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from a file\n")
    given(monkeypatch, **ISSUER)
    monkeypatch.delenv("ORCHESTRA_OIDC_CLIENT_SECRET")
    given(
        monkeypatch,
        ORCHESTRA_OIDC_CLIENT_SECRET_FILE=str(secret),
        ORCHESTRA_OIDC_ORIGINS="https://keys.example, https://token.example:8443/x",
        ORCHESTRA_PASSWORD_SIGN_IN="0",
        ORCHESTRA_BREAK_GLASS="operator, second",
    )
    found = read_identity(is_local=False)
    [app] = found.providers["openid_connect"]["APPS"]
    assert app["secret"] == "from a file"
    assert app["settings"] == {
        "server_url": "https://id.example/realm",
        "oauth_pkce_enabled": True,
    }
    assert found.origins == (
        "https://id.example",
        "https://keys.example",
        "https://token.example:8443",
    )
    assert found.told["PASSWORD_SIGN_IN"] is False
    assert found.told["BREAK_GLASS"] == {"operator", "second"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ORCHESTRA_OIDC_CLIENT_ID": ""}, "ORCHESTRA_OIDC_CLIENT_ID"),
        ({"ORCHESTRA_OIDC_CLIENT_SECRET": ""}, "ORCHESTRA_OIDC_CLIENT_SECRET"),
        ({"ORCHESTRA_OIDC_ISSUER": "http://id.example"}, "https://"),
        ({"ORCHESTRA_OIDC_ORIGINS": "keys.example"}, "https://"),
        ({"ORCHESTRA_OIDC_ISSUER": "", "ORCHESTRA_PASSWORD_SIGN_IN": "0"}, "leave passwords on"),
    ],
)
def test_half_of_it_does_not_start(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], said: str
) -> None:
    given(monkeypatch, **{**ISSUER, **changed})
    with pytest.raises(ImproperlyConfigured, match=said):
        read_identity(is_local=False)


def test_on_ones_own_machine_an_issuer_needs_no_certificate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given(monkeypatch, **{**ISSUER, "ORCHESTRA_OIDC_ISSUER": "http://127.0.0.1:9000"})
    assert read_identity(is_local=True).origins == ("http://127.0.0.1:9000",)
