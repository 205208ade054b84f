"""Interactions as they are read for checks."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.memory.models import Interaction, Message
from governance.knowledge.models import ArticleUse
from governance.knowledge.types import UseWay
from qa.findings.gathering import QUERIES, read_units
from qa.findings.reading import Reading
from qa.population.models import SamplingUnit
from tests.factories.articles import put_in_force
from tests.factories.cases import FACTORY
from tests.factories.checked import STEP, make_done, make_talk, make_verified
from tests.factories.sampled import make_unit
from tests.factories.tools import NOTE, READ_ORDER, make_tool

pytestmark = pytest.mark.django_db


def read(unit: SamplingUnit) -> Reading:
    return read_units([SamplingUnit.objects.get(pk=unit.pk)])[unit.pk]


def test_an_interaction_is_read_whole_and_what_came_before_it_apart() -> None:
    first = make_talk("customer: I am x@example.com")
    later = make_unit(case=first.case, started_at=first.started_at + timedelta(hours=1))
    Message.objects.create(
        case=first.case,
        interaction=Interaction.objects.get(public_id=later.subject),
        speaker="ai",
        author_kind="agent",
        author_id="a",
        author_label="a",
        text="Hello again",
        at=later.started_at,
    )
    make_verified(first)
    done = make_done(first, make_tool(NOTE), 0, result={"ok": 1}, amount_minor=500)
    make_done(later, make_tool(READ_ORDER), 500)
    found = read(later)
    assert [(one.speaker, one.text) for one in found.messages] == [("ai", "Hello again")]
    assert [one.text for one in found.before] == ["I am x@example.com"]
    assert found.verified_at == first.started_at
    assert [(call.id, call.tool, call.writes) for call in found.calls] == [
        (str(done.public_id), "note_order", True)
    ]
    assert found.calls[0].stood_at(later.started_at)
    assert found.calls[0].amount_minor == 500
    assert (found.disclosed_at, found.erased, found.handed_off) == (None, False, False)
    assert read(first).before == ()


def test_a_refused_or_unsettled_call_did_nothing() -> None:
    unit = make_talk("customer: Hi")
    tool = make_tool(NOTE)
    make_done(unit, tool, 0, refused=True)
    make_done(unit, tool, 0, state="unknown")
    assert [call.stands for call in read(unit).calls] == [False, False]


def test_erased_words_are_known_as_such() -> None:
    unit = make_talk("customer: Hi", "ai: Hello")
    Message.objects.filter(case=unit.case, speaker="customer").update(text="")
    assert read(unit).erased


def test_the_articles_that_were_used_are_read_in_the_version_that_was_used() -> None:
    unit = make_talk("customer: Hi")
    version = put_in_force()
    for at in (unit.started_at, unit.ended_at + STEP):
        ArticleUse.objects.create(
            version=version,
            way=UseWay.READ_BY_AI if at == unit.started_at else UseWay.OPENED,
            subject_kind="case",
            subject_id=str(unit.case.public_id),
            stream=unit.case.stream,
            by_kind=FACTORY.kind,
            by_id=FACTORY.id,
            by_label=FACTORY.label,
            at=at,
        )
    (article,) = read(unit).articles
    assert article.id == str(version.public_id)
    assert "Money goes back" in article.text


def test_the_queries_do_not_grow_with_the_batch() -> None:
    tool = make_tool(NOTE)

    def measured(number: int) -> int:
        units = [make_talk("customer: Hi", "ai: Hello") for _one in range(number)]
        for unit in units:
            make_done(unit, tool, 0)
        rows = list(SamplingUnit.objects.select_related("case__customer"))
        with CaptureQueriesContext(connection) as asked:
            assert len(read_units(rows)) == len(rows)
        return len(asked)

    assert (measured(1), measured(7)) == (QUERIES, QUERIES)
