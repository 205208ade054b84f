"""What to suggest from a message, the cue that is due, and what is known; pure."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from cases.assist.types import Cue, Known, PastCase, Rests, Suggestion, SuggestionKind
from cases.intake.words import clauses_of, words_of

#: Words asked of the search; more of them find everything, and so nothing.
MOST_WORDS: Final = 12
MOST_ARTICLES: Final = 2
MOST_CASES: Final = 2
#: Share of words two matters have in common from which they count as alike.
LEAST_ALIKE: Final = 0.2
HEARD_LENGTH: Final = 120
NOTE_LENGTH: Final = 200
#: What stands for the source of a draft where no cue is due.
REPLY: Final = "reply"
_PLACE: Final = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


def question_of(text: str) -> str:
    """Return the words of a message worth searching for, in their order, each once."""
    words = dict.fromkeys(word.text.lower() for word in words_of(text))
    return " ".join(list(words)[:MOST_WORDS])


def stems_of(text: str) -> frozenset[str]:
    """Return the word stems by which two matters are compared."""
    return frozenset(word.stem for word in words_of(text))


def heard_in(text: str, *, stems: Collection[str]) -> str:
    """Return the part of a message that holds the most of some word stems; empty for none.

    Args:
        text: The customer's words.
        stems: Word stems of what was found.
    """
    found = [
        (sum(word.stem in stems for word in clause.words), -place, clause.text)
        for place, clause in enumerate(clauses_of(text))
    ]
    count, _place, words = max(found, default=(0, 0, ""))
    return words[:HEARD_LENGTH] if count else ""


def alike(stems: frozenset[str], past: Iterable[PastCase]) -> list[PastCase]:
    """Return the past cases most like a matter, the likest first.

    Likeness is the share of words in common (Jaccard); below ``LEAST_ALIKE`` none counts.
    """
    scored = [(len(stems & one.stems) / max(1, len(stems | one.stems)), one) for one in past]
    near = [(score, one) for score, one in scored if score >= LEAST_ALIKE]
    near.sort(key=lambda item: item[0], reverse=True)
    return [one for _score, one in near[:MOST_CASES]]


def similar_cases(text: str, past: Sequence[PastCase]) -> list[Suggestion]:
    """Return the resolved cases most like what the customer says."""
    stems = stems_of(text)
    return [
        Suggestion(
            kind=SuggestionKind.SIMILAR_CASE,
            source_key=one.public_id,
            source_label=one.label,
            heard=heard_in(text, stems=one.stems),
        )
        for one in alike(stems, past)
    ]


def next_cue(cue: Cue | None) -> list[Suggestion]:
    """Return the cue that is due as a suggestion; none where nothing is due."""
    if cue is None:
        return []
    return [
        Suggestion(
            kind=SuggestionKind.NEXT_CUE,
            source_key=cue.key,
            source_label=cue.sheet,
            source_number=cue.version,
            text=cue.title,
        )
    ]


def draft_of(cue: Cue | None, known: Known) -> list[Suggestion]:
    """Return what the cue that is due would have a person say, with what is known filled in.

    What only the customer said is asked back, never stated; with anything unknown there is no
    draft, since a gap would be read out.
    """
    if cue is None or not cue.draft:
        return []
    names = list(dict.fromkeys(_PLACE.findall(cue.draft)))
    values = {**known.claimed, **known.confirmed}
    if any(not values.get(name) for name in names):
        return []
    claimed = [name for name in names if name not in known.confirmed]
    return [
        Suggestion(
            kind=SuggestionKind.DRAFT,
            source_key=cue.key,
            source_label=cue.sheet,
            source_number=cue.version,
            text=_PLACE.sub(lambda place: values[place[1]], cue.draft),
            heard=", ".join(values[name] for name in claimed)[:HEARD_LENGTH],
            rests=Rests.CLAIMED if claimed else Rests.CONFIRMED,
        )
    ]


def drafted(cue: Cue | None, *, reply: str, model: str) -> Suggestion:
    """Return a model's reply as a draft; it counts as claimed, since nothing confirmed its words.

    Args:
        cue: The cue that is due; None for none.
        reply: What the model wrote.
        model: Its name.
    """
    return Suggestion(
        kind=SuggestionKind.DRAFT,
        source_key=cue.key if cue else REPLY,
        source_label=cue.sheet if cue else "",
        source_number=cue.version if cue else None,
        text=reply,
        rests=Rests.CLAIMED,
        drafted_by=model,
    )


def places_of(draft: str) -> tuple[str, ...]:
    """Return the facts that a template names, in their order."""
    return tuple(dict.fromkeys(_PLACE.findall(draft)))


def is_edited(*, offered: str, sent: str) -> bool:
    """Tell whether a person changed a draft; spaces and line ends do not count."""
    return offered.split() != sent.split()
