"""How the rows that a rehearsal names read: by their place and title in the draft, or before."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.policies import selectors
from governance.policies.models import Rehearsal
from orchestra.core import words

Json = Any

SAME_ROWS: Final = gettext_lazy("the same rows, which say something else")
Documents = Mapping[int, Mapping[str, Json]]
NO_DOCUMENTS: Final[Documents] = MappingProxyType({})


class RowNames:
    """Names of rows: ``row 3`` of the draft, ``row 13 before`` of what it would replace.

    Args:
        found: The rehearsal that names them by policy and id.
        known: Documents of versions of its policy by number, where some are at hand.
    """

    def __init__(self, found: Rehearsal, known: Documents = NO_DOCUMENTS) -> None:
        key = found.policy_key
        number, _digest = found.base.get(key, (0, ""))
        base = known.get(number)
        if base is None and number:
            base = selectors.find_document(policy_key=key, number=number)
        self._names = {
            **_numbered(key, base, _("row %(number)d before")),
            **_numbered(key, None if found.removes else found.document, _("row %(number)d")),
        }

    def short(self, name: str) -> str:
        """Return the name of a row as ``policy:rule``, short."""
        return self._names[name][0] if name in self._names else _other(name)

    def long(self, name: str) -> str:
        """Return the name of a row with its title."""
        known = self._names.get(name)
        return f"{known[0]} ({known[1]})" if known and known[1] else self.short(name)

    def sentence(self, together: str) -> str:
        """Return what fires and what no longer does.

        Args:
            together: As a tally holds it, such as ``+refunds:large -refunds:night``.
        """
        parts = together.split()
        gained = self._joined(part[1:] for part in parts if part.startswith("+"))
        lost = self._joined(part[1:] for part in parts if part.startswith("-"))
        said = []
        if gained:
            said.append(_("%(rows)s would fire") % {"rows": gained})
        if lost:
            said.append(_("%(rows)s would not") % {"rows": lost})
        return "; ".join(said) or str(SAME_ROWS)

    def _joined(self, names: Iterable[str]) -> str:
        return ", ".join(self.long(name) for name in names)


def _numbered(
    key: str, document: Mapping[str, Json] | None, name: str
) -> dict[str, tuple[str, str]]:
    rows = [*_rows(document, "rules", "id"), *_rows(document, "limits", "key")]
    return {
        f"{key}:{row}": (name % {"number": number}, title)
        for number, (row, title) in enumerate(rows, 1)
    }


def _rows(document: Mapping[str, Json] | None, part: str, key: str) -> list[tuple[str, str]]:
    rows = (document or {}).get(part) or []
    return [(str(row.get(key, "")), str(row.get("title", ""))) for row in rows]


def _other(name: str) -> str:
    policy, _colon, rule = name.partition(":")
    if policy == "floor":
        risk, _dot, case = rule.partition(".")
        named = _("the floor of %(risk)s risk") % {"risk": words.plain(risk)}
        return f"{named}, {words.plain(case)}" if case else named
    return f"{words.plain(policy)}, {words.plain(rule)}"
