"""The one address that says how mail leaves."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from orchestra.settings.mail import from_address


@pytest.mark.parametrize(
    ("text", "port", "tls", "ssl"),
    [
        ("smtp://relay.example", 25, False, False),
        ("smtp+tls://me%40x:p%3Aw@relay.example", 587, True, False),
        ("smtps://relay.example:2465", 2465, False, True),
    ],
)
def test_an_address_becomes_settings(text: str, port: int, tls: bool, ssl: bool) -> None:
    found = from_address(text)
    assert found["EMAIL_HOST"] == "relay.example"
    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (port, tls, ssl)
    if "@relay" in text:
        assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("me@x", "p:w")


@pytest.mark.parametrize("text", ["", "smtp://", "http://relay", "smtp://relay:port"])
def test_what_is_no_address_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="set ORCHESTRA_MAIL_URL"):
        from_address(text)


def test_a_password_never_shows_in_the_refusal() -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        from_address("smpt://me:secret@relay")
    assert "secret" not in str(caught.value)
