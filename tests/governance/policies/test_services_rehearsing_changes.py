"""A change of a policy is bound to its rehearsal, and to no other text than was rehearsed."""

import json
from typing import Any

import pytest

from governance.ledger.models import EntryPayload, LedgerEntry
from governance.policies import selectors
from governance.policies.changes import Filters
from governance.policies.services import cancel_rehearsal, publish_version, run_rehearsal
from governance.policies.services.rehearsing import running
from governance.policies.types import RehearsalState
from governance.reviews import services
from governance.reviews.models import ChangeRequest
from governance.reviews.types import BoundRehearsal, ChangePurpose, ChangeState
from orchestra.core.actors import system
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.rehearsals import (
    DAY,
    begin_rehearsal,
    finish_rehearsal,
    record_lookups,
    rehearse,
)
from tests.factories.reviews import (
    KEY,
    NOW,
    People,
    approve,
    make_text,
    open_change,
    publish,
    put_in_force,
    submit_change,
)
from tests.governance.reviews.conftest import _nothing_above, people  # noqa: F401  by name

pytestmark = pytest.mark.django_db

#: Refuses below 0.7, where the version in force only verifies.
STRICTER = make_text(
    "unsure",
    rules=[
        {
            "id": "unsure",
            "title": "Unsure",
            "when": [{"fact": "confidence", "below": 0.7}],
            "outcome": "deny",
            "reason": "The AI is unsure.",
        }
    ],
)


@pytest.fixture
def change(people: People) -> ChangeRequest:  # noqa: F811  the fixture
    put_in_force()
    record_lookups()
    return submit_change(people.author, STRICTER)


def entries(kind: str) -> list[dict[str, Any]]:
    rows = EntryPayload.objects.filter(entry__kind=kind).order_by("entry_id")
    return [json.loads(bytes(row.body)) for row in rows]


def save(change: ChangeRequest, people: People, *rows: str) -> ChangeRequest:  # noqa: F811
    return services.save_draft(
        actor=people.owner.as_actor(),
        now=NOW,
        change_id=change.public_id,
        document=make_text(*rows),
        seen_digest=change.digest,
    )


def refused(change: ChangeRequest, people: People) -> tuple[str, str]:  # noqa: F811
    count = change.reviews.count()
    with pytest.raises(ConflictError) as caught:
        approve(change, people.officer)
    change.refresh_from_db()
    assert change.reviews.count() == count
    return caught.value.error_code, caught.value.message


def test_voting_opens_once_the_text_is_rehearsed(
    change: ChangeRequest,
    people: People,  # noqa: F811
) -> None:
    assert change.needs_rehearsal
    assert refused(change, people) == (
        "change.not_rehearsed",
        "Not rehearsed yet. Voting opens when it is.",
    )
    rehearsal = rehearse(change, people.author)
    assert rehearsal.state == RehearsalState.DONE
    assert change.rehearsal_digest == change.digest == rehearsal.document_digest
    assert change.report_digest == rehearsal.result_digest
    assert selectors.find_bound_rehearsal(change=change) == rehearsal
    bound = entries("change.rehearsed")
    assert [(one["report"], one["decisions"], one["digest"]) for one in bound] == [
        (rehearsal.result_digest, 6, change.digest)
    ]
    assert entries("rehearsal.finished")[0]["bound"] is True
    assert rehearsal.result is not None
    assert rehearsal.result["matrix"] == {"allow>allow": 3, "verify>deny": 3}
    assert approve(change, people.officer).state == ChangeState.APPROVED
    assert entries("change.approved")[0]["report_digest"] == rehearsal.result_digest
    assert publish(change, people.owner).state == ChangeState.PUBLISHED


