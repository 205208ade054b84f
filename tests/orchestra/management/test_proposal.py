"""The demonstration's policy owner proposes one change, rehearsed, and never a second."""

import pytest

from governance.policies.models import Rehearsal
from governance.policies.services import run_rehearsal
from governance.reviews.models import ChangeRequest
from orchestra.core import clock
from orchestra.management import proposal
from orchestra.management.proposal import propose_change
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return


def test_nothing_is_proposed_before_there_is_a_history(retail: World) -> None:
    author = retail.people["policy"]
    assert propose_change(author=author, now=clock.now()) is False
    assert not ChangeRequest.objects.exists()


def test_one_change_is_proposed_and_bound_to_its_rehearsal(
    retail: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposal, "ENOUGH_DECISIONS", 2)
    waiting_return(retail)
    author = retail.people["policy"]
    assert propose_change(author=author, now=clock.now()) is True
    change = ChangeRequest.objects.get()
    assert (change.state, change.author_id) == ("submitted", str(author.public_id))
    run_rehearsal(rehearsal_pk=Rehearsal.objects.get().pk)
    change.refresh_from_db()
    assert change.rehearsal_digest == change.digest
    assert propose_change(author=author, now=clock.now()) is True
    assert ChangeRequest.objects.count() == 1
