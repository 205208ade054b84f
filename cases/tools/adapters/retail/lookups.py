"""The store's operations that only read."""

import copy
import json

from cases.tools.adapters.retail.arithmetic import calculate as calculate_text
from cases.tools.adapters.retail.types import Database, Record, RefusedError


def find_order(*, database: Database, order_id: str) -> Record:
    """Return the stored order itself, for operations that change it.

    Raises:
        RefusedError: There is no such order.
    """
    order = database["orders"].get(order_id)
    if order is None:
        raise RefusedError("Order not found")
    return order


def find_user(*, database: Database, user_id: str) -> Record:
    """Return the stored user itself, for operations that change it.

    Raises:
        RefusedError: There is no such user.
    """
    user = database["users"].get(user_id)
    if user is None:
        raise RefusedError("User not found")
    return user


def find_user_id_by_email(*, database: Database, email: str) -> str:
    """Return the id of the user with this email address, whatever its case.

    Raises:
        RefusedError: No user has it.
    """
    wanted = email.casefold()
    for user_id, user in database["users"].items():
        if user["email"].casefold() == wanted:
            return user_id
    raise RefusedError("User not found")


def find_user_id_by_name_zip(
    *,
    database: Database,
    first_name: str,
    last_name: str,
    zip: str,  # noqa: A002 - the operation's argument has this name
) -> str:
    """Return the id of the first user with this name, whatever its case, and zip code.

    Raises:
        RefusedError: No user has both.
    """
    wanted = (first_name.casefold(), last_name.casefold(), zip)
    for user_id, user in database["users"].items():
        name = user["name"]
        found = (
            name["first_name"].casefold(),
            name["last_name"].casefold(),
            user["address"]["zip"],
        )
        if found == wanted:
            return user_id
    raise RefusedError("User not found")


def get_user_details(*, database: Database, user_id: str) -> Record:
    """Return a copy of a user.

    Raises:
        RefusedError: There is no such user.
    """
    return copy.deepcopy(find_user(database=database, user_id=user_id))


def get_order_details(*, database: Database, order_id: str) -> Record:
    """Return a copy of an order.

    Raises:
        RefusedError: There is no such order.
    """
    return copy.deepcopy(find_order(database=database, order_id=order_id))


def get_product_details(*, database: Database, product_id: str) -> Record:
    """Return a copy of a product with all its variants.

    Raises:
        RefusedError: There is no such product; an item id is not a product id.
    """
    product = database["products"].get(product_id)
    if product is None:
        raise RefusedError("Product not found")
    return copy.deepcopy(product)


def get_item_details(*, database: Database, item_id: str) -> Record:
    """Return a copy of the variant with this item id.

    Raises:
        RefusedError: No product has such a variant.
    """
    for product in database["products"].values():
        variant: Record | None = product["variants"].get(item_id)
        if variant is not None:
            return copy.deepcopy(variant)
    raise RefusedError("Item not found")


def list_all_product_types(*, database: Database) -> str:
    """Return a JSON text that maps product names to product ids, in order of name."""
    names = {product["name"]: key for key, product in database["products"].items()}
    return json.dumps(dict(sorted(names.items())))


def calculate(*, database: Database, expression: str) -> str:
    """Return the value of an arithmetic expression as text.

    Raises:
        RefusedError: The expression is not valid.
    """
    del database  # every operation takes it; arithmetic needs none
    return calculate_text(expression=expression)


def transfer_to_human_agents(*, database: Database, summary: str) -> str:
    """Confirm a transfer; the store keeps no record of it."""
    del database, summary  # the recorded system does nothing with them either
    return "Transfer successful"
