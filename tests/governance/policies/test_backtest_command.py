"""``backtest`` rehearses a draft here and now, and says what is wrong with one that is none."""

import json
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from governance.policies.models import Rehearsal
from governance.policies.yaml_text import to_yaml
from tests.governance.policies.test_services_deciding import publish
from tests.governance.policies.test_services_rehearsing import DRAFT, record, rung

__all__ = ["rung"]

pytestmark = pytest.mark.django_db


def run(path: Path, *more: str, since: str = "2026-11-01T00:00:00Z", draft: Any = DRAFT) -> str:
    file = path / "draft.json"
    file.write_text(draft if isinstance(draft, str) else json.dumps(draft))
    out = StringIO()
    call_command("backtest", "refunds", "--draft", str(file), "--since", since, *more, stdout=out)
    return out.getvalue()


def test_it_says_what_would_change(now: datetime, tmp_path: Path) -> None:
    publish(now)
    record(now)
    text = run(tmp_path)
    assert "decisions=6 compared=6 left_out=0 lacking=0" in text
    assert "allow -> approve: 1" in text
    assert "fires now: refunds:large (3)" in text
    assert "fires no more: refunds:unsure (1)" in text
    assert "runs without a person, USD: 10000 -> 6000 minor units" in text
    answer = json.loads(run(tmp_path, "--json", "--queue", "nowhere"))
    assert answer["result"]["left_out"] == 6
    assert answer["digest"] == Rehearsal.objects.latest("pk").result_digest


def test_a_draft_as_yaml_comes_to_the_same(now: datetime, tmp_path: Path) -> None:
    publish(now)
    record(now)
    run(tmp_path)
    file = tmp_path / "draft.yaml"
    file.write_text(to_yaml(DRAFT))
    since = "2026-11-01T00:00:00Z"
    call_command("backtest", "refunds", "--draft", str(file), "--since", since, stdout=StringIO())
    first, second = Rehearsal.objects.order_by("pk")
    assert first.document_digest == second.document_digest


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("key: refunds\nkey: other\n", "line 2, column 1"),
        ("key: refunds\ntitle: x\nscope: {tools: [a]}\nrules: 3\n", "line 4, column 1: rules"),
        (
            "key: refunds\ntitle: x\nscope: {tools: [a]}\nrules: []\n",
            "line 4, column 1: rules: the table has no row; add one",
        ),
        ("a: &a [1]\nb: *a\n", "line 1"),
        ("- 1\n", "the text must hold the fields of a policy"),
        (b"\xff\xfe\x00", "no text in UTF-8"),
    ],
)
def test_what_is_wrong_in_a_yaml_text_has_its_line(
    now: datetime, tmp_path: Path, text: str | bytes, words: str
) -> None:
    publish(now)
    file = tmp_path / "draft.yml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(CommandError) as caught:
        call_command("backtest", "refunds", "--draft", str(file), "--since", "2026-11-01T00:00:00Z")
    assert words in str(caught.value)
    assert Rehearsal.objects.count() == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"draft": {"key": "refunds"}}, "title: must be a text"),
        ({"draft": {**DRAFT, "rules": [], "limits": []}}, "rules: the table has no row; add one"),
        ({"draft": '{"key": 1, "key": 2}'}, "twice"),
        ({"since": "yesterday"}, "RFC 3339"),
        ({"since": "2999-01-01T00:00:00Z"}, "The span holds no time."),
    ],
)
def test_what_is_wrong_is_named(
    now: datetime, tmp_path: Path, given: dict[str, Any], message: str
) -> None:
    publish(now)
    with pytest.raises(CommandError, match=message):
        run(tmp_path, **given)
    assert Rehearsal.objects.count() == 0


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("backtest", "refunds", "--draft", "/none", "--since", "2026-11-01T00:00:00Z")
