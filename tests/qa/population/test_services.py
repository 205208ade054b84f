"""The population follows the ledger: what ended becomes a row, and what comes late changes it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.journeys import services as journeys
from cases.memory import services as memory
from cases.memory.models import Case
from cases.memory.types import Channel, Speaker
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.ledger.services import sequence
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from qa.population import entries, registry
from qa.population.models import PopulationReader, SamplingUnit
from qa.population.reading import read_cases
from qa.population.services import follow_ledger, leave_out, take_back
from qa.population.types import Flag
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.factories.cases import contact
from tests.factories.centres import Centre, make_centre

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def centre(db: None) -> Centre:
    del db
    return make_centre()


def follow(now: Any = NOW) -> int:
    sequence(now=now)
    return follow_ledger(now=now)


def rows(kind: str = "interaction") -> list[SamplingUnit]:
    return list(SamplingUnit.objects.filter(kind=kind).order_by("pk"))


def values() -> list[dict[str, Any]]:
    found = list(SamplingUnit.objects.order_by("kind", "subject").values())
    return [{k: v for k, v in row.items() if k not in {"id", "public_id"}} for row in found]


def talked(centre: Centre, ref: str = "mia", now: Any = NOW, **fields: Any) -> Case:
    """A case in which the AI agent answered."""
    agent = centre.agent.as_actor()
    draft = contact("Please refund it.", queue="returns", customer_ref=ref, **fields)
    case = memory.open_case(actor=agent, now=now, draft=draft)
    memory.add_message(actor=agent, now=now + HOUR / 2, case=case, speaker=Speaker.AI, text="Done.")
    return case


def resolve(centre: Centre, case: Case, now: Any = NOW + HOUR) -> None:
    memory.resolve_case(
        actor=centre.person.as_actor(),
        now=now,
        case=Case.objects.get(pk=case.pk),
        outcome="Refunded",
        confirmed=True,
    )


def test_nothing_stands_there_before_it_ended(centre: Centre) -> None:
    talked(centre)
    follow()
    assert rows() == []
    assert rows("case") == []


def test_a_contact_and_its_case_are_counted_once_they_ended(centre: Centre) -> None:
    case = talked(centre)
    resolve(centre, case)
    follow()
    (talk,), (whole,) = rows(), rows("case")
    agent, person = centre.agent.as_actor(), centre.person.as_actor()
    assert (talk.started_at, talk.ended_at) == (NOW, NOW + HOUR)
    assert (talk.handled_by, talk.risk, talk.queue, talk.channel) == (
        "ai",
        "low",
        "returns",
        "chat",
    )
    assert (talk.agent, talk.agent_label) == (f"agent:{agent.id}", agent.label)
    assert talk.workers == [f"agent:{agent.id}", f"human:{person.id}"]
    assert (talk.tenure, talk.left_out, talk.ai_version) == ("under_30_days", "", "")
    assert talk.label == f"I-{case.interactions.get().pk}"
    assert (whole.subject, whole.label) == (str(case.public_id), case.label)
    resolved = LedgerEntry.objects.get(kind="case.resolved")
    assert talk.position == whole.position == resolved.leaf_index


def test_a_contact_that_ended_before_its_case_is_counted_then(centre: Centre) -> None:
    case, person = talked(centre), centre.person.as_actor()
    memory.start_interaction(actor=person, now=NOW + HOUR, case=case, channel=Channel.VOICE)
    follow(NOW + HOUR)
    [chat] = rows()
    assert (chat.channel, chat.ended_at) == ("chat", NOW + HOUR)
    assert chat.position > 0

    journeys.resolve(
        actor=centre.person.as_actor(),
        now=NOW + 2 * HOUR,
        case=case,
        outcome="Paid",
        confirmed=True,
    )
    follow(NOW + 2 * HOUR)
    assert [(one.channel, one.ended_at) for one in rows()] == [
        ("chat", NOW + HOUR),
        ("voice", NOW + 2 * HOUR),
    ]


def test_what_nobody_answered_is_left_out_as_abandoned(centre: Centre) -> None:
    draft = contact("Hello?", queue="returns")
    case = memory.open_case(actor=centre.agent.as_actor(), now=NOW, draft=draft)
    memory.resolve_case(
        actor=centre.agent.as_actor(), now=NOW + HOUR, case=case, outcome="Left", confirmed=False
    )
    follow()
    assert [row.left_out for row in rows()] == ["abandoned"]
    assert rows()[0].handled_by == "ai"


def test_reading_it_all_again_gives_the_same_rows(centre: Centre) -> None:
    first = talked(centre, intent="return")
    resolve(centre, first)
    follow()
    second = talked(centre, now=NOW + 24 * HOUR, intent="return")
    follow()
    resolve(centre, second, now=NOW + 25 * HOUR)
    memory.reopen_case(
        actor=centre.person.as_actor(),
        now=NOW + 26 * HOUR,
        case=Case.objects.get(pk=first.pk),
        reason="She called.",
    )
    resolve(centre, first, now=NOW + 27 * HOUR)
    follow()
    leave_out(
        actor=lead().as_actor(),
        now=NOW,
        subject=rows()[0].subject,
        flag=Flag.SPAM,
        reason="A robot.",
    )
    follow()
    stood = values()
    assert len(stood) == 4
    SamplingUnit.objects.all().delete()
    PopulationReader.objects.all().delete()
    follow()
    assert values() == stood
    assert follow() == 0


def lead() -> Any:
    return make_person(roles=[Role.QA_LEAD])


def test_a_customer_who_returns_for_the_same_came_back(centre: Centre) -> None:
    first = talked(centre, intent="return")
    resolve(centre, first)
    follow()
    assert rows()[0].targets == []
    talked(centre, now=NOW + 48 * HOUR, intent="return")
    follow()
    assert rows()[0].targets == ["recontact"]


def test_another_matter_and_a_late_return_are_no_recontact(centre: Centre) -> None:
    first = talked(centre, intent="return")
    resolve(centre, first)
    talked(centre, now=NOW + 48 * HOUR, intent="address")
    later = talked(centre, ref="bo", now=NOW, intent="return")
    resolve(centre, later)
    talked(centre, ref="bo", now=NOW + 24 * 9 * HOUR, intent="return")
    follow()
    assert [row.targets for row in rows()] == [[], []]


def test_a_persons_flag_stands_and_can_be_taken_back(centre: Centre) -> None:
    resolve(centre, talked(centre))
    follow()
    actor, (unit,) = lead().as_actor(), rows()
    leave_out(actor=actor, now=NOW, subject=unit.subject, flag=Flag.TEST, reason=" Training. ")
    follow()
    unit.refresh_from_db()
    assert (unit.left_out, unit.left_out_reason) == ("test", "Training.")
    with pytest.raises(ConflictError, match="left out as test already"):
        leave_out(actor=actor, now=NOW, subject=unit.subject, flag=Flag.TEST, reason="Again")
    take_back(actor=actor, now=NOW, subject=unit.subject, reason="It was real.")
    follow()
    unit.refresh_from_db()
    assert (unit.left_out, unit.left_out_reason) == ("", "")
    with pytest.raises(ConflictError, match="is not left out"):
        take_back(actor=actor, now=NOW, subject=unit.subject, reason="Again")
    kinds = LedgerEntry.objects.filter(subject_id=unit.subject, kind__startswith="population.")
    assert list(kinds.order_by("id").values_list("kind", flat=True)) == [
        entries.LEFT_OUT,
        entries.TAKEN_BACK,
    ]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_a_flag_without_a_reason_is_refused(centre: Centre, reason: str) -> None:
    resolve(centre, talked(centre))
    follow()
    before = LedgerEntry.objects.count()
    with pytest.raises(InvalidInputError, match="Say why"):
        leave_out(
            actor=lead().as_actor(), now=NOW, subject=rows()[0].subject, flag=Flag.SPAM,
            reason=reason,
        )  # fmt: skip
    assert (rows()[0].left_out, LedgerEntry.objects.count()) == ("", before)


def test_only_who_may_change_plans_flags(centre: Centre) -> None:
    resolve(centre, talked(centre))
    follow()
    subject = rows()[0].subject
    for actor in (centre.agent.as_actor(), make_person(roles=[Role.QA_ANALYST]).as_actor()):
        with pytest.raises(NotPermittedError):
            leave_out(actor=actor, now=NOW, subject=subject, flag=Flag.SPAM, reason="No.")
    with pytest.raises(NotFoundError):
        leave_out(actor=lead().as_actor(), now=NOW, subject="none", flag=Flag.SPAM, reason="No.")


def test_a_unit_of_a_drawn_frame_changes_only_in_what_no_frame_is_cut_by(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(centre, talked(centre, intent="return"))
    follow()
    SamplingUnit.objects.update(risk="high", agent_label="")
    monkeypatch.setattr(registry.frozen, "_items", {"test": frozenset})
    talked(centre, now=NOW + 24 * HOUR, intent="return")
    follow()
    (unit,) = rows()
    assert (unit.risk, unit.targets) == ("high", ["recontact"])
    assert unit.agent_label == centre.agent.name


def test_a_case_that_cannot_be_read_is_recorded_and_read_over(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = talked(centre, ref="bo"), talked(centre)
    for case in (broken, fine):
        resolve(centre, case)

    def breaks(*, cases: Sequence[Case]) -> Any:
        if broken in cases:
            raise ValueError(broken.pk)
        return read_cases(cases=cases)

    monkeypatch.setattr("qa.population.services.following.read_cases", breaks)
    follow()
    assert {row.case_id for row in SamplingUnit.objects.all()} == {fine.pk}
    entry = LedgerEntry.objects.get(kind=entries.UNREADABLE)
    assert entry.subject_id == str(broken.public_id)


def test_the_cursor_moves_with_the_rows_and_reads_in_windows(centre: Centre) -> None:
    for number in range(3):
        resolve(centre, talked(centre, ref=f"c{number}"))
    sequence(now=NOW)
    size = follow_ledger(now=NOW, window=4)
    assert PopulationReader.objects.get().next_index == size
    with CaptureQueriesContext(connection) as asked:
        assert follow_ledger(now=NOW) == 0
    assert len(asked) == 1
    assert len(rows()) == 3


def test_the_queries_of_a_case_do_not_grow_with_what_was_said(
    centre: Centre, django_assert_num_queries: Any
) -> None:
    case = talked(centre)
    with CaptureQueriesContext(connection) as before:
        read_cases(cases=[case])
    for number in range(5):
        memory.add_message(
            actor=centre.agent.as_actor(),
            now=NOW + HOUR,
            case=case,
            speaker=Speaker.AI,
            text=f"{number}",
        )
    with django_assert_num_queries(len(before)):
        read_cases(cases=[case])


def test_a_merge_makes_a_duplicate_and_taking_it_back_none(centre: Centre) -> None:
    survivor = talked(centre)
    absorbed = talked(centre, ref="mia2")
    for case in (survivor, absorbed):
        Case.objects.filter(pk=case.pk).update(customer=survivor.customer)
    resolve(centre, absorbed)
    memory.reopen_case(
        actor=centre.person.as_actor(), now=NOW + HOUR, reason="Again",
        case=Case.objects.get(pk=absorbed.pk),
    )  # fmt: skip
    follow()
    journeys.merge_cases(
        actor=centre.person.as_actor(),
        now=NOW + 2 * HOUR,
        survivor=Case.objects.get(pk=survivor.pk),
        absorbed=Case.objects.get(pk=absorbed.pk),
        reason="She wrote twice.",
    )
    follow()
    assert [(row.left_out, row.case_id) for row in rows()] == [("duplicate", absorbed.pk)]
    journeys.unmerge_case(
        actor=centre.person.as_actor(),
        now=NOW + 3 * HOUR,
        absorbed=Case.objects.get(pk=absorbed.pk),
        reason="Two lamps.",
    )
    follow()
    assert [(row.left_out, row.left_out_reason) for row in rows()] == [("", "")]
