"""The schedule, and a preview that tells what would go and changes nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.types import Role
from governance.privacy.services import Cover, ask_hold
from governance.privacy.types import HoldScope
from governance.retention import registry, selectors
from governance.retention.models import RetentionRun
from governance.retention.types import Figures
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.governance.retention.scene import LONG_AGO, make_kept

pytestmark = pytest.mark.django_db


def preview() -> dict[str, Figures]:
    return {one.name: one for one in selectors.preview(now=NOW)}


def test_every_class_has_a_usual_period_that_is_allowed() -> None:
    schedule = selectors.list_schedule()
    assert [line.kept.code for line in schedule] == sorted(registry.classes)
    for line in schedule:
        assert line.days == line.kept.usual_days >= line.kept.least_days, line.kept.code
        assert str(line.kept.title)
        assert str(line.kept.basis)
        assert str(line.kept.counts_from)
    least = {line.kept.code: line.kept.least_days for line in schedule}
    # EU AI Act 19, PCI DSS 10.5.1, and the promise to whoever repeats a request.
    assert least["case_work"] >= 183
    assert least["case_history"] >= least["read_records"] >= 365
    assert least["kept_answers"] >= 7


def test_a_preview_counts_what_would_go_and_changes_nothing() -> None:
    kept = make_kept()
    with CaptureQueriesContext(connection) as asked:
        found = preview()
    assert {name: one.gone for name, one in found.items() if one.gone} == {
        "case_history": 1,
        "case_words": 3,
        "kept_answers": 1,
        "notices": 1,
        "read_records": 1,
    }
    assert found["case_words"].oldest == kept.lately.closed_at
    assert all(query["sql"].startswith("SELECT") for query in asked.captured_queries)
    assert RetentionRun.objects.count() == 0
    assert preview() == found


def test_a_preview_says_which_hold_keeps_what() -> None:
    kept = make_kept()
    ilse = make_person("ilse", roles=[Role.COMPLIANCE_OFFICER]).as_actor()
    hold = ask_hold(
        actor=ilse,
        now=NOW,
        cover=Cover(HoldScope.CASE, kept.old.label),
        reason="Claim",
        reference="4 O 12/26",
    )
    found = preview()
    assert (found["case_words"].gone, found["case_words"].held) == (0, 3)
    assert found["case_words"].held_by == {hold.number: 3}
    assert found["case_words"].oldest == LONG_AGO
    assert found["case_history"].held == 2  # the placing itself is an entry of the case
    assert found["notices"].gone == 1


def test_a_preview_asks_no_more_for_more_cases_that_hold_nothing() -> None:
    with CaptureQueriesContext(connection) as few:
        preview()
    assert len(few) < 60
