"""The retail store: one state and its sixteen operations."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Self

from cases.tools.adapters.retail import lookups, orders
from cases.tools.adapters.retail.dataset import load_database
from cases.tools.adapters.retail.types import (
    BadArgumentsError,
    Database,
    Json,
    Record,
    UnknownOperationError,
)

_ADDRESS = ("address1", "address2", "city", "state", "country", "zip")


@dataclass(frozen=True)
class Operation:
    """What an operation takes and whether it changes the state.

    Attributes:
        run: The function; takes `database` and the arguments by name.
        texts: Names of the arguments that are texts.
        lists: Names of the arguments that are lists of texts.
        writes: Whether it can change the state.
    """

    run: Callable[..., Json]
    texts: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    writes: bool = False


OPERATIONS: Mapping[str, Operation] = {
    "calculate": Operation(lookups.calculate, ("expression",)),
    "cancel_pending_order": Operation(
        orders.cancel_pending_order, ("order_id", "reason"), writes=True
    ),
    "exchange_delivered_order_items": Operation(
        orders.exchange_delivered_order_items,
        ("order_id", "payment_method_id"),
        ("item_ids", "new_item_ids"),
        writes=True,
    ),
    "find_user_id_by_email": Operation(lookups.find_user_id_by_email, ("email",)),
    "find_user_id_by_name_zip": Operation(
        lookups.find_user_id_by_name_zip, ("first_name", "last_name", "zip")
    ),
    "get_item_details": Operation(lookups.get_item_details, ("item_id",)),
    "get_order_details": Operation(lookups.get_order_details, ("order_id",)),
    "get_product_details": Operation(lookups.get_product_details, ("product_id",)),
    "get_user_details": Operation(lookups.get_user_details, ("user_id",)),
    "list_all_product_types": Operation(lookups.list_all_product_types),
    "modify_pending_order_address": Operation(
        orders.modify_pending_order_address, ("order_id", *_ADDRESS), writes=True
    ),
    "modify_pending_order_items": Operation(
        orders.modify_pending_order_items,
        ("order_id", "payment_method_id"),
        ("item_ids", "new_item_ids"),
        writes=True,
    ),
    "modify_pending_order_payment": Operation(
        orders.modify_pending_order_payment, ("order_id", "payment_method_id"), writes=True
    ),
    "modify_user_address": Operation(
        orders.modify_user_address, ("user_id", *_ADDRESS), writes=True
    ),
    "return_delivered_order_items": Operation(
        orders.return_delivered_order_items,
        ("order_id", "payment_method_id"),
        ("item_ids",),
        writes=True,
    ),
    "transfer_to_human_agents": Operation(lookups.transfer_to_human_agents, ("summary",)),
}


def get_operation(*, name: str, operations: Mapping[str, Operation] = OPERATIONS) -> Operation:
    """Return an operation by name.

    Raises:
        UnknownOperationError: There is none of that name.
    """
    operation = operations.get(name)
    if operation is None:
        raise UnknownOperationError(f"Unknown operation {name}")
    return operation


def check_arguments(*, operation: Operation, arguments: Mapping[str, Json]) -> None:
    """Check that exactly the declared arguments are there, each of its type.

    Raises:
        BadArgumentsError: Some are missing, not known or of another type; all are named.
    """
    declared = (*operation.texts, *operation.lists)
    problems = [f"{name} is missing" for name in declared if name not in arguments]
    problems += [f"{name} is not known" for name in arguments if name not in declared]
    problems += [
        f"{name} must be a text"
        for name in operation.texts
        if name in arguments and not isinstance(arguments[name], str)
    ]
    problems += [
        f"{name} must be a list of texts"
        for name in operation.lists
        if name in arguments and not _is_text_list(arguments[name])
    ]
    if problems:
        raise BadArgumentsError("; ".join(problems))


def _is_text_list(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


class RetailStore:
    """One state of the store in memory; not safe for several threads (the journal is).

    Other systems of record that ship are stores with other operations and other data.
    """

    operations: ClassVar[Mapping[str, Operation]] = OPERATIONS

    def __init__(self, *, database: Database, text: str = "") -> None:
        """Take over a database.

        Args:
            database: Products, users and orders; belongs to the store from now on.
            text: The same as JSON, where it is at hand.
        """
        self._database = database
        self._untouched = text or json.dumps(database)

    @classmethod
    def fresh(cls, folder: Path | None = None) -> Self:
        """Make a store with the untouched state.

        Args:
            folder: A folder with a `db.json`; the one that ships when None.

        Raises:
            DatasetShapeError: The folder holds no such database.
        """
        if folder is not None:
            return cls(database=load_database(folder))
        text = _shipped()
        return cls(database=json.loads(text), text=text)

    def call(self, *, operation: str, arguments: Record) -> Json:
        """Carry out one operation.

        Args:
            operation: The name, for example `get_order_details`.
            arguments: The arguments by name.

        Returns:
            A JSON value of the caller's own: a text or an object, as recorded.

        Raises:
            RefusedError: A business rule said no; nothing was changed.
            UnknownOperationError: There is no such operation.
            BadArgumentsError: The arguments do not fit it.
        """
        found = get_operation(name=operation, operations=self.operations)
        check_arguments(operation=found, arguments=arguments)
        return found.run(database=self._database, **arguments)

    def state_hash(self) -> str:
        """Return the SHA-256 of the state in the form the recorded hashes have.

        Source:
            SHA-256 over the compact, key-sorted JSON of `{"agent": state, "user": null}`.
        """
        return _hash_of(self._database)

    def untouched_hash(self) -> str:
        """Return what ``state_hash`` was before the first write."""
        return _hash_of_text(self._untouched)

    def reset(self) -> None:
        """Go back to the state the store was made with."""
        self._database = json.loads(self._untouched)


@lru_cache(maxsize=1)
def _shipped() -> str:
    """Return the database that ships, checked once, as JSON."""
    return json.dumps(load_database())


@lru_cache(maxsize=1)
def _hash_of_text(text: str) -> str:
    return _hash_of(json.loads(text))


def _hash_of(database: Database) -> str:
    whole = {"agent": database, "user": None}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
