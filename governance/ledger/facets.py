"""What the index of the ledger keeps of an entry, read out of its envelope and payload; pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from governance.ledger.types import Json
from orchestra.core.redaction import mask_value
from orchestra.core.text_query import MAX_WORD, is_empty_word

#: Distinct words kept of one entry; a longer text is found by its beginning.
MOST_WORDS: Final = 200
#: Ids and codes; anything else may be personal, and no facet is.
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,99}")
_WORD: Final = re.compile(r"[^\W_]+")
#: Digests and keys are looked for by their own filters, and would fill the index.
_HEX: Final = re.compile(r"[0-9a-f]{32,}")
#: Rule of the floor that a decision names, such as ``floor:high``.
_FLOOR: Final = "floor:"


class Facet(StrEnum):
    """A fact of an entry that it can be found by: ids and codes, no personal data."""

    TOOL = "tool"
    RISK = "risk"
    OUTCOME = "outcome"
    POLICY = "policy"


#: Read out of the payload, so they go with it; the policy version stands in the envelope.
OF_PAYLOAD: Final = frozenset({Facet.TOOL, Facet.RISK, Facet.OUTCOME})

Fact = tuple[Facet, str]


def read_facts(envelope: Mapping[str, Json], payload: Mapping[str, Json]) -> set[Fact]:
    """Return the facts of one entry.

    Args:
        envelope: The leaf as an object.
        payload: The payload; empty once it was erased.
    """
    found: list[tuple[Facet, Json]] = [
        (Facet.POLICY, envelope.get("policy")),
        (Facet.TOOL, payload.get("tool")),
        (Facet.RISK, payload.get("risk")),
        (Facet.OUTCOME, payload.get("outcome")),
        *((Facet.POLICY, digest) for digest in _policies(payload)),
        *((Facet.RISK, level) for level in _floors(payload)),
    ]
    return {(facet, value) for facet, value in found if _is_code(value)}


def read_words(payload: Mapping[str, Json]) -> list[str]:
    """Return the distinct words of a payload as it is shown masked, in order, at most so many.

    What a reader could not read on the page stands in no index either.

    Args:
        payload: The payload as it was recorded.
    """
    found: dict[str, None] = {}
    for text in _texts(mask_value(dict(payload))):
        for word in split_words(text):
            found[word] = None
            if len(found) == MOST_WORDS:
                return list(found)
    return list(found)


def split_words(text: str) -> Iterator[str]:
    """Yield the words of a text as the index and a search both spell them."""
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).lower()):
        if not is_empty_word(word) and _HEX.fullmatch(word) is None:
            yield word[:MAX_WORD]


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def _policies(payload: Mapping[str, Json]) -> Iterator[Json]:
    """Yield the digests of the versions that a decision was made under."""
    policies = payload.get("policies")
    if isinstance(policies, Mapping):
        for version in policies.values():
            if isinstance(version, list) and version:
                yield version[-1]


def _floors(payload: Mapping[str, Json]) -> Iterator[str]:
    rules = payload.get("rules")
    for rule in rules if isinstance(rules, list) else []:
        if isinstance(rule, str) and rule.startswith(_FLOOR):
            yield rule.removeprefix(_FLOOR)


def _is_code(value: Json) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None
