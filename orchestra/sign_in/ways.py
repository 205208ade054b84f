"""Which way in is open to whom, by settings."""

from django.conf import settings


def may_use_password(login: str) -> bool:
    """Return whether a login may sign in by password: everybody, or who breaks the glass."""
    return (
        bool(settings.ORCHESTRA["PASSWORD_SIGN_IN"]) or login in settings.ORCHESTRA["BREAK_GLASS"]
    )
