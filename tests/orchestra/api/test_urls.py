"""The page to read the API asks for nothing from outside."""

import re

from django.contrib.staticfiles import finders
from django.test import Client

OUTSIDE = re.compile(r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//""", re.IGNORECASE)
LOADS = re.compile(r"@import|url\(\s*[\"']?(?:https?:)?//", re.IGNORECASE)


def test_the_reading_page_and_its_files_are_ours(client: Client) -> None:
    answer = client.get("/api/docs/")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert not OUTSIDE.search(html)
    assert "https:" not in html
    assert "<style" not in html
    assert "'unsafe-eval'" not in answer["Content-Security-Policy"]
    named = re.findall(r'(?:src|href)="(/static/[^"]+)"', html)
    assert len(named) == 4
    for address in named:
        path = finders.find(address.removeprefix("/static/"))
        assert path is not None, address
        if address.endswith(".css"):
            with open(path, encoding="utf-8") as file:  # noqa: PTH123  finders answers text
                assert not LOADS.search(file.read()), address


def test_an_unknown_address_is_a_problem(client: Client) -> None:
    for method in ("get", "post", "put", "delete"):
        answer = getattr(client, method)("/api/v1/nothing/")
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "not_found"
