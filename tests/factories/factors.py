"""Second factors: people who have one, and the codes their app would show."""

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from governance.access.models import User

PASSWORD = "a long enough secret"
PERIOD = 30


def code_of(secret: str, *, steps: int = 0) -> str:
    """The code an app shows now, or some steps of half a minute away."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD + steps))


def give_password(person: User, password: str = PASSWORD) -> User:
    person.set_password(password)
    person.save()
    return person


def give_factor(person: User) -> str:
    """An authenticator app and its recovery codes; returns the app's secret."""
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    RecoveryCodes.activate(person)
    return secret


def recovery_codes_of(person: User) -> list[str]:
    row = Authenticator.objects.get(user=person, type=Authenticator.Type.RECOVERY_CODES)
    return list(row.wrap().get_unused_codes())


def sign_in(login: str, password: str = PASSWORD, *, client: Client | None = None) -> Any:
    """What the sign-in page answers; ``answer.client`` goes on."""
    client = client or Client()
    form = {"username": login, "password": password, "next": "/admin/"}
    return client.post("/admin/login/", form)
