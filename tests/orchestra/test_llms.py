"""What a language model is told, from the words that stand elsewhere."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"^- \[([^\]]+)\]\(https://desk\.example(/[^)]*)\): (.+)$", re.M)


@pytest.fixture(autouse=True)
def _address(settings: Any) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "PUBLIC_URL": "https://desk.example/"}


def test_it_says_what_this_is_in_the_words_of_the_readme(client: Client) -> None:
    answer = client.get("/llms.txt")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    title, _empty, quoted, *_rest = answer.content.decode().splitlines()
    assert title == "# Orchestra"
    readme = " ".join((ROOT / "README.md").read_text().split())
    assert len(quoted) > 200
    assert quoted.removeprefix("> ") in readme


def test_every_link_leads_somewhere(client: Client) -> None:
    found = LINK.findall(client.get("/llms.txt").content.decode())
    assert [path for _title, path, _what in found] == [
        "/api/schema/",
        "/api/docs/",
        "/mcp",
        "/llms-full.txt",
        "/llms-full.txt",
    ]
    for _title, path, _what in found:
        resolve(path)
    about = {title: what for title, _path, what in found}
    assert "What an answer means" in about["Connect an AI agent"]
    assert "Idempotency-Key" in about["The REST API: repeats, errors, waiting"]
    # A heading in a code block is none.
    assert "The customer's first words" not in about["Connect an AI agent"]


def test_the_whole_of_it_is_the_pages_for_developers(client: Client) -> None:
    text = client.get("/llms-full.txt").content.decode()
    for page in ("agents.md", "api.md"):
        assert (ROOT / "docs" / page).read_text() in text


@pytest.mark.parametrize("path", ["/llms.txt", "/llms-full.txt"])
def test_it_is_read_only_and_holds_no_secret(client: Client, path: str, settings: Any) -> None:
    assert client.post(path).status_code == 405
    text = client.get(path).content.decode()
    assert settings.SECRET_KEY not in text
    assert not re.search(r"orc_[a-z0-9]{8}_", text)
