"""What is easily overlooked in an action on an order: near-twins, corrected listings; pure."""

from collections.abc import Mapping, Sequence

from cases.tools.adapters.retail import facts
from cases.tools.adapters.retail.types import Json, Record
from cases.tools.adapters.retail.wording import dollars, item_names, several
from cases.tools.registry import Doubt, Spoken
from orchestra.core.clock import rfc3339

_QUOTED_LENGTH = 160


def doubts_about(
    *,
    arguments: Mapping[str, Json],
    order: Record,
    products: Sequence[Record],
    spoken: Sequence[Spoken],
) -> tuple[Doubt, ...]:
    """Return what to compare twice before this action runs.

    Args:
        arguments: With ``item_ids``, and ``new_item_ids`` where items are exchanged.
        order: The order as it was read.
        products: The products of the listed items, where they were read.
        spoken: The conversation up to now, oldest first.
    """
    item_ids = arguments.get("item_ids")
    if not isinstance(item_ids, list):
        return ()
    taken = facts.listed_items(order=order, item_ids=item_ids)
    if not taken:
        return ()
    corrected = _corrected(arguments, order, products, spoken)
    return (*_twins(order, taken), *corrected)


def _twins(order: Record, taken: list[Record]) -> list[Doubt]:
    """Find products of which one item goes and another stays."""
    staying = list(order["items"])
    for item in taken:
        staying.remove(item)
    doubts = []
    for name in dict.fromkeys(item["name"] for item in taken):
        left = [item for item in staying if item["name"] == name]
        if left:
            going = [item for item in taken if item["name"] == name]
            doubts.append(_twin(str(name), going, left, order["items"]))
    return doubts


def _twin(name: str, going: list[Record], left: list[Record], every: list[Record]) -> Doubt:
    number = len(going) + len(left)
    verb = "stays" if len(left) == 1 else "stay"
    return Doubt(
        title=f"this order holds {several(number=number, name=name)}",
        text=f"What would run concerns {_listed(going, every)}; {_listed(left, every)} {verb}.",
    )


def _listed(items: list[Record], every: list[Record]) -> str:
    return ", ".join(
        f"the {name} {item['item_id']} ({_price(item)})"
        for name, item in zip(item_names(items=items, among=every), items, strict=True)
    )


def _price(item: Record) -> str:
    return dollars(amount=facts.exact_amount(number=item["price"]))


def _corrected(
    arguments: Mapping[str, Json],
    order: Record,
    products: Sequence[Record],
    spoken: Sequence[Spoken],
) -> list[Doubt]:
    """Find what the assistant listed earlier for this order and no longer names."""
    named = {*arguments["item_ids"], *arguments.get("new_item_ids", [])}
    known = _known(order, products)
    listings = [each for each in spoken if each.speaker == "ai" and _names(each, known)]
    if len(listings) < 2 or not named & _names(listings[-1], known):  # noqa: PLR2004  one before it
        return []
    for earlier in reversed(listings[:-1]):
        dropped = _names(earlier, known) - named - _names(listings[-1], known)
        if dropped and arguments["order_id"] in earlier.text:
            return [_correction(earlier, sorted(dropped), known, listings[-1], spoken)]
    return []


def _known(order: Record, products: Sequence[Record]) -> dict[str, str]:
    found = {item["item_id"]: f"{item['name']} ({_price(item)})" for item in order["items"]}
    for product in products:
        for item_id, variant in product["variants"].items():
            found.setdefault(item_id, f"{product['name']} ({_price(variant)})")
    return found


def _names(each: Spoken, known: dict[str, str]) -> set[str]:
    return {item_id for item_id in known if item_id in each.text}


def _correction(
    earlier: Spoken,
    dropped: list[str],
    known: dict[str, str],
    last: Spoken,
    spoken: Sequence[Spoken],
) -> Doubt:
    listed = ", ".join(f"{known[item_id]}, {item_id}" for item_id in dropped)
    text = f"At {rfc3339(earlier.at)} it listed {listed}, which is not in what would run."
    answers = [
        each for each in spoken if each.speaker == "customer" and earlier.at < each.at <= last.at
    ]
    if answers:
        words = answers[0].text[:_QUOTED_LENGTH]
        text += f" The customer answered at {rfc3339(answers[0].at)}: “{words}”"
    return Doubt(title="the assistant corrected what it had listed", text=text)
