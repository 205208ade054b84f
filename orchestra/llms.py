"""What a language model is told of this installation: what it is, and how an agent connects.

All of it is public. The words are those of the README and of the pages for developers, read once
when the process first needs them, so there is no second text that could say something else.
"""

import re
from functools import cache
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

_TYPE: Final = "text/plain; charset=utf-8"
#: The pages for developers, in the order in which they are read.
_PAGES: Final = ("agents.md", "api.md")


@require_safe
def llms(request: HttpRequest) -> HttpResponse:
    """Answer with what Orchestra is, and links to all that an agent's developer needs."""
    del request
    full = reverse("llms-full")
    links = (
        ("OpenAPI document", reverse("api-schema"), "every call of the REST API with its shapes"),
        ("The API, to read", reverse("api-docs"), "the same for people, with examples"),
        ("MCP endpoint", reverse("mcp"), "POST only, with a bearer token; the same services"),
    )
    lines = [
        "# Orchestra",
        "",
        f"> {_summary()}",
        "",
        "## Connect",
        "",
        *(f"- [{title}]({_address(path)}): {what}" for title, path, what in links),
        "",
        "## Documentation",
        "",
        *(f"- [{_title(page)}]({_address(full)}): {', '.join(_sections(page))}" for page in _PAGES),
        "",
    ]
    return HttpResponse("\n".join(lines), content_type=_TYPE)


@require_safe
def llms_full(request: HttpRequest) -> HttpResponse:
    """Answer with the pages for developers, whole."""
    del request
    return HttpResponse("\n".join(_read(f"docs/{page}") for page in _PAGES), content_type=_TYPE)


def _address(path: str) -> str:
    return f"{str(settings.ORCHESTRA['PUBLIC_URL']).rstrip('/')}{path}"


@cache
def _read(path: str) -> str:
    return (settings.BASE_DIR / path).read_text(encoding="utf-8")


def _summary() -> str:
    """Return the first paragraph of the README, on one line."""
    return " ".join(_read("README.md").split("\n\n")[1].split())


def _title(page: str) -> str:
    return _read(f"docs/{page}").partition("\n")[0].removeprefix("# ")


def _sections(page: str) -> list[str]:
    """Return the headings of a page, without those inside its examples."""
    text = re.sub(r"^```.*?^```$", "", _read(f"docs/{page}"), flags=re.M | re.S)
    return re.findall(r"^## (?:\d+\. )?(.+)$", text, flags=re.M)
