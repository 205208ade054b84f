"""Answers kept under an Idempotency-Key, as a holder of personal data."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.privacy import registry
from governance.privacy.types import Subject
from governance.privacy.untold import Untold
from orchestra.api.models import IdempotencyRecord

#: What a repeat of the request is told from then on.
ERASED_BODY: Final = b'{"erased":true}'
_ID: Final = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AT_ONCE: Final = 500


class KeptAnswers(Untold):
    """First answers of the API that name a subject; they are kept for seven days.

    The key stays, so that a late repeat has no second effect; only what it was answered goes.
    """

    code = "kept_answers"
    title: str | Promise = _("Answers of the API, kept for repeated requests")
    fields = frozenset({"orchestra.IdempotencyRecord.body"})

    def count(self, subject: Subject) -> int:
        """Return how many answers name the subject."""
        return sum(1 for _key in self._found(subject))

    def erase(self, subject: Subject, now: datetime) -> int:
        """Replace the answers."""
        del now
        keys = list(self._found(subject))
        for start in range(0, len(keys), _AT_ONCE):
            rows = IdempotencyRecord.objects.filter(pk__in=keys[start : start + _AT_ONCE])
            rows.update(body=ERASED_BODY)
        return len(keys)

    def _found(self, subject: Subject) -> Iterator[int]:
        ids = {one.encode() for one in [subject.id, *subject.case_ids]}
        ids |= {one.encode() for holder in registry.in_order() for one in holder.ids(subject)}
        texts = [text.encode() for text in subject.needles]
        rows = IdempotencyRecord.objects.filter(body__isnull=False).order_by("pk")
        rows = rows.exclude(body=ERASED_BODY)
        for key, body in rows.values_list("pk", "body").iterator(chunk_size=_AT_ONCE):
            said = bytes(body or b"")
            if not ids.isdisjoint(_ID.findall(said)) or any(text in said for text in texts):
                yield key


HOLDERS = (KeptAnswers(),)
