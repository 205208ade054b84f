"""What governance holds of a customer: approvals, decisions, and the payloads of the ledger.

The rooms below know nothing of personal data, so it is told here for them.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import quote_plus

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from governance.access.models import PersonSession
from governance.approvals.models import ApprovalRequest, ApprovalVote, InboxView
from governance.approvals.types import ApprovalState
from governance.ledger.erasable import Reach, count_erasable, list_recorded
from governance.policies.models import DecisionRecord
from governance.privacy.rows import Rows
from governance.privacy.types import PersonalRecord, Subject, SubjectKind
from governance.privacy.untold import Untold


def reach_of(subject: Subject) -> Reach:
    """Return which payloads of the ledger belong to a subject."""
    ids = [*subject.case_ids, *([subject.id] if subject.kind is SubjectKind.CUSTOMER else [])]
    return Reach(streams=subject.streams, ids=ids, texts=subject.needles)


class Payloads:
    """The ledger's payloads about a subject; the entries themselves stay, and prove on.

    They are erased by ``erase_payloads`` under the entry that says so, not by a holder's turn.
    """

    code = "ledger"
    title: str | Promise = _("What the audit history says in words")
    fields = frozenset(
        {
            "governance.EntryPayload.body",
            "governance.EntryPayload.salt",
            # Searches that name the subject go in the same act.
            "governance.SavedSearch.name",
            "governance.SavedSearch.selection",
        }
    )
    is_last = True

    def count(self, subject: Subject) -> int:
        """Return how many payloads there are."""
        return count_erasable(reach_of(subject))

    def ids(self, subject: Subject) -> Iterator[str]:
        """Yield nothing: an entry is named by no public id."""
        del subject
        return iter(())

    def collect(self, subject: Subject) -> Iterator[PersonalRecord]:
        """Yield the entries of the subject's cases whose payloads are at hand, oldest first."""
        for place, entry in enumerate(list_recorded(streams=subject.streams)):
            if entry.payload is not None:
                values: dict[str, Any] = {"kind": entry.kind, "payload": entry.payload}
                yield PersonalRecord(self.code, f"{entry.stream}/{place}", entry.at, values)

    def erase(self, subject: Subject, now: datetime) -> int:
        """Leave them to the act, which writes the entries that the database asks for."""
        del subject, now
        return 0


class Sessions(Untold):
    """What people typed about a subject's approvals and cases and did not send, while signed in."""

    code = "sessions"
    title: str | Promise = _("Words typed on a page and kept until they are sent")
    fields = frozenset({"governance.PersonSession.session_data"})

    def count(self, subject: Subject) -> int:
        """Return how many sessions hold some."""
        return sum(1 for _found in self._found(subject))

    def erase(self, subject: Subject, now: datetime) -> int:
        """Drop what concerns the subject; everybody stays signed in."""
        del now
        erased = 0
        for session, data in self._found(subject):
            store = session.get_session_store_class()()
            rows = PersonSession.objects.filter(pk=session.pk, session_data=session.session_data)
            erased += rows.update(session_data=store.encode(data))
        return erased

    def _found(self, subject: Subject) -> Iterator[tuple[PersonSession, dict[str, Any]]]:
        needles = [*subject.case_ids, *_approval_ids(subject), *subject.needles]
        if not needles:
            return
        for session in PersonSession.objects.order_by("pk").iterator():
            data = session.get_decoded()
            kept = {key: value for key, value in data.items() if not _says(key, value, needles)}
            if len(kept) < len(data):
                yield session, kept


def _says(key: str, value: Any, needles: list[str]) -> bool:
    text = f"{key} {json.dumps(value, ensure_ascii=False, default=str)}"
    return any(needle in text for needle in needles)


def _approval_ids(subject: Subject) -> list[str]:
    rows = ApprovalRequest.objects.filter(_approvals(subject))
    return [str(one) for one in rows.values_list("public_id", flat=True)]


def _approvals(subject: Subject, path: str = "") -> Q:
    """Return the requests about a subject's cases, and the tests that were made of them."""
    own, test = f"{path}case_public_id__in", f"{path}vigilance__model__case_public_id__in"
    return Q(**{own: subject.case_ids}) | Q(**{test: subject.case_ids})


def _views(subject: Subject) -> Q | None:
    wanted = [
        Q(criteria__icontains=quote_plus(text)) | Q(name__icontains=text)
        for text in subject.needles
    ]
    return reduce(or_, wanted) if wanted else None


_VIEW_NAME = Concat(Value("erased:"), Cast("pk", CharField()))

HOLDERS = (
    Rows(
        code="approvals",
        title=_("Approvals: what approvers were shown"),
        model=ApprovalRequest,
        reach=_approvals,
        blank={
            "title": "",
            "detail": "",
            "view": b"{}",
            "view_digest": "",
            "action_digest": "",
            "likeness": "",
            "headline": None,
            "ended_reason": "",
        },
        at="created_at",
        told=("state", "amount_minor", "currency"),
        untold=("view", "view_digest", "action_digest", "likeness"),
    ),
    Rows(
        code="votes",
        title=_("What approvers gave as their reason"),
        model=ApprovalVote,
        reach=lambda subject: _approvals(subject, "request__"),
        blank={"reason": "", "action_digest": "", "view_digest": "", "discounted_reason": ""},
        at="at",
        told=("choice",),
        untold=("action_digest", "view_digest"),
    ),
    Rows(
        code="decisions",
        title=_("Facts that decisions of the policies saw"),
        model=DecisionRecord,
        reach=lambda subject: Q(stream__in=subject.streams),
        blank={"body": b"", "digest": ""},
        at="at",
        told=("outcome",),
        untold=("body", "digest"),
    ),
    Rows(
        code="inbox_views",
        title=_("Saved filters of the inbox that name the person"),
        model=InboxView,
        reach=_views,
        blank={"criteria": "", "name": _VIEW_NAME},
        at="created_at",
    ),
    Sessions(),
    Payloads(),
)


def undecided(subject: Subject) -> list[str]:
    """Return a sentence for every approval of a subject that waits for votes or to be used."""
    waiting = [str(ApprovalState.PENDING), str(ApprovalState.GRANTED)]
    rows = ApprovalRequest.objects.filter(_approvals(subject), state__in=waiting)
    return [
        _now("%(approval)s still waits.") % {"approval": row.label} for row in rows.order_by("pk")
    ]
