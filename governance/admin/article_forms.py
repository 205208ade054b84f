"""The form of an article's draft: what stands in it, and the document it states; pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from orchestra.core.errors import FieldError

Json = Any
_BETWEEN = " | "


def read_form(given: Mapping[str, str], *, key: str, audience: Sequence[str]) -> dict[str, Json]:
    """Return the document that a filled form states; what is wrong in it is found later.

    Args:
        given: The form's texts by name.
        key: Key of the article, which no form changes.
        audience: The boxes that were ticked.
    """
    document: dict[str, Json] = {
        "key": key,
        "title": given.get("title", "").strip(),
        "owner": given.get("owner", "").strip(),
        "review_by": given.get("review_by", "").strip(),
        "audience": list(audience),
        "topics": _parts(given.get("topics", ""), ","),
        "language": given.get("language", "").strip() or "en",
        "sources": [_source(line) for line in _parts(_lines(given.get("sources", "")), "\n")],
        "body": _lines(given.get("body", "")).strip(),
    }
    return document


def _lines(text: str) -> str:
    # Browsers send line ends of another system.
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _parts(text: str, between: str) -> list[str]:
    return [part.strip() for part in text.split(between) if part.strip()]


def _source(line: str) -> dict[str, str]:
    title, _between, where = (part.strip() for part in line.rpartition("|"))
    if not title:
        # A bare address is its own title; a bare text is a title without a place, and told so.
        return {"title": where, "url": where} if _is_url(where) else {"title": where}
    return {"title": title, "url" if _is_url(where) else "reference": where}


def _is_url(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def describe_form(document: Mapping[str, Json]) -> dict[str, Json]:
    """Return the texts that a form shows of a document, also of one that is wrong.

    Args:
        document: Any JSON mapping.
    """
    audience = document.get("audience")
    return {
        **{name: _text(document.get(name)) for name in ("title", "owner", "review_by", "body")},
        "language": _text(document.get("language") or "en"),
        "audience": [one for one in audience if isinstance(one, str)]
        if isinstance(audience, list)
        else [],
        "topics": ", ".join(_listed(document.get("topics"))),
        "sources": "\n".join(
            _BETWEEN.join(_text(one[name]) for name in ("title", "url", "reference") if name in one)
            for one in _mappings(document.get("sources"))
        ),
    }


def _text(value: Json) -> str:
    return "" if value is None else str(value)


def _listed(value: Json) -> list[str]:
    return [_text(one) for one in value] if isinstance(value, list) else []


def _mappings(value: Json) -> list[Mapping[str, Json]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def errors_by_field(errors: Sequence[FieldError]) -> dict[str, list[str]]:
    """Return what is wrong with each field of the form; what has no field stands under ``""``."""
    found: dict[str, list[str]] = {}
    for error in errors:
        name, _bracket, rest = error.field.partition("[")
        number = rest.partition("]")[0]
        message = f"{int(number) + 1}: {error.message}" if number.isdigit() else error.message
        found.setdefault(name, []).append(message)
    return found
