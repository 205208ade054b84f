"""An article's file: its fields as YAML between two lines of dashes, then its text; pure."""

from collections.abc import Mapping
from typing import Any, Final

from orchestra.core.yaml_text import Located, read_located, write_yaml

Json = Any
_LINE: Final = "---"


def read_article(*, name: str, text: str) -> Located:
    """Return the document of an article's file, with the places of its values.

    Args:
        name: The file's path, for findings.
        text: What stands in it.
    """
    lines = text.split("\n")
    end = next((at for at, line in enumerate(lines) if at and line.rstrip() == _LINE), 0)
    if lines[0].rstrip() != _LINE or not end:
        found = Located(name)
        message = "begin the file with its fields between two lines ---"
        found.findings.append(found.finding("", "front_matter", message))
        return found
    # The first line stays as it is for YAML, so that every place keeps its line.
    found = read_located(name=name, text="\n".join(lines[:end]))
    if found.findings:
        return found
    if not isinstance(found.value, dict):
        found.findings.append(found.finding("", "mapping", "write fields between the two lines"))
    elif "body" in found.value:
        message = "the text stands below the fields, not among them"
        found.findings.append(found.finding("body", "twice", message))
    else:
        body = "\n".join(lines[end + 1 :])
        blank = len(body) - len(body.lstrip())
        found.lines["body"] = end + 2 + body[:blank].count("\n")
        found.columns["body"] = 1
        found.value["body"] = body.strip()
    return found


def write_article(document: Mapping[str, Json]) -> str:
    """Return an article's file, always in the same form.

    Args:
        document: The article; the order of its fields is kept.
    """
    fields = {key: value for key, value in document.items() if key != "body"}
    return f"{_LINE}\n{write_yaml(fields)}{_LINE}\n\n{document.get('body', '')}\n"