def test_an_edit_parts_text_and_rehearsal(change: ChangeRequest, people: People) -> None:  # noqa: F811
    rehearsal = rehearse(change, people.author)
    change = save(change, people, "unsure", "more")
    change = services.submit(actor=people.owner.as_actor(), now=NOW, change_id=change.public_id)
    code, message = refused(change, people)
    assert code == "change.rehearsal_stale"
    assert message.startswith("Rehearsal and text do not belong together.")
    # The old report stays readable.
    assert selectors.find_bound_rehearsal(change=change) == rehearsal
    rehearse(change, people.owner)
    assert approve(change, people.officer).state == ChangeState.APPROVED


def test_publishing_another_text_than_was_rehearsed_is_refused(
    change: ChangeRequest,
    people: People,  # noqa: F811
) -> None:
    rehearse(change, people.author)
    change = approve(change, people.officer)
    # No service leads here; whoever writes to the row past them is stopped at the end.
    ChangeRequest.objects.filter(pk=change.pk).update(rehearsal_digest="0" * 64)
    with pytest.raises(ConflictError) as caught:
        publish(change, people.owner)
    assert caught.value.error_code == "change.rehearsal_stale"
    change.refresh_from_db()
    assert change.state == ChangeState.APPROVED


def test_a_text_edited_meanwhile_is_not_bound(change: ChangeRequest, people: People) -> None:  # noqa: F811
    rehearsal = begin_rehearsal(change, people.author)
    change = save(change, people, "other")
    finish_rehearsal(rehearsal)
    change.refresh_from_db()
    assert (rehearsal.state, change.rehearsal_digest, change.report_digest) == ("done", "", "")
    assert entries("rehearsal.finished")[0]["bound"] is False
    assert entries("change.rehearsed") == []


def test_votes_keep_the_report_they_answered(change: ChangeRequest, people: People) -> None:  # noqa: F811
    first = rehearse(change, people.author)
    approve(change, people.officer)
    other = rehearse(change, people.author, since=NOW - 60 * DAY)
    assert first.result_digest != other.result_digest
    assert (other.state, change.report_digest) == ("done", first.result_digest)


def test_a_change_put_on_another_version_is_rehearsed_anew(
    change: ChangeRequest,
    people: People,  # noqa: F811
) -> None:
    rehearse(change, people.author)
    put_in_force(make_text("between"))
    with pytest.raises(ConflictError) as caught:
        begin_rehearsal(change, people.author)
    assert caught.value.error_code == "change.base_moved"
    change = services.rebase(actor=people.owner.as_actor(), now=NOW, change_id=change.public_id)
    assert (change.rehearsal_digest, change.report_digest) == ("", "")
    change = services.submit(actor=people.owner.as_actor(), now=NOW, change_id=change.public_id)
    assert refused(change, people)[0] == "change.not_rehearsed"


def test_a_base_that_moved_while_it_ran_binds_nothing(
    change: ChangeRequest,
    people: People,  # noqa: F811
) -> None:
    rehearsal = begin_rehearsal(change, people.author)
    put_in_force(make_text("between"))
    services.rebase(actor=people.author.as_actor(), now=NOW, change_id=change.public_id)
    finish_rehearsal(rehearsal)
    change.refresh_from_db()
    assert change.rehearsal_digest == ""


def test_without_anything_recorded_a_vote_needs_no_rehearsal(people: People) -> None:  # noqa: F811
    put_in_force()
    change = submit_change(people.author, STRICTER)
    assert not change.needs_rehearsal
    # What is decided afterwards changes nothing of what was handed in.
    record_lookups()
    assert publish(approve(change, people.officer), people.owner).state == ChangeState.PUBLISHED


def test_taking_a_policy_away_is_rehearsed_too(people: People) -> None:  # noqa: F811
    put_in_force()
    record_lookups()
    change = submit_change(people.author, purpose=ChangePurpose.RETIREMENT, document=None)
    assert refused(change, people)[0] == "change.not_rehearsed"
    rehearsal = rehearse(change, people.author)
    assert rehearsal.removes
    assert rehearsal.result is not None
    # A tool that is in the scope of no policy is denied.
    assert rehearsal.result["matrix"] == {"allow>deny": 3, "verify>deny": 3}
    assert change.rehearsal_digest == change.digest


