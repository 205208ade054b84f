"""The provider's operations that only read."""

import copy

from cases.tools.adapters.retail.types import Database, Record, RefusedError

#: The order in which a line test looks, and what it says where nothing is wrong.
LINE_FINE = "No fault found on the line."


def row_of(*, database: Database, table: str, key: str, what: str) -> Record:
    """Return the stored row itself, for operations that change it.

    Args:
        database: The state.
        table: Such as ``customers``.
        key: The row's id.
        what: What it is called in a refusal, such as ``Customer``.

    Raises:
        RefusedError: There is no such row.
    """
    row = database[table].get(key)
    if row is None:
        raise RefusedError(f"{what} not found")
    return row


def find_customer_by_email(*, database: Database, email: str) -> str:
    """Return the id of the customer with this e-mail address, whatever its case.

    Raises:
        RefusedError: No customer has it.
    """
    for customer_id, customer in database["customers"].items():
        if customer["email"].casefold() == email.casefold():
            return customer_id
    raise RefusedError("Customer not found")


def confirm_one_time_code(*, database: Database, customer_id: str, code: str) -> str:
    """Return the customer's id where the code is the one that was sent to them.

    Raises:
        RefusedError: There is no such customer, or the code is another.
    """
    customer = row_of(database=database, table="customers", key=customer_id, what="Customer")
    if customer["one_time_code"] != code:
        raise RefusedError("The code does not match")
    return customer_id


def get_customer(*, database: Database, customer_id: str) -> Record:
    """Return a copy of a customer, without the code sent to them.

    Raises:
        RefusedError: There is no such customer.
    """
    row = row_of(database=database, table="customers", key=customer_id, what="Customer")
    return {key: copy.deepcopy(value) for key, value in row.items() if key != "one_time_code"}


def get_service_request(*, database: Database, request_id: str) -> Record:
    """Return a copy of a service request.

    Raises:
        RefusedError: There is no such request.
    """
    return copy.deepcopy(
        row_of(database=database, table="requests", key=request_id, what="Service request")
    )


def get_slot(*, database: Database, slot_id: str) -> Record:
    """Return a copy of a slot of the calendar.

    Raises:
        RefusedError: There is no such slot.
    """
    return copy.deepcopy(row_of(database=database, table="slots", key=slot_id, what="Slot"))


def list_free_slots(*, database: Database, request_id: str) -> Record:
    """Return the slots a request could have: its region, its skill, with room left.

    Raises:
        RefusedError: There is no such request.
    """
    request = row_of(database=database, table="requests", key=request_id, what="Service request")
    return {
        "request_id": request_id,
        "slots": [
            copy.deepcopy(slot)
            for slot in database["slots"].values()
            if is_fitting(request=request, slot=slot) and slot["taken"] < slot["capacity"]
        ],
    }


def is_fitting(*, request: Record, slot: Record) -> bool:
    """Tell whether a slot's technician serves the request's region and has its skill."""
    return bool(slot["region"] == request["region"] and request["skill"] in slot["skills"])


def get_appointment(*, database: Database, request_id: str) -> Record:
    """Return a copy of the appointment of a request.

    Raises:
        RefusedError: There is none.
    """
    return copy.deepcopy(
        row_of(database=database, table="appointments", key=request_id, what="Appointment")
    )


def get_invoice(*, database: Database, invoice_id: str) -> Record:
    """Return a copy of an invoice with its lines.

    Raises:
        RefusedError: There is no such invoice.
    """
    return copy.deepcopy(
        row_of(database=database, table="invoices", key=invoice_id, what="Invoice")
    )


def get_complaint(*, database: Database, complaint_id: str) -> Record:
    """Return a copy of a complaint.

    Raises:
        RefusedError: There is no such complaint.
    """
    return copy.deepcopy(
        row_of(database=database, table="complaints", key=complaint_id, what="Complaint")
    )


def get_account_security(*, database: Database, customer_id: str) -> Record:
    """Return a copy of an account's state and of what was done in it lately.

    Raises:
        RefusedError: There is no such account.
    """
    return copy.deepcopy(
        row_of(database=database, table="security", key=customer_id, what="Account")
    )


def run_line_test(*, database: Database, customer_id: str) -> Record:
    """Measure a customer's line and say what is wrong with it.

    Raises:
        RefusedError: There is no such customer.
    """
    row = row_of(database=database, table="customers", key=customer_id, what="Customer")
    return {"customer_id": customer_id, "finding": row.get("line", LINE_FINE)}


def hand_over(*, database: Database, summary: str) -> str:
    """Confirm that a person takes over; the provider keeps no record of it."""
    del database, summary
    return "A person takes over"
