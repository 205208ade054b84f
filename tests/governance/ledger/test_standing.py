"""The verdict line's numbers: the same as each asked alone, in one query."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.ledger import selectors, services
from governance.ledger.entries import LEDGER_VERIFIED
from governance.ledger.models import EntryIndex, EntryPayload
from governance.ledger.standing import read_standing
from governance.ledger.types import LedgerStanding
from tests.factories.ledger import AT, make_entries, without_guards

pytestmark = pytest.mark.django_db


def agrees(standing: LedgerStanding) -> None:
    """Compare with each number asked alone."""
    assert standing.size == selectors.tree_size()
    assert standing.backlog == selectors.get_backlog()
    assert standing.checkpoint == selectors.latest_checkpoint()
    assert standing.verification == selectors.latest_verification()
    assert standing.stop == selectors.find_signing_stop()


def test_each_number_is_the_one_asked_alone(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    agrees(read_standing())
    make_entries(3)
    before = read_standing()
    agrees(before)
    assert (before.size, before.unread, before.backlog.count) == (0, 3, 3)
    services.sequence(now=AT)
    services.verify(now=AT)
    services.index_entries()
    services.verify(now=AT + timedelta(hours=1))
    with django_assert_max_num_queries(1):
        after = read_standing()
    agrees(after)
    assert after.checkpoint is not None
    assert after.verification is not None
    assert after.verification.at == AT + timedelta(hours=1)
    read = EntryIndex.objects.get().next_index
    assert 0 < after.unread == after.size + after.backlog.count - read
    # What was erased says nothing any more; the one before it speaks.
    newest = EntryPayload.objects.filter(entry__kind=LEDGER_VERIFIED).latest("entry_id")
    with without_guards():
        newest.delete()
    erased = read_standing()
    assert erased.verification is not None
    assert erased.verification.at == AT
