"""People who sign in by the centre's identity provider: linked, or welcomed without authority."""

from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from allauth.utils import generate_unique_username

from governance.access import entries
from governance.access.models import User
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft


def link_identity(*, now: datetime, person: User, account: SocialAccount, provider: str) -> None:
    """Link a person to who they are at the identity provider, once.

    Args:
        now: When.
        person: Who, found by the e-mail address that the provider verified.
        account: Their account there, not stored yet.
        provider: Its name.
    """
    with ledger.one_act():
        account.user = person
        account.save()
        _record(now, person, entries.IDENTITY_LINKED, provider=provider)


def welcome_person(*, now: datetime, suggested: User, email: str) -> User:
    """Make a person who arrives from the identity provider; they hold no role and no grant.

    Args:
        now: When.
        suggested: What the provider says of them, not stored yet.
        email: The address it verified; empty where it verified none.
    """
    names = [suggested.username, email, suggested.first_name, "person"]
    with ledger.one_act():
        person = User(
            username=generate_unique_username(names),
            email=email,
            first_name=suggested.first_name[:150],
            last_name=suggested.last_name[:150],
        )
        person.set_unusable_password()
        person.save()
        _record(now, person, entries.PERSON_ARRIVED)
    return person


def _record(now: datetime, person: User, kind: str, **more: str) -> None:
    ledger.append_entry(
        actor=person.as_actor(),
        now=now,
        draft=EntryDraft(
            stream=f"user:{person.public_id}",
            kind=kind,
            payload={"person": person.label, **more},
            subject_kind="user",
            subject_id=str(person.public_id),
        ),
    )
