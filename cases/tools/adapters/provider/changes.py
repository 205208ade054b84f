"""The provider's operations that change its state.

Every check comes before the first change, so a refusal changes nothing.
"""

import copy
import re

from cases.tools.adapters.provider.lookups import is_fitting, row_of
from cases.tools.adapters.retail.types import Database, Record, RefusedError

#: An amount as the provider writes it: dollars and cents.
AMOUNT = re.compile(r"\d{1,5}\.\d{2}")
FROZEN, OPEN = "frozen", "open"


def book_appointment(*, database: Database, request_id: str, slot_id: str) -> Record:
    """Book a technician for a request.

    Returns:
        The appointment.

    Raises:
        RefusedError: No such request or slot, the request has an appointment, the slot is
            another region's or skill's, it is full, or the customer is busy at that time.
    """
    request = row_of(database=database, table="requests", key=request_id, what="Service request")
    slot = row_of(database=database, table="slots", key=slot_id, what="Slot")
    if request_id in database["appointments"]:
        raise RefusedError("The request already has an appointment")
    if not is_fitting(request=request, slot=slot):
        raise RefusedError("No technician of this slot serves the region with the skill")
    if slot["taken"] >= slot["capacity"]:
        raise RefusedError("The slot is full")
    mine = request["customer_id"]
    if any(
        one["customer_id"] == mine and (one["day"], one["from"]) == (slot["day"], slot["from"])
        for one in database["appointments"].values()
    ):
        raise RefusedError("The customer has another appointment at that time")
    slot["taken"] += 1
    request["status"] = "appointment booked"
    database["appointments"][request_id] = {
        "request_id": request_id,
        "customer_id": mine,
        "slot_id": slot_id,
        "day": slot["day"],
        "from": slot["from"],
        "to": slot["to"],
    }
    return copy.deepcopy(database["appointments"][request_id])


def cancel_appointment(*, database: Database, request_id: str) -> Record:
    """Give an appointment's slot back.

    Returns:
        The request afterwards, with the slot that is free again.

    Raises:
        RefusedError: There is no such appointment.
    """
    held = row_of(database=database, table="appointments", key=request_id, what="Appointment")
    database["slots"][held["slot_id"]]["taken"] -= 1
    del database["appointments"][request_id]
    database["requests"][request_id]["status"] = "waiting for an appointment"
    return {**copy.deepcopy(database["requests"][request_id]), "freed_slot_id": held["slot_id"]}


def change_phone(*, database: Database, customer_id: str, phone: str) -> Record:
    """Give a customer another phone number for calls and codes.

    Returns:
        The customer's id, the number afterwards and the one before.

    Raises:
        RefusedError: No such customer, the account is frozen, or the number is the same.
    """
    customer = row_of(database=database, table="customers", key=customer_id, what="Customer")
    if database["security"].get(customer_id, {}).get("state") == FROZEN:
        raise RefusedError("The account is frozen")
    if customer["phone"] == phone:
        raise RefusedError("The number is the one on file")
    before, customer["phone"] = customer["phone"], phone
    return {"customer_id": customer_id, "phone": phone, "phone_before": before}


def register_complaint(*, database: Database, customer_id: str, about: str) -> Record:
    """Register a complaint, so that it has a number and a person answers it.

    Returns:
        The complaint.

    Raises:
        RefusedError: No such customer, or a complaint of theirs is open.
    """
    row_of(database=database, table="customers", key=customer_id, what="Customer")
    complaints = database["complaints"]
    if any(
        one["customer_id"] == customer_id and one["state"] == OPEN for one in complaints.values()
    ):
        raise RefusedError("A complaint of this customer is open already")
    key = f"CO-{7001 + len(complaints)}"
    complaints[key] = {
        "complaint_id": key,
        "customer_id": customer_id,
        "about": about,
        "state": OPEN,
        "goodwill": "0.00",
    }
    return copy.deepcopy(complaints[key])


def grant_goodwill(*, database: Database, complaint_id: str, amount: str) -> Record:
    """Credit goodwill for a complaint to the next invoice, once.

    Args:
        database: The state; changed in place.
        complaint_id: The complaint.
        amount: Dollars and cents, such as ``40.00``.

    Returns:
        The complaint afterwards.

    Raises:
        RefusedError: No such complaint, goodwill was granted, or it is no amount.
    """
    complaint = row_of(database=database, table="complaints", key=complaint_id, what="Complaint")
    if complaint["goodwill"] != "0.00":
        raise RefusedError("Goodwill was granted already")
    if AMOUNT.fullmatch(amount) is None or float(amount) == 0:
        raise RefusedError("Write an amount such as 40.00")
    complaint["goodwill"] = amount
    return copy.deepcopy(complaint)


def credit_invoice_line(*, database: Database, invoice_id: str, line_id: str) -> Record:
    """Credit one line of an invoice in full.

    Returns:
        The invoice afterwards.

    Raises:
        RefusedError: No such invoice or line, or it is credited already.
    """
    return _mark(database, invoice_id, line_id, credited=True)


def restore_invoice_line(*, database: Database, invoice_id: str, line_id: str) -> Record:
    """Charge a credited line again.

    Returns:
        The invoice afterwards.

    Raises:
        RefusedError: No such invoice or line, or it is charged already.
    """
    return _mark(database, invoice_id, line_id, credited=False)


def _mark(database: Database, invoice_id: str, line_id: str, *, credited: bool) -> Record:
    invoice = row_of(database=database, table="invoices", key=invoice_id, what="Invoice")
    line: Record | None = invoice["lines"].get(line_id)
    if line is None:
        raise RefusedError("Line not found")
    if line["credited"] is credited:
        raise RefusedError("The line is credited already" if credited else "The line is charged")
    line["credited"] = credited
    return copy.deepcopy(invoice)


def freeze_account(*, database: Database, customer_id: str, reason: str) -> Record:
    """Freeze an account: no orders, no changes, no new devices until it is opened again.

    Returns:
        The account afterwards.

    Raises:
        RefusedError: No such account, or it is frozen.
    """
    return _set_state(database, customer_id, FROZEN, reason)


def unfreeze_account(*, database: Database, customer_id: str, reason: str) -> Record:
    """Open a frozen account again.

    Returns:
        The account afterwards.

    Raises:
        RefusedError: No such account, or it is open.
    """
    return _set_state(database, customer_id, OPEN, reason)


def _set_state(database: Database, customer_id: str, state: str, reason: str) -> Record:
    account = row_of(database=database, table="security", key=customer_id, what="Account")
    if account["state"] == state:
        raise RefusedError(f"The account is {state} already")
    account["state"] = state
    account["reason"] = reason
    return copy.deepcopy(account)


def add_contact_note(*, database: Database, customer_id: str, note: str) -> Record:
    """Add a note to a customer's contact history.

    Returns:
        How many notes the customer has, with the newest.

    Raises:
        RefusedError: There is no such customer.
    """
    customer = row_of(database=database, table="customers", key=customer_id, what="Customer")
    customer["notes"].append(note)
    return {"customer_id": customer_id, "notes": len(customer["notes"]), "newest": note}
