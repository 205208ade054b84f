"""Cases, contacts and customers, as rows and as values."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

from cases.memory.models import Case, Customer, Evidence, Interaction, Message, Verification
from cases.memory.types import CaseDraft, Channel, Speaker
from governance.access.models import Queue
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from orchestra.core.actors import Actor, system
from orchestra.core.history import save_as
from tests.factories.access import make_queue

FACTORY = system("factory")
OPENED_AT = datetime(2026, 11, 19, 18, 0, tzinfo=UTC)
_numbers = count(1)


def make_customer(ref: str = "", **fields: Any) -> Customer:
    customer = Customer(
        ref=ref or f"customer_{next(_numbers)}",
        **{"name": "Mia Garcia", "created_at": OPENED_AT, **fields},
    )
    save_as(customer, actor=FACTORY)
    return customer


def make_case(queue: Queue | None = None, **fields: Any) -> Case:
    """A case with one contact, without ledger entries."""
    case = Case(
        queue=queue or make_queue(),
        **{
            "channel": Channel.CHAT,
            "subject": "Return a skateboard",
            "opened_by_kind": FACTORY.kind,
            "opened_by_id": FACTORY.id,
            "opened_by_label": FACTORY.label,
            "opened_at": OPENED_AT,
            **fields,
        },
    )
    save_as(case, actor=FACTORY)
    Interaction.objects.create(case=case, channel=case.channel, started_at=case.opened_at)
    return case


def make_message(
    case: Case,
    text: str = "I want to return the skateboard.",
    *,
    speaker: Speaker = Speaker.CUSTOMER,
    author: Actor = FACTORY,
    at: datetime = OPENED_AT,
) -> Message:
    """An utterance in the latest contact of a case, without a ledger entry."""
    return Message.objects.create(
        case=case,
        interaction=Interaction.objects.filter(case=case).latest("pk"),
        speaker=speaker,
        author_kind=author.kind,
        author_id=author.id,
        author_label=author.label,
        text=text,
        at=at,
    )


def contact(text: str = "I want to return the skateboard.", **fields: Any) -> CaseDraft:
    return CaseDraft(**{"channel": Channel.CHAT, "text": text, **fields})


def email_point(value: str = "mia@example.com") -> Mapping[str, str]:
    return {"kind": "email", "value": value}


def kinds_of(stream: str) -> list[str]:
    return list(
        LedgerEntry.objects.filter(stream=stream).order_by("seq").values_list("kind", flat=True)
    )


def last_payload(stream: str) -> dict[str, object]:
    entry = LedgerEntry.objects.select_related("payload").filter(stream=stream).latest("seq")
    return payload_of(entry=entry) or {}


def memory_rows() -> tuple[int, ...]:
    """How many rows of each kind there are: what a refused act must leave alone."""
    models: tuple[Any, ...] = (
        Case, Customer, Interaction, Message, Verification, Evidence, LedgerEntry,
        Case.history.model,
    )  # fmt: skip
    return tuple(model.objects.count() for model in models)
