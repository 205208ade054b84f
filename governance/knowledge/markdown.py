"""Markdown as safe HTML, as plain text, and as the blocks it is made of; pure.

What is written is never trusted: HTML in it is shown as text, the result is sanitised all
the same, nothing is loaded from anywhere, and a link leads out without naming this page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from governance.knowledge.rules import without_marks

#: The page has its own title and card heads, so an article's own begin at the third.
_HIGHEST: Final = 3
_LOWEST: Final = 6
_TAGS: Final = {
    *("p", "br", "hr", "blockquote", "ul", "ol", "li", "pre", "code", "em", "strong", "s", "a"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES: Final = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES: Final = {"http", "https", "mailto"}


class SafeHtml(str):
    """HTML that came out of the sanitiser; templates place it as it is. Made here alone."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return the text itself, as Django and others ask safe text for it."""
        return str(self)


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, list, table or the like, in the words it was written in.

    Attributes:
        section: The heading it stands under; empty before the first.
        is_heading: Whether it is a heading itself.
    """

    section: str
    text: str
    is_heading: bool = False


def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "maxNesting": 12})
    # No picture is loaded from anywhere; what would have been one is a link.
    return made.enable(["table", "strikethrough"]).disable(["image"])


_MARKDOWN: Final = _parser()


def render_html(body: str) -> SafeHtml:
    """Return an article's text as HTML that is safe to place on a page.

    Args:
        body: Markdown from anybody.
    """
    tokens = _MARKDOWN.parse(body)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            level = int(token.tag[1:]) + 1
            token.tag = f"h{min(_LOWEST, max(_HIGHEST, level))}"
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return SafeHtml(
        nh3.clean(
            html,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            url_schemes=_SCHEMES,
            url_relative="deny",
            link_rel="noopener noreferrer nofollow",
        )
    )


def plain_text(body: str) -> str:
    """Return the words of an article alone, one block a line; what search reads.

    Args:
        body: Markdown from anybody.
    """
    lines = (_words(token) for token in _MARKDOWN.parse(body))
    return without_marks("\n".join(line for line in lines if line))


def _words(token: Token) -> str:
    if token.type in {"fence", "code_block"}:
        return token.content.strip()
    if token.type != "inline":
        return ""
    parts = [
        " " if child.type.endswith("break") else child.content for child in token.children or ()
    ]
    return "".join(parts).strip()


def split_blocks(body: str) -> tuple[Block, ...]:
    """Return the blocks of an article in their order.

    Args:
        body: Markdown from anybody.
    """
    return tuple(_blocks(body))


def _blocks(body: str) -> Iterator[Block]:
    lines = body.split("\n")
    section = ""
    tokens = _MARKDOWN.parse(body)
    for index, token in enumerate(tokens):
        if token.level or token.map is None or token.nesting < 0:
            continue
        begin, end = token.map
        text = "\n".join(lines[begin:end]).strip()
        if token.type == "heading_open":
            section = _words(tokens[index + 1])
            yield Block(section, text, is_heading=True)
        elif text:
            yield Block(section, text)
