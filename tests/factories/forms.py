"""The fields that a browser would send for a page's form, read from its HTML."""

from html.parser import HTMLParser
from typing import Any

from django.http import QueryDict


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self._select: dict[str, Any] | None = None
        self._area: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input" and given.get("name"):
            boxed = given.get("type") in {"checkbox", "radio"}
            if not boxed or "checked" in given:
                self.found.append((given["name"], given.get("value", "on")))
        elif tag == "select":
            self._select = {"name": given["name"], "values": [], "first": None}
        elif tag == "option" and self._select is not None:
            if self._select["first"] is None:
                self._select["first"] = given.get("value", "")
            if "selected" in given:
                self._select["values"].append(given.get("value", ""))
        elif tag == "textarea":
            self._area, self._text = given["name"], ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select is not None:
            chosen = self._select["values"] or [self._select["first"] or ""]
            self.found.extend((self._select["name"], value) for value in chosen)
            self._select = None
        elif tag == "textarea" and self._area is not None:
            self.found.append((self._area, self._text))
            self._area = None


def fields_of(html: str, **changes: str) -> QueryDict:
    """Return what a browser sends for the fields of a page, with some of them changed."""
    parser = _Fields()
    parser.feed(html)
    sent = QueryDict(mutable=True)
    for name, value in parser.found:
        sent.appendlist(name, value)
    for name, value in changes.items():
        sent[name] = value
    return sent
