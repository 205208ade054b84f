from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils.translation import override

from orchestra.templatetags import parts

NOW = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)


def shown(text: str, **values: object) -> str:
    page = Template("{% load parts %}" + text).render(Context(values))
    return " ".join(page.split())


def test_what_is_drawn_once_shows_each_value_escaped() -> None:
    for label in ("Maren <b>", "Jonas & Co", ""):
        escaped = label.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        assert shown("{% actor 'human' label %}", label=label) == (
            f'<span class="actor is-human">{escaped} <i>person</i></span>'
        )
    assert "You <i>AI</i>" in shown("{% actor 'agent' 'somebody' me=True %}")


@pytest.mark.parametrize(
    ("minutes", "sign", "left"), [(10, " is-now", "10 min"), (45, " is-soon", "45 min")]
)
def test_a_deadline_is_time_left_with_the_moment_on_hover(
    minutes: int, sign: str, left: str
) -> None:
    at = NOW + timedelta(minutes=minutes)
    page = shown("{% due at now word %}", at=at, now=NOW, word="<reply>")
    assert page.startswith(f'<span class="due{sign}" title="Fri 20 Nov 2026, ')
    assert f"&lt;reply&gt; in {left}" in page
    assert "reply" not in shown("{% due at now %}", at=at, now=NOW)
    assert shown("{% due at now %}", at=None, now=NOW) == ('<span class="faint">no deadline</span>')


def test_a_state_is_a_sign_and_a_word_in_the_readers_language() -> None:
    assert shown("{% state 'open' %}") == '<span class="state is-run">open</span>'
    assert shown("{% state 'open' note %}", note="<5") == (
        '<span class="state is-run">open &lt;5</span>'
    )
    assert shown("{% state 'pending' %}") != shown("{% approval_state 'pending' %}")
    assert "not declared" in shown("{% risk '' %}")
    with override("de"):
        assert parts.reader_of_parts()[0] == "de"
