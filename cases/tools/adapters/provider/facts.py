"""The facts, words and comparisons that the provider's tools name; pure.

Each function takes the arguments and the answers by read, in the shape that
``cases.tools.registry`` describes; an answer that is not there makes the fact unknown.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from cases.tools.adapters.provider.changes import FROZEN
from cases.tools.adapters.provider.lookups import is_fitting
from cases.tools.adapters.retail.types import Json
from cases.tools.facts import owner_is_customer
from cases.tools.registry import (
    UNKNOWN,
    BeforeAfterFunction,
    BeforeAfterRow,
    EffectFunction,
    EffectText,
    FactFunction,
    Flow,
)
from governance.policies.catalogue import FactSpec, FactType

Answers = Mapping[str, Json]
Rows = tuple[BeforeAfterRow, ...]

PREFIX: Final = "provider"
CURRENCY: Final = "USD"
_FLAG, _CENTS = "boolean", "minor units"


def slot_fits(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether the slot's technician serves the request's region with its skill."""
    del arguments, case
    return is_fitting(request=reads["request"], slot=reads["slot"])


def slot_free(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether the slot has room left."""
    del arguments, case
    return bool(reads["slot"]["taken"] < reads["slot"]["capacity"])


def line_charged(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether the invoice has the line and charges it now."""
    del case
    line = reads["invoice"]["lines"].get(arguments["line_id"])
    return line is not None and not line["credited"]


def line_minor(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Return what the line of the invoice comes to."""
    del case
    line = reads["invoice"]["lines"].get(arguments["line_id"])
    return UNKNOWN if line is None else _minor(line["amount"])


def goodwill_minor(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Return the goodwill that shall be granted."""
    del reads, case
    return _minor(arguments["amount"])


def currency(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Return the provider's only currency."""
    del arguments, reads, case
    return CURRENCY


def account_frozen(arguments: Answers, reads: Answers, case: Answers) -> Json:
    """Tell whether the account is frozen."""
    del arguments, case
    return bool(reads["account"]["state"] == FROZEN)


def _minor(text: str) -> int:
    return int(Decimal(text) * 100)


def _fact(name: str, compute: Callable[[Answers, Answers, Answers], Json], **more: str) -> None:
    FACTS[f"{PREFIX}.{name}"] = FactFunction(
        compute=compute,
        type=more.get("type", _FLAG),
        unit=more.get("unit", ""),
        meaning=(compute.__doc__ or "").partition("\n")[0],
    )


FACTS: Final[dict[str, FactFunction]] = {
    f"{PREFIX}.own_{name}": owner_is_customer(
        f"${name}.customer_id", f"Whether the {name} belongs to the customer of the case."
    )
    for name in ("customer", "request", "appointment", "invoice", "complaint", "account")
}
_fact("slot_fits", slot_fits)
_fact("slot_free", slot_free)
_fact("line_charged", line_charged)
_fact("line_minor", line_minor, type="number", unit=_CENTS)
_fact("goodwill_minor", goodwill_minor, type="number", unit=_CENTS)
_fact("currency", currency, type="text")
_fact("account_frozen", account_frozen)

FACT_SPECS: Final[tuple[FactSpec, ...]] = tuple(
    FactSpec(name, FactType.FLAG, "", meaning, source=source, example=example)
    for name, meaning, source, example in (
        ("own_record", "The record belongs to the verified customer.", "the record", "true"),
        ("slot_fits", "The technician serves the region and has the skill.", "the slot", "true"),
        ("slot_free", "The slot has room left.", "the slot", "true"),
        ("line_charged", "The invoice charges the line now.", "the invoice", "true"),
        ("account_frozen", "The account is frozen.", "the account", "false"),
    )
)


def _window(slot: Answers) -> str:
    return f"{slot['day']}, {slot['from']} to {slot['to']}"


def book_effect(arguments: Answers, reads: Answers) -> EffectText | None:
    """Say what booking a technician does."""
    request, slot = reads["request"], reads["slot"]
    number = arguments["request_id"]
    return EffectText(
        title=f"Book a technician for {number}",
        detail=f"{request['kind']} · {_window(slot)}",
        sentence=f"Book a technician for the {request['kind']} {number} on {_window(slot)}.",
        money=Flow.NONE,
    )


def cancel_effect(arguments: Answers, reads: Answers) -> EffectText | None:
    """Say what cancelling an appointment does."""
    held, number = reads["appointment"], arguments["request_id"]
    return EffectText(
        title=f"Cancel the appointment of {number}",
        detail=_window(held),
        sentence=f"Cancel the appointment of {number} on {_window(held)}; the slot is free again.",
        closes_off="The same slot may be taken by somebody else meanwhile.",
        money=Flow.NONE,
    )


def phone_effect(arguments: Answers, reads: Answers) -> EffectText | None:
    """Say what changing the phone number does."""
    customer = reads["customer"]
    return EffectText(
        title=f"Change the phone number of {customer['name']}",
        detail=f"{customer['phone']} becomes {arguments['phone']}",
        sentence=(
            f"Call {customer['name']}, and send codes, on {arguments['phone']} "
            f"instead of {customer['phone']}."
        ),
        money=Flow.NONE,
    )


def goodwill_effect(arguments: Answers, reads: Answers) -> EffectText | None:
    """Say what granting goodwill does."""
    complaint = reads["complaint"]
    return EffectText(
        title=f"Grant ${arguments['amount']} of goodwill",
        detail=f"{complaint['complaint_id']} · {complaint['about']}",
        sentence=(
            f"Credit ${arguments['amount']} to the next invoice for complaint "
            f"{complaint['complaint_id']}."
        ),
        closes_off="Goodwill is granted once for a complaint and cannot be taken back.",
        money=Flow.TO_CUSTOMER,
    )


def credit_effect(arguments: Answers, reads: Answers) -> EffectText | None:
    """Say what crediting a line does."""
    return _line_effect(arguments, reads, "Credit", Flow.TO_CUSTOMER)


def restore_effect(arguments: Answers, reads: Answers) -> EffectText | None:
    """Say what charging a credited line again does."""
    return _line_effect(arguments, reads, "Charge again", Flow.FROM_CUSTOMER)


def _line_effect(arguments: Answers, reads: Answers, act: str, flow: Flow) -> EffectText | None:
    invoice = reads["invoice"]
    line = invoice["lines"][arguments["line_id"]]
    return EffectText(
        title=f"{act} ${line['amount']} of {invoice['invoice_id']}",
        detail=f"{line['text']} · {invoice['period']}",
        sentence=f"{act} “{line['text']}” of invoice {invoice['invoice_id']}, ${line['amount']}.",
        money=flow,
    )


def freeze_effect(arguments: Answers, reads: Answers) -> EffectText | None:
    """Say what freezing an account does."""
    return EffectText(
        title=f"Freeze account {arguments['customer_id']}",
        detail=f"{arguments['reason']} · {len(reads['account']['activity'])} events lately",
        sentence=f"Freeze account {arguments['customer_id']}: {arguments['reason']}.",
        closes_off="Until it is opened again, the customer can order and change nothing.",
        money=Flow.NONE,
    )


def unfreeze_effect(arguments: Answers, reads: Answers) -> EffectText | None:
    """Say what opening a frozen account does."""
    del reads
    return EffectText(
        title=f"Open account {arguments['customer_id']} again",
        detail=str(arguments["reason"]),
        sentence=f"Open account {arguments['customer_id']} again: {arguments['reason']}.",
        money=Flow.NONE,
    )


def book_rows(arguments: Answers, reads: Answers) -> Rows | None:
    """Compare a request without an appointment with one that has it."""
    del arguments
    request, slot = reads["request"], reads["slot"]
    return (
        BeforeAfterRow("Request", request["status"], "appointment booked"),
        BeforeAfterRow("Technician", "none", _window(slot)),
        BeforeAfterRow("Places left", _left(slot["capacity"] - slot["taken"]), _left(_after(slot))),
    )


def _after(slot: Answers) -> int:
    return int(slot["capacity"]) - int(slot["taken"]) - 1


def _left(number: int) -> str:
    return str(max(number, 0))


def cancel_rows(arguments: Answers, reads: Answers) -> Rows | None:
    """Compare a request with an appointment with one without."""
    del arguments
    return (BeforeAfterRow("Technician", _window(reads["appointment"]), "none"),)


def phone_rows(arguments: Answers, reads: Answers) -> Rows | None:
    """Compare the number on file with the new one."""
    return (BeforeAfterRow("Phone number", reads["customer"]["phone"], arguments["phone"]),)


def goodwill_rows(arguments: Answers, reads: Answers) -> Rows | None:
    """Compare the goodwill of a complaint before and after."""
    before = reads["complaint"]["goodwill"]
    return (BeforeAfterRow("Goodwill", f"${before}", f"${arguments['amount']}"),)


def credit_rows(arguments: Answers, reads: Answers) -> Rows | None:
    """Compare a charged line with a credited one."""
    line = reads["invoice"]["lines"][arguments["line_id"]]
    return (BeforeAfterRow(line["text"], f"${line['amount']}", "credited, $0.00"),)


def restore_rows(arguments: Answers, reads: Answers) -> Rows | None:
    """Compare a credited line with one that is charged again."""
    line = reads["invoice"]["lines"][arguments["line_id"]]
    return (BeforeAfterRow(line["text"], "credited, $0.00", f"${line['amount']}"),)


def freeze_rows(arguments: Answers, reads: Answers) -> Rows | None:
    """Compare an open account with a frozen one."""
    del arguments
    return (BeforeAfterRow("Account", reads["account"]["state"], "frozen"),)


def unfreeze_rows(arguments: Answers, reads: Answers) -> Rows | None:
    """Compare a frozen account with an open one."""
    del arguments
    return (BeforeAfterRow("Account", reads["account"]["state"], "open"),)


EFFECTS: Final[Mapping[str, EffectFunction]] = {
    f"{PREFIX}.book_effect": book_effect,
    f"{PREFIX}.cancel_effect": cancel_effect,
    f"{PREFIX}.phone_effect": phone_effect,
    f"{PREFIX}.goodwill_effect": goodwill_effect,
    f"{PREFIX}.credit_effect": credit_effect,
    f"{PREFIX}.restore_effect": restore_effect,
    f"{PREFIX}.freeze_effect": freeze_effect,
    f"{PREFIX}.unfreeze_effect": unfreeze_effect,
}
ROWS: Final[Mapping[str, BeforeAfterFunction]] = {
    f"{PREFIX}.book_rows": book_rows,
    f"{PREFIX}.cancel_rows": cancel_rows,
    f"{PREFIX}.phone_rows": phone_rows,
    f"{PREFIX}.goodwill_rows": goodwill_rows,
    f"{PREFIX}.credit_rows": credit_rows,
    f"{PREFIX}.restore_rows": restore_rows,
    f"{PREFIX}.freeze_rows": freeze_rows,
    f"{PREFIX}.unfreeze_rows": unfreeze_rows,
}
