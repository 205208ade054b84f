from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from governance.admin.ledger_filters import GROUPS, describe_kinds, read_wanted
from governance.ledger.models import LedgerEntry
from governance.ledger.registry import kinds
from governance.ledger.services import index_entries, sequence
from orchestra.core import clock
from tests.flows.conftest import World
from tests.flows.helpers import open_case, waiting_return
from tests.governance.admin.conftest import Browser

LEDGER = "/admin/ledger/"


@pytest.mark.parametrize(
    ("query", "found", "missing"),
    [
        ({"outcome": "approve"}, "approval", "case.opened"),
        ({"least": "1,285.12"}, "approval.requested", "case.opened"),
        ({"least": "1285.13"}, "No entries match.", "approval.requested"),
        ({"least": "a lot"}, "case.opened", "No entries match."),
        ({"day": "2001-02-03"}, "No entries match.", "case.opened"),
        ({"day": "never", "from": "25:00"}, "case.opened", "No entries match."),
    ],
)
def test_entries_are_narrowed_by_verdict_amount_and_day(
    retail: World, browser: Browser, query: dict[str, str], found: str, missing: str
) -> None:
    waiting_return(retail)
    sequence(now=clock.now())
    index_entries()
    text = browser("compliance").get(LEDGER, query).content.decode()
    assert found in text
    assert missing not in text


def test_every_kind_that_may_be_written_belongs_to_a_filter() -> None:
    beginnings = tuple(each for group in GROUPS.values() for each in group)
    assert [code for code in kinds if not code.startswith(beginnings)] == []
    idle = [each for each in beginnings if not any(code.startswith(each) for code in kinds)]
    assert idle == []


def test_every_filter_is_offered_under_a_title() -> None:
    chips = describe_kinds(read_wanted(QueryDict()))
    links = [chip["link"].partition("group=")[2] for chip in chips]
    assert links == ["", *GROUPS]
    assert all(chip["title"] for chip in chips)


def test_a_case_is_named_by_its_label_and_taken_away_again(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    text = browser("compliance").get(LEDGER, {"stream": f"case:{case}"}).content.decode()
    label = LedgerEntry.objects.get(kind="case.opened").subject_id
    assert label == case
    assert "case C-" in text
    assert f"case:{case}" not in text.split("chip is-on", 2)[2].split("</a>", 1)[0].split(">")[-1]


def test_a_span_of_the_day_leaves_out_the_rest(retail: World, browser: Browser) -> None:
    open_case(retail)
    client = browser("compliance")
    day = timezone.localdate(clock.now())
    later = clock.now() + timedelta(minutes=20)
    if later.date() != day:
        later = clock.now()
    query = {"day": day.isoformat(), "from": f"{later:%H:%M}"}
    if later > clock.now():
        assert "No entries match." in client.get(LEDGER, query).content.decode()
    whole = client.get(LEDGER, {"day": day.isoformat(), "to": "00:00"}).content.decode()
    assert "No entries match." in whole
