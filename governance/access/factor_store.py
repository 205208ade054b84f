"""What the sign-in library keeps of a second factor: its secrets, sealed; its name in the app."""

from base64 import urlsafe_b64encode

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.utils.encoding import force_bytes

_PURPOSE = b"orchestra second factor v1"


class FactorAdapter(DefaultMFAAdapter):
    """Secrets are unreadable in a copy of the database alone; people know factors by login."""

    def encrypt(self, text: str) -> str:
        """Return a secret as it is stored."""
        return _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return a stored secret."""
        return _seal().decrypt(encrypted_text.encode()).decode()

    def get_totp_label(self, user: AbstractUser) -> str:
        """Return whose code the authenticator app shows."""
        return user.get_username()

    def get_totp_issuer(self) -> str:
        """Return where the authenticator app says that the code belongs."""
        return f"Orchestra {settings.ORCHESTRA['ENVIRONMENT']}"


def _seal() -> MultiFernet:
    """Return the seal of Django's key; its fallbacks still open what they sealed."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str | bytes) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
    return urlsafe_b64encode(derivation.derive(force_bytes(key)))
