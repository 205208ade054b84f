"""Which words of a sentence differ from those of another; pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

#: An amount with its currency, a number, a word, a gap, or one other sign. Together they are
#: all of a text, so that the parts put together are the text again.
_TOKEN = re.compile(
    r"[A-Z]{3} \d+(?:[.,]\d+)*|[^\w\s]?\d+(?:[.,:]\d+)*%?|\w+|\s+|[^\w\s]", re.UNICODE
)
_SIGNS = " ,.;"
#: Below this share of words in common, two sentences are two, and marking words only confuses.
_ALIKE = 0.3
#: Above this, comparing costs more than it tells.
_MOST_PAIRS = 4_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a sentence that the other has too, or has not."""

    text: str
    is_changed: bool


Parts = tuple[Part, ...]


def mark_words(before: str, after: str) -> tuple[Parts, Parts]:
    """Return both sentences in parts, with the words marked that the other has not.

    Args:
        before: What it said; empty for nothing.
        after: What it would say; empty for nothing.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if not old or not new or len(old) * len(new) > _MOST_PAIRS:
        return _whole(before, after)
    matcher = SequenceMatcher(str.isspace, old, new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return _whole(before, after)
    runs = list(_runs(matcher, old, new))
    return (
        _joined((text, changed) for text, _other, changed in runs),
        _joined((text, changed) for _other, text, changed in runs),
    )


def changed_words(parts: Iterable[Part]) -> list[str]:
    """Return what is marked, without signs around it and without what holds no word."""
    texts = (part.text.strip(_SIGNS) for part in parts if part.is_changed)
    return [text for text in texts if text]


def _whole(before: str, after: str) -> tuple[Parts, Parts]:
    changed = before != after
    return (
        (Part(before, changed),) if before else (),
        (Part(after, changed),) if after else (),
    )


def _runs(
    matcher: "SequenceMatcher[str]", old: Sequence[str], new: Sequence[str]
) -> Iterator[tuple[str, str, bool]]:
    """Yield what stands in both, or in each alone; a mere gap between changes is one of them."""
    codes = matcher.get_opcodes()
    for at, (tag, old_from, old_to, new_from, new_to) in enumerate(codes):
        was, now = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        is_between = 0 < at < len(codes) - 1
        yield was, now, tag != "equal" or (is_between and was.isspace())


def _joined(runs: Iterable[tuple[str, bool]]) -> Parts:
    parts: list[Part] = []
    for text, changed in runs:
        if parts and parts[-1].is_changed is changed:
            parts[-1] = Part(parts[-1].text + text, changed)
        elif text:
            parts.append(Part(text, changed))
    return tuple(parts)
