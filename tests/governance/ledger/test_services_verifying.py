"""Verify: a ledger nobody touched is clean, and each way of touching it is named."""
import pytest
from governance.ledger import services
from tests.factories.ledger import AT, make_entries

pytestmark = pytest.mark.django_db


def test_an_untouched_ledger_is_clean() -> None:
    make_entries(20)
    report = services.verify(now=AT)
    assert report.ok, report
    print(report)
