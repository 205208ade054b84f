"""What stands beside a case at a past moment is read at once."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.admin.playback_reading import read_playback
from cases.memory.models import Case
from cases.memory.selectors import read_entries
from cases.playback import selectors
from cases.playback.fold import state_after
from governance.access_reviews.past import past_of, read_past
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return


def test_all_beside_the_record_is_read_in_one_statement(retail: World) -> None:
    public_id, call = waiting_return(retail)
    entries = read_entries(case=Case.objects.get(public_id=public_id))
    then = state_after(entries, selectors.plans_of(entries))
    assert then is not None
    moment = clock.now()
    with CaptureQueriesContext(connection) as asked:
        read = read_playback(entries, moment)
        assert read is not None
        past = past_of(read.past, at=moment)
        policies = selectors.as_policies(read.policies)
        tools = selectors.as_tools_in_force(read.tools)
        off = selectors.switched_off(read.switches)
        plans, specs = selectors.as_plans(read.sheets), selectors.as_tools(read.versions)
        found = [list(rows) for rows in (read.records, read.views, read.titles, read.last)]
    assert len(asked) == 1
    assert (plans, specs) == (selectors.plans_of(entries), selectors.tools_of(entries))
    assert read_playback([], moment) is None
    assert past == read_past(at=moment)
    records, views, titles, last = found
    assert {str(one.public_id) for one in records} == {one.id for one in then.decisions}
    assert [str(one) for one, _view, _digest in views] == [call["approval"]["id"]]
    assert (titles, off) == (["Returns"], [])
    assert last == [LedgerEntry.objects.latest("id").pk]
    assert {one.key for one in tools} == {one.tool for one in then.calls}
    assert "retail_returns" in {one.key for one in policies}
