"""Records of every class, old and new, for the tests of retention."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cases.memory.models import Case
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.notifications.models import Notice
from orchestra.api.models import IdempotencyRecord
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.factories.cases import FACTORY, make_case, make_customer, make_message
from tests.factories.notifications import make_notice

DAY = timedelta(days=1)
#: Older than every period there is.
LONG_AGO = NOW - 3000 * DAY


@dataclass(frozen=True)
class Kept:
    """What stands: a case closed long ago, one closed lately, one open, and old records."""

    old: Case
    lately: Case
    open: Case
    notice: Notice
    answer: IdempotencyRecord


def make_kept() -> Kept:
    old = _case(closed_at=LONG_AGO, opened_at=LONG_AGO - DAY, external_ref="S-1")
    lately = _case(closed_at=NOW - DAY)
    still = _case(closed_at=None, opened_at=LONG_AGO)
    append("ledger.read", "system", LONG_AGO, what="everything")
    append("ledger.read", "system", NOW - DAY, what="something")
    maren = make_person("maren")
    return Kept(old, lately, still, make_notice(maren, LONG_AGO), make_answer(LONG_AGO, "a" * 64))


def make_answer(at: datetime, scope: str) -> IdempotencyRecord:
    return IdempotencyRecord.objects.create(
        scope=scope,
        fingerprint="f" * 64,
        state="done",
        status=201,
        body=b'{"name":"Mia Garcia"}',
        headers={"Content-Type": "application/json"},
        lease_until_at=at,
        created_at=at,
    )


def append(kind: str, stream: str, at: datetime, **payload: str) -> None:
    with one_act():
        append_entry(
            actor=FACTORY, now=at, draft=EntryDraft(stream=stream, kind=kind, payload=payload)
        )


def _case(**fields: object) -> Case:
    case = make_case(customer=make_customer(), **fields)
    for text in ("I am Mia Garcia.", "mia@example.com is my address."):
        make_message(case, text, at=case.opened_at)
    append("message.added", case.stream, case.opened_at, text="I am Mia Garcia.")
    return case
