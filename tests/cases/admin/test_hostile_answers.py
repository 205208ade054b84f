"""What a system of record answers is shown as text on every page, whatever it holds."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from cases.tools.adapters.simulated import SimulatedAdapter
from cases.tools.models import ToolCall
from cases.tools.types import AdapterAnswer, CallState
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from orchestra.core.clock import rfc3339
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return

MARK = "xss7"
CORPUS = (
    f"<script>{MARK}()</script>",
    f"<img src=x onerror={MARK}()>",
    f'"><svg onload={MARK}()>',
    f"' onmouseover='{MARK}()' x='",
    f"</textarea></title></style><script>{MARK}()</script>",
    f'<a href="javascript:{MARK}()">open</a>',
    f"<iframe srcdoc='<script>{MARK}()</script>'></iframe>",
    f"<form action=//{MARK}.example><button>Approve</button></form>",
    f"&lt;script&gt;{MARK}()&lt;/script&gt;<b x={MARK}>",
    f"{{{{ {MARK} }}}}{{% {MARK} %}}<x-{MARK}>",
    f"</script><script>{MARK}()//",
    f"<!--{MARK}--><base href=//{MARK}.example/>",
)
#: What the store says that people read and nothing is decided on.
POISONED = frozenset({"name", "first_name", "last_name", "address1", "city", "color", "size"})


class Tags(HTMLParser):
    """Keeps every tag and attribute that holds the mark, and every script's text that does."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        live = [
            name
            for name, value in attrs
            if MARK in name or (MARK in (value or "") and (name.startswith("on") or name in _LIVE))
        ]
        if live or MARK in tag:
            self.found.append(f"{tag} {live}")

    def handle_endtag(self, _tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style") and MARK in data:
            self.found.append(f"{self._inside}: {data[:80]}")

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.found.append(f"comment: {data[:80]}")


_LIVE = frozenset({"href", "src", "srcdoc", "action", "formaction", "style", "x"})


def poison(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {
            key: text if key in POISONED and isinstance(item, str) else poison(item, text)
            for key, item in value.items()
        }
    return [poison(item, text) for item in value] if isinstance(value, list) else value


@pytest.fixture(params=CORPUS)
def hostile(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store that answers with one text of the corpus wherever it says a name."""
    text = str(request.param)
    honest = SimulatedAdapter.call

    def call(self: SimulatedAdapter, endpoint: Any, asked: Any) -> AdapterAnswer:
        answer = honest(self, endpoint, asked)
        value = poison(answer.value, text)
        return AdapterAnswer(answer.ok, answer.body, value, answer.status)

    monkeypatch.setattr(SimulatedAdapter, "call", call)
    return text


def shown(client: Client, address: str, text: str, **params: str) -> str:
    answer = client.get(address, params)
    assert answer.status_code == 200, (address, answer.status_code)
    page = str(answer.content.decode())
    tags = Tags()
    tags.feed(page)
    tags.close()
    assert tags.found == [], address
    assert text not in page, address
    return page


def test_a_hostile_answer_is_text_wherever_it_is_shown(
    retail: World, browser: Browser, hostile: str
) -> None:
    case, called = waiting_return(retail)
    call = ToolCall.objects.get(public_id=called["id"])
    client = browser("supervisor")
    result = {"name": hostile, "note": [hostile, {hostile: hostile}]}

    asked = shown(client, f"/admin/approvals/{call.approval_id_text}/", hostile)
    ToolCall.objects.filter(pk=call.pk).update(
        state=CallState.UNKNOWN, attempt=1, state_reason=hostile[:500], result=result
    )
    unknown = shown(client, f"/admin/unknown-outcomes/{call.public_id}/", hostile)
    outcome = shown(client, f"/admin/approvals/{call.approval_id_text}/outcome/", hostile)
    ToolCall.objects.filter(pk=call.pk).update(state=CallState.FAILED, refused=True)
    on_case = shown(client, f"/admin/cases/{case}/", hostile)
    back = shown(client, f"/admin/cases/{case}/playback/", hostile, at=rfc3339(clock.now()))
    officer = browser("compliance")
    entries = [
        shown(officer, f"/admin/ledger/streams/{entry.stream}/{entry.seq}/", hostile)
        for entry in LedgerEntry.objects.filter(stream=f"case:{case}")
    ]

    assert [MARK in page for page in (asked, unknown, on_case, back)] == [True] * 4
    assert any(MARK in page for page in entries)
    assert outcome
