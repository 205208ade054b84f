"""A log comes in whole or not at all, once, and can be taken out."""

import pytest

from governance.access.types import Role
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from qa.history.models import PastLog, PastLogCase, PastLogEvent
from qa.history.services import LogFile, forget_log, import_log
from tests.factories.access import FACTORY, make_person
from tests.factories.cases import kinds_of
from tests.factories.history import HEADER, LINES, READ_AT, make_past_log, mapping, read

pytestmark = pytest.mark.django_db
FILE = LogFile("desk.csv", "0" * 64)


def test_a_log_comes_in_with_its_cases_and_lines() -> None:
    log = make_past_log()
    assert (log.cases, log.events, log.left_out) == (3, len(LINES) - 1, 0)
    assert PastLogEvent.objects.filter(case__log=log, case__ref="A-1").count() == 4
    assert kinds_of("system") == ["history.imported"]


def test_the_same_again_changes_nothing() -> None:
    log = make_past_log()
    again = import_log(actor=FACTORY, now=READ_AT, mapping=mapping(), file=FILE, read=read())
    assert (again.log, again.is_new) == (log, False)
    assert kinds_of("system") == ["history.imported"]


def test_another_content_under_a_key_is_refused() -> None:
    make_past_log()
    with pytest.raises(ConflictError):
        import_log(
            actor=FACTORY,
            now=READ_AT,
            mapping=mapping(),
            file=LogFile("desk.csv", "1" * 64),
            read=read(),
        )
    assert PastLog.objects.count() == 1


def test_one_bad_line_stops_it_unless_the_rest_is_asked_for() -> None:
    broken = read(*LINES, "D-1,yesterday,open,first,Ann,mail")
    with pytest.raises(InvalidInputError) as caught:
        import_log(actor=FACTORY, now=READ_AT, mapping=mapping(), file=FILE, read=broken)
    assert [one.field for one in caught.value.errors] == [f"line {len(LINES) + 1}"]
    assert not PastLogCase.objects.exists()

    log = import_log(
        actor=FACTORY, now=READ_AT, mapping=mapping(), file=FILE, read=broken, skip_bad=True
    ).log
    assert (log.cases, log.left_out) == (3, 1)


@pytest.mark.parametrize("lines", [(HEADER,), (HEADER, "D-1,yesterday,open,first,Ann,mail")])
def test_nothing_to_bring_in(lines: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError):
        import_log(
            actor=FACTORY,
            now=READ_AT,
            mapping=mapping(),
            file=FILE,
            read=read(*lines),
            skip_bad=True,
        )


def test_a_log_can_be_taken_out_and_the_ledger_keeps_that() -> None:
    make_past_log()
    forget_log(actor=FACTORY, now=READ_AT, key="desk")
    assert not PastLogEvent.objects.exists()
    assert kinds_of("system") == ["history.imported", "history.forgotten"]
    with pytest.raises(ConflictError):
        forget_log(actor=FACTORY, now=READ_AT, key="desk")


def test_whoever_may_not_set_what_is_measured_brings_nothing_in() -> None:
    with pytest.raises(NotPermittedError):
        make_past_log(make_person(roles=[Role.SUPERVISOR]).as_actor())
    assert not PastLog.objects.exists()