def test_who_may_begin_one_and_when(change: ChangeRequest, people: People) -> None:  # noqa: F811
    with pytest.raises(NotPermittedError):
        begin_rehearsal(change, people.officer)
    with pytest.raises(InvalidInputError) as empty:
        begin_rehearsal(change, people.author, since=NOW - 12 * DAY, until=NOW - 9 * DAY)
    assert empty.value.message == (
        "There is no recorded decision in this span. Choose a longer one."
    )
    assert change.rehearsals.count() == 0
    rehearsal = begin_rehearsal(change, people.author)
    with pytest.raises(ConflictError) as twice:
        begin_rehearsal(change, people.owner)
    assert twice.value.error_code == "rehearsal.running"
    cancel_rehearsal(actor=people.owner.as_actor(), now=NOW, rehearsal_pk=rehearsal.pk)
    assert run_rehearsal(rehearsal_pk=rehearsal.pk) is RehearsalState.CANCELLED
    services.withdraw(actor=people.author.as_actor(), now=NOW, change_id=change.public_id)
    with pytest.raises(ConflictError) as ended:
        begin_rehearsal(change, people.author)
    assert ended.value.error_code == "change.state"
    change.refresh_from_db()
    assert change.report_digest == ""


def test_the_change_of_another_kind_is_not_rehearsed(
    change: ChangeRequest,
    people: People,  # noqa: F811
) -> None:
    ChangeRequest.objects.filter(pk=change.pk).update(kind="cue_sheet")
    with pytest.raises((NotFoundError, NotPermittedError)):
        begin_rehearsal(change, people.author)


def test_filters_that_leave_all_out_bind_nothing(change: ChangeRequest, people: People) -> None:  # noqa: F811
    rehearsal = rehearse(change, people.author, filters=Filters(tool="no_such_tool"))
    assert rehearsal.result is not None
    assert (rehearsal.state, rehearsal.result["left_out"]) == ("done", 6)
    assert change.report_digest == ""
    rehearse(change, people.author, filters=Filters(tool="read_order"))
    assert change.rehearsal_digest == change.digest


def test_what_is_in_force_against_itself_changes_nothing(
    change: ChangeRequest,
    people: People,  # noqa: F811
) -> None:
    del change
    unchanged = open_change(people.author, make_text())
    rehearsal = rehearse(unchanged, people.author)
    assert rehearsal.result is not None
    assert rehearsal.result["matrix"] == {"allow>allow": 3, "verify>verify": 3}
    assert (rehearsal.result["gained"], rehearsal.result["lost"]) == ({}, {})
    assert rehearsal.cases.count() == 0


def test_binding_and_the_end_stand_together(
    change: ChangeRequest,
    people: People,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:

    rehearsal = begin_rehearsal(change, people.author)

    def lost(*_args: object) -> None:
        raise ConflictError("taken over")

    real = running._advance
    monkeypatch.setattr(
        running,
        "_advance",
        lambda found, changes: lost() if "result" in changes else real(found, changes),
    )
    finish_rehearsal(rehearsal)
    change.refresh_from_db()
    assert (rehearsal.state, change.report_digest) == ("running", "")
    assert not LedgerEntry.objects.filter(kind="change.rehearsed").exists()


def test_a_rehearsal_cannot_be_bound_to_what_it_is_not_of(change: ChangeRequest) -> None:
    other = BoundRehearsal(text="0" * 64, report="1" * 64, base=change.base_digest, decisions=6)
    bound = services.bind_rehearsal(
        actor=system("rehearsal"), now=NOW, change_pk=change.pk, rehearsed=other
    )
    change.refresh_from_db()
    assert (bound, change.rehearsal_digest) == (False, "")


def test_a_pack_publishes_without_a_change_request(people: People) -> None:  # noqa: F811
    put_in_force()
    record_lookups()
    version = publish_version(
        actor=people.owner.as_actor(),
        now=NOW,
        policy_key=KEY,
        title="Look-ups",
        document=STRICTER,
    )
    assert version.number == 2
