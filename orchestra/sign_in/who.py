"""Who a request is by: the person who was read with the session, where nothing speaks against."""

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from governance.access.models import User
from governance.access.sessions import SessionStore

#: The only way in that a session names; with any other, Django is asked.
_BACKEND = "django.contrib.auth.backends.ModelBackend"


class PersonMiddleware(AuthenticationMiddleware):
    """Django's own, which asks the database for a person whom the session did not bring along."""

    def process_request(self, request: HttpRequest) -> None:
        """Say who it is once somebody asks."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _person_of(request))  # type: ignore[assignment]  # as Django's own


def _person_of(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    """Return who signed in; whatever is not plain is for Django to decide, as ever."""
    found = _brought(request)
    return get_user(request) if found is None else found


def _brought(request: HttpRequest) -> User | None:
    """Return whom the session brought, where Django would say that it is them."""
    session = request.session
    if not isinstance(session, SessionStore) or _BACKEND not in settings.AUTHENTICATION_BACKENDS:
        return None
    key, backend = session.get(SESSION_KEY), session.get(BACKEND_SESSION_KEY)
    person = session.person
    if person is None or key != str(person.pk) or backend != _BACKEND or not person.is_active:
        return None
    known: str = session.get(HASH_SESSION_KEY) or ""
    return person if constant_time_compare(known, person.get_session_auth_hash()) else None
