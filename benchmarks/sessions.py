"""Signs a person in without a page, for requests with a session cookie."""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string

from benchmarks.trips import Session

_CSRF_LENGTH = 32


def sign_in(user: Any) -> Session:
    """Return a new session of a person, with its protection against forged requests."""
    session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return Session(str(session.session_key), get_random_string(_CSRF_LENGTH))
