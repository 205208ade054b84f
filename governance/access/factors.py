"""The second factor of a person, as the sign-in library stores it: read, and shown to set up."""

from base64 import b64encode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from governance.access.models import User


@dataclass(frozen=True, slots=True)
class Factor:
    """A person's second factor.

    Attributes:
        since: When it was set up.
        used_at: When a code was last given; None where none was yet.
        codes_left: Recovery codes that were not used.
    """

    since: datetime
    used_at: datetime | None
    codes_left: int


def apps_of(person_pk: Any) -> QuerySet[Authenticator]:
    """Return the authenticator apps of a person, by primary key or a query's outer column."""
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(user_id=person_pk)
    return rows.filter(type=Authenticator.Type.TOTP)


def has_factor(person: User) -> bool:
    """Return whether a person has an authenticator app set up."""
    return bool(apps_of(person.pk).exists())


def find_factor(person: User) -> Factor | None:
    """Return a person's second factor, or None where none is set up."""
    found = {row.type: row for row in Authenticator.objects.filter(user_id=person.pk)}
    app = found.get(Authenticator.Type.TOTP)
    if app is None:
        return None
    codes = found.get(Authenticator.Type.RECOVERY_CODES)
    used = [row.last_used_at for row in found.values() if row.last_used_at]
    return Factor(
        since=app.created_at,
        used_at=max(used, default=None),
        codes_left=len(codes.wrap().get_unused_codes()) if codes else 0,
    )


def people_with_factor(person_pks: Collection[int]) -> frozenset[int]:
    """Return which of some people have a second factor, in one query."""
    rows = Authenticator.objects.filter(user_id__in=person_pks, type=Authenticator.Type.TOTP)
    return frozenset(rows.values_list("user_id", flat=True))


def picture_of(person: User, secret: str) -> str:
    """Return the code that an authenticator app reads off the screen, as an image's address."""
    adapter = get_adapter()
    drawn = adapter.build_totp_svg(adapter.build_totp_url(person, secret))
    return f"data:image/svg+xml;base64,{b64encode(drawn.encode()).decode()}"
