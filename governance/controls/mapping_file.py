"""The controls with what gives evidence of each, as rows of a file."""

from collections.abc import Iterator
from typing import Final

from governance.controls import mapping, registry
from orchestra.core.words import in_words

MAPPING_HEADER: Final = (
    "framework",
    "control",
    "about",
    "recorded here",
    "reports",
    "links",
    "kinds of entries",
)
_NOTHING: Final = "nothing recorded here"


def mapping_rows(framework: str, root: str) -> Iterator[tuple[str, ...]]:
    """Yield one row for each control.

    Whether a control applies, and how it is met, is the centre's to state; the file leaves no
    such column filled.

    Args:
        framework: Code of one framework; empty for all.
        root: Address of the reports, with its slash at the end.
    """
    for one in mapping.of(framework):
        titles = [in_words(str(registry.reports.get(code).title)) for code in one.reports]
        yield (
            mapping.TITLES[one.framework],
            one.number,
            in_words(one.title),
            "yes" if one.is_recorded else _NOTHING,
            "; ".join(titles),
            " ".join(f"{root}{code}/" for code in one.reports),
            " ".join(one.kinds),
        )
