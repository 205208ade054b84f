"""Templates hold no rule, no query, no inline style or script, and nothing unescaped."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SOURCES = [
    path
    for folder in ("orchestra", "governance", "cases", "qa")
    for path in (ROOT / folder).rglob("*.py")
]
FORBIDDEN = {
    "an inline style": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "a style block": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "an inline handler": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "a javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "unescaped output": re.compile(r"\|\s*safe(seq)?\b|{%\s*autoescape\s+off"),
    "an outside address": re.compile(r"(?:src|href)\s*=\s*[\"']\s*(?:https?:)?//", re.IGNORECASE),
    "a query": re.compile(r"\.objects\b|\.filter\b|\.all\b"),
}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_a_template_compiles_and_places_only(path: Path) -> None:
    get_template(_name(path))
    text = path.read_text(encoding="utf-8")
    found = [what for what, pattern in FORBIDDEN.items() if pattern.search(text)]
    assert found == []


def test_every_template_is_used() -> None:
    overrides = {"admin/base.html", "admin/base_site.html", "registration/logged_out.html"}
    haystack = "".join(path.read_text(encoding="utf-8") for path in [*SOURCES, *TEMPLATES])
    unused = [
        _name(path)
        for path in TEMPLATES
        if f'"{_name(path)}"' not in haystack and _name(path) not in overrides
    ]
    assert unused == []


@pytest.mark.parametrize("name", ["mark_safe", "SafeString", "format_html"])
def test_no_source_marks_text_as_safe(name: str) -> None:
    found = [
        path for path in SOURCES if re.search(rf"\b{name}\b", path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_every_block_of_a_style_is_closed() -> None:
    for path in (ROOT / "orchestra" / "static" / "orchestra").glob("*.css"):
        depth = 0
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            # A scope of ours begins outside of every other.
            assert not (line.startswith(".orc {") and depth), f"{path.name}:{number}"
            depth += line.count("{") - line.count("}")
        assert depth == 0, path.name


def test_styles_and_scripts_come_from_files_of_ours() -> None:
    folder = ROOT / "orchestra" / "static" / "orchestra"
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"url\(\s*[\"']?(?:https?:)?//", text), path.name
        assert "@import" not in text, path.name
        assert not re.search(r"\beval\(|new Function\(|document\.write", text), path.name
