"""What differs between two texts of an article, in words: its parts, then its paragraphs."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from governance.knowledge.markdown import Block, split_blocks
from governance.knowledge.parsing import parse_article
from governance.knowledge.rules import in_order
from governance.knowledge.types import ArticleText, Audience, Source
from governance.reviews.describing import describe_heads
from governance.reviews.types import Change, Sign

Json = Any


def describe_changes(
    before: Mapping[str, Json] | None, after: Mapping[str, Json]
) -> tuple[Change, ...]:
    """Return every difference between two articles: title, owner, dates, and each paragraph.

    Args:
        before: The text in force; None for none.
        after: The text that would be.

    Raises:
        InvalidInputError: A text states no article.
    """
    new = parse_article(document=after)
    old = parse_article(document=before) if before is not None else None
    blocks = split_blocks(old.body) if old else ()
    return (
        *describe_heads(_head(old) if old else {}, _head(new)),
        *_describe_blocks(blocks, split_blocks(new.body)),
    )


def audience_words(audience: Sequence[Audience] | frozenset[Audience]) -> str:
    """Return whom an article is for, in words."""
    names = {
        Audience.AI: _("AI agents"),
        Audience.HUMAN: _("people"),
        Audience.CUSTOMER: _("customers"),
    }
    return ", ".join(names[one] for one in in_order(audience))


def _head(article: ArticleText) -> dict[str, str]:
    return {
        _("Title"): article.title,
        _("Owner"): article.owner,
        _("Review by"): date_format(article.review_by, "j M Y"),
        _("Written for"): audience_words(article.audience),
        _("Topics"): ", ".join(article.topics),
        _("Language"): article.language,
        _("Sources"): "; ".join(_source(source) for source in article.sources),
    }


def _source(source: Source) -> str:
    return f"{source.title} ({source.url or source.reference})"


def _describe_blocks(before: Sequence[Block], after: Sequence[Block]) -> Iterator[Change]:
    # A heading is part of the comparison, so that a renamed section is one change.
    old, new = [one.text for one in before], [one.text for one in after]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for code, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if code == "equal":
            continue
        pairs = zip_longest(range(old_from, old_to), range(new_from, new_to))
        for was, now in pairs:
            yield _change(before, after, was, now)


def _change(
    before: Sequence[Block], after: Sequence[Block], was: int | None, now: int | None
) -> Change:
    if now is None:
        assert was is not None  # noqa: S101  one side of a pair is always there
        return Change(Sign.REMOVED, _place(before, was), before=before[was].text)
    if was is None:
        return Change(Sign.ADDED, _place(after, now), after=after[now].text)
    return Change(Sign.CHANGED, _place(after, now), before=before[was].text, after=after[now].text)


def _place(blocks: Sequence[Block], index: int) -> str:
    """Return where a block stands: its section, and which paragraph it is there."""
    block = blocks[index]
    if block.is_heading:
        return _("Heading")
    begin = next(
        (at for at in range(index, -1, -1) if blocks[at].is_heading),
        -1,
    )
    number = index - begin
    if not block.section:
        return _("Paragraph %(number)d") % {"number": number}
    return _("%(section)s, paragraph %(number)d") % {"section": block.section, "number": number}
