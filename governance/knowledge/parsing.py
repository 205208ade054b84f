"""An article's document to its value, every error at once; pure."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from governance.knowledge.types import ArticleText, Audience, Source
from orchestra.core.errors import FieldError, InvalidInputError

Json = Any

FIELDS: Final = (
    "key",
    "title",
    "owner",
    "review_by",
    "audience",
    "topics",
    "language",
    "sources",
    "body",
)
MAX_BODY: Final = 50_000
MAX_LINE: Final = 200
MAX_ITEMS: Final = 20
MAX_URL: Final = 2_000
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,99}", re.ASCII)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
#: Control characters but for tab and line end, and the marks that a search puts in.
_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ue000\ue001\ud800-\udfff]")


def parse_article(*, document: Mapping[str, Json]) -> ArticleText:
    """Return the article that a document states.

    Args:
        document: The document as stored.

    Raises:
        InvalidInputError: ``errors`` names every finding with its field path.
    """
    reader = _Reader(document)
    article = reader.read()
    if reader.findings:
        raise InvalidInputError(
            f"The article has {len(reader.findings)} error(s): {reader.findings[0].message}.",
            code="article.invalid",
            errors=reader.findings,
        )
    return article


def find_errors(document: Mapping[str, Json]) -> tuple[FieldError, ...]:
    """Return everything that stops a document from being published."""
    reader = _Reader(document)
    reader.read()
    return tuple(reader.findings)


class _Reader:
    """Reads the fields and keeps what is wrong."""

    def __init__(self, document: Mapping[str, Json]) -> None:
        self._document = document
        self.findings: list[FieldError] = []

    def read(self) -> ArticleText:
        """Return the article; what is wrong stands in ``findings`` and is left empty."""
        for name in self._document:
            if name not in FIELDS:
                known = ", ".join(FIELDS)
                self._wrong(str(name), "unknown_field", f"there is no such field; known: {known}")
        return ArticleText(
            key=self._key(),
            title=self._line(self._document.get("title"), "title", "give it a title"),
            body=self._body(),
            owner=self._line(
                self._document.get("owner"), "owner", "name the person or team that keeps it right"
            ),
            review_by=self._review_by(),
            audience=self._audience(),
            sources=self._sources(),
            topics=self._topics(),
            language=self._language(),
        )

    def _wrong(self, path: str, code: str, message: str) -> None:
        self.findings.append(FieldError(path, code, message))

    def _key(self) -> str:
        value = self._document.get("key")
        if isinstance(value, str) and _KEY.fullmatch(value):
            return value
        message = "the key is lower-case letters, digits and _, and begins with a letter"
        self._wrong("key", "key", message)
        return ""

    def _line(self, value: Json, path: str, missing: str) -> str:
        if value is None or (isinstance(value, str) and not value.strip()):
            self._wrong(path, "required", missing)
            return ""
        if not isinstance(value, str):
            self._wrong(path, "text", "write this as text")
            return ""
        if len(value) > MAX_LINE:
            self._wrong(path, "length", f"this is longer than {MAX_LINE} characters")
        if _UNSEEN.search(value) or "\n" in value:
            self._wrong(path, "characters", "this holds a line end or a character nobody can see")
        if value != value.strip():
            self._wrong(path, "spaces", "this begins or ends with a space")
        return value

    def _body(self) -> str:
        value = self._document.get("body")
        if value is None or (isinstance(value, str) and not value.strip()):
            self._wrong("body", "required", "write the text of the article")
            return ""
        if not isinstance(value, str):
            self._wrong("body", "text", "write this as text")
            return ""
        if len(value) > MAX_BODY:
            self._wrong("body", "length", f"the text is longer than {MAX_BODY:,} characters")
        if _UNSEEN.search(value):
            message = "the text holds a character nobody can see, or a line end of another system"
            self._wrong("body", "characters", message)
        elif value != value.strip():
            # One text has one form, so that what is exported and read again is the same.
            self._wrong("body", "spaces", "the text begins or ends with empty space")
        return value

    def _review_by(self) -> date:
        value = self._document.get("review_by")
        if isinstance(value, str) and _DAY.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        message = "say by which day it is to be reviewed, such as 2027-05-31"
        self._wrong("review_by", "date", message)
        return date.min

    def _audience(self) -> frozenset[Audience]:
        value = self._document.get("audience")
        known = ", ".join(Audience)
        if not isinstance(value, list) or not value:
            self._wrong("audience", "required", f"say whom it is for, at least one of {known}")
            return frozenset()
        for index, one in enumerate(value):
            if not (isinstance(one, str) and one in set(Audience)):
                self._wrong(f"audience[{index}]", "choice", f"this is none of {known}")
            elif one in value[:index]:
                self._wrong(f"audience[{index}]", "twice", f"{one} stands here twice")
        return frozenset(
            Audience(one) for one in value if isinstance(one, str) and one in set(Audience)
        )

    def _listed(self, path: str) -> list[Json]:
        value = self._document.get(path, [])
        if not isinstance(value, list):
            self._wrong(path, "list", "write a list")
            return []
        if len(value) > MAX_ITEMS:
            self._wrong(path, "length", f"there are more than {MAX_ITEMS}")
        return value[:MAX_ITEMS]

    def _topics(self) -> tuple[str, ...]:
        topics = [
            self._line(one, f"topics[{index}]", "write a topic or leave it out")
            for index, one in enumerate(self._listed("topics"))
        ]
        for index, one in enumerate(topics):
            if one and one in topics[:index]:
                self._wrong(f"topics[{index}]", "twice", f"{one} stands here twice")
            if "," in one:
                self._wrong(f"topics[{index}]", "comma", "a topic holds no comma")
        return tuple(topics)

    def _language(self) -> str:
        value = self._document.get("language", "en")
        if isinstance(value, str) and _LANGUAGE.fullmatch(value):
            return value
        self._wrong("language", "language", "write the language as a code, such as en or pt-BR")
        return "en"

    def _sources(self) -> tuple[Source, ...]:
        found = []
        for index, one in enumerate(self._listed("sources")):
            at = f"sources[{index}]"
            if not isinstance(one, Mapping):
                self._wrong(at, "mapping", "write a title, and a url or a reference")
                continue
            for name in one:
                if name not in {"title", "url", "reference"}:
                    self._wrong(f"{at}.{name}", "unknown_field", "a source has no such field")
            found.append(self._source(one, at))
        return tuple(found)

    def _source(self, given: Mapping[str, Json], at: str) -> Source:
        title = self._line(given.get("title"), f"{at}.title", "give the source a title")
        url, reference = given.get("url"), given.get("reference")
        if (url is None) == (reference is None):
            self._wrong(at, "one_of", "name either a url or a reference, and not both")
            return Source(title)
        if url is None:
            words = "say where to look"
            return Source(title, reference=self._line(reference, f"{at}.reference", words))
        if not is_address(url):
            message = "write an address that begins with https:// or http://"
            self._wrong(f"{at}.url", "url", message)
            return Source(title)
        return Source(title, url=url)


def is_address(value: Json) -> bool:
    """Return whether a value is the address of a page that a link may lead to."""
    if not isinstance(value, str) or len(value) > MAX_URL or re.search(r"[\s<>\"\\]", value):
        return False
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(host) and not _UNSEEN.search(value)
