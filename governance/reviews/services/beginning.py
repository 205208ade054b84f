"""Begin a document of which no version exists."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from django.utils.translation import gettext as _

from governance.access.selectors import authority_of
from governance.ledger.services import one_act
from governance.reviews import rules
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import Beginning, DocumentKind, documents
from governance.reviews.selectors import list_changes_of
from governance.reviews.services.drafting import open_change
from governance.reviews.services.locked import require_drafting
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError, NotFoundError
from orchestra.core.locking import take_turn

MAX_KEY: Final = 100
MAX_TITLE: Final = 150
KEY: Final = re.compile(r"[a-z][a-z0-9_]*")


@one_act()
def begin_document(
    *,
    actor: Actor,
    now: datetime,
    kind: str,
    key: str,
    title: str,
    summary: str = "",
    day: date | None = None,
) -> ChangeRequest:
    """Open the change that brings a new document, with the smallest draft of its kind.

    Args:
        actor: Who writes it.
        now: When, UTC.
        kind: Registered kind of document.
        key: Key of the document; made of the title where it is empty.
        title: Title of the document.
        summary: Why it is needed.
        day: Today, where the author is; that of ``now`` without it.

    Raises:
        NotFoundError: None of this kind can be begun.
        NotPermittedError: The actor may not draft this kind.
        InvalidInputError: Key or title cannot be used, with every reason.
    """
    found = documents.find(kind)
    if found is None or found.blank is None:
        raise NotFoundError(_("No document of this kind can be begun here."))
    require_drafting(authority_of(actor), kind=kind, key=key.strip() or key_of(title.strip()))
    title = title.strip()
    key = key.strip() or key_of(title)
    # Of two who begin the same, the second sees the first.
    take_turn(rules.PUBLISHING)
    errors = [*_title_errors(title), *_key_errors(kind, found, key)]
    if errors:
        message = _("It cannot be begun; see the errors.")
        raise InvalidInputError(message, code="change.invalid", errors=errors)
    begun = Beginning(key=key, title=title, author=actor.label, day=day or now.date())
    return open_change(
        actor=actor,
        now=now,
        kind=kind,
        document_key=key,
        title=_("New %(kind)s: %(title)s") % {"kind": found.title, "title": title},
        summary=summary,
        document=found.blank(begun),
    )


def key_of(title: str) -> str:
    """Return a key made of a title's letters and digits; empty where it has none."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_").lstrip("_0123456789")[:MAX_KEY]


def _title_errors(title: str) -> Iterator[FieldError]:
    if not title:
        yield FieldError("title", "required", _("Give it a title."))
    elif len(title) > MAX_TITLE:
        message = _("At most %(count)d letters.") % {"count": MAX_TITLE}
        yield FieldError("title", "length", message)


def _key_errors(kind: str, found: DocumentKind, key: str) -> Iterator[FieldError]:
    if len(key) > MAX_KEY or not KEY.fullmatch(key):
        message = _(
            "A key has small letters, digits and underscores, begins with a letter and is at "
            "most %(count)d long."
        )
        yield FieldError("key", "format", message % {"count": MAX_KEY})
    elif found.rows.present(key) is not None:
        yield FieldError("key", "taken", _("This key is in force; propose a change on its page."))
    elif list_changes_of(kind=kind, key=key).exists():
        message = _("Somebody began one with this key already; see the change requests.")
        yield FieldError("key", "taken", message)
