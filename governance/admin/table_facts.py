"""Every fact that a table may name, from its one definition: type, unit, meaning, source."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from governance.admin.table_reading import plain_fact
from governance.policies.catalogue import FactSpec, FactType, known_facts
from governance.policies.soundness import MONEY_SUFFIX
from orchestra.core import words

Context = dict[str, Any]


def describe_facts(
    *, search: str = "", facts: Mapping[str, FactSpec] | None = None
) -> list[Context]:
    """Return every fact that a table may name, from its one definition.

    Args:
        search: Words that must all stand in its name, meaning, source or choices.
        facts: The facts by name; the registered ones where left out.
    """
    wanted = search.lower().split()
    found = []
    for name, spec in sorted((known_facts() if facts is None else facts).items()):
        shown = {
            "name": name,
            "words": plain_fact(name),
            "type": _type_words(spec),
            "unit": spec.unit,
            "meaning": _(spec.meaning),
            "choices": [words.plain(each) for each in spec.choices],
            "source": _(spec.source) if spec.source else _("not said"),
            "example": spec.example,
        }
        text = " ".join(map(str, shown.values())).lower()
        if all(word in text for word in wanted):
            found.append(shown)
    return found


def _type_words(spec: FactSpec) -> str:
    if spec.name.endswith(MONEY_SUFFIX):
        return _("amount of money")
    return {
        FactType.TEXT: _("one of several words") if spec.choices else _("text"),
        FactType.WHOLE: _("whole number"),
        FactType.NUMBER: _("number"),
        FactType.FLAG: _("yes or no"),
        FactType.LIST: _("list of words"),
    }[spec.type]
