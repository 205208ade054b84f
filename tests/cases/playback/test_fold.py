"""A case read out of its record is the case as its rows stood, at every moment."""

from datetime import timedelta

import pytest

from cases.handoff.models import Handoff
from cases.journeys import services
from cases.memory.models import Case
from cases.memory.selectors import read_entries
from cases.memory.types import Speaker
from cases.playback.fold import state_after, state_at
from cases.playback.types import ERASED
from cases.tools.models import ToolCall
from governance.approvals.types import VoteChoice
from governance.ledger.models import EntryPayload
from tests.factories.playback import Watched, plans, read_of, rows_of
from tests.factories.retail import CANCEL, OLIVIA, SMALL, Centre


def watch(centre: Centre, case: Case) -> Watched:
    watched = Watched(centre.clock, case)
    centre.clock = watched  # type: ignore[assignment]
    return watched


def say(centre: Centre, case: Case, text: str) -> None:
    services.add_message(
        actor=centre.agent, now=centre.clock(), case=case, speaker=Speaker.CUSTOMER, text=text
    )


def a_refund_that_two_people_decide(centre: Centre, case: Case) -> None:
    """Work a case with a missing order, an approval that is voided, one that runs, and its end."""
    centre.look_up(case, "nobody@example.com")
    centre.identify(case)
    centre.propose(case, "get_order_details", {"order_id": "#W5199551"})
    centre.propose(case, "get_order_details", {"order_id": "#W0000000"})
    call = centre.propose(case, "cancel_pending_order", CANCEL, evidence=centre.agree(case))
    say(centre, case, "Wait, I am not sure.")
    centre.work()
    assert ToolCall.objects.get(pk=call.pk).state == "voided"
    call = centre.propose(case, "cancel_pending_order", CANCEL, evidence=centre.agree(case))
    centre.vote(call, "maren", VoteChoice.APPROVE)
    centre.work()
    assert ToolCall.objects.get(pk=call.pk).state == "succeeded"
    for key in ("tell", "close"):
        services.complete_step(
            actor=centre.people["lena"].as_actor(), now=centre.clock(), case=case, step=key
        )
    services.resolve(
        actor=centre.people["lena"].as_actor(),
        now=centre.clock(),
        case=case,
        outcome="cancelled",
        confirmed=True,
    )


def a_case_handed_over_and_back(centre: Centre, case: Case) -> None:
    """Hand a case to a person, who gives it back, and whom it reaches again."""
    lena = centre.people["lena"].as_actor()
    centre.identify(case, OLIVIA)
    for back in (True, False):
        services.offer_handoff(
            actor=centre.agent,
            now=centre.clock(),
            case=case,
            offer=services.HandoffOffer(reason_code="customer_request", queue_key="care"),
        )
        found = Handoff.objects.filter(case=case).latest("pk")
        services.accept_handoff(actor=lena, now=centre.clock(), handoff_id=found.public_id)
        if back:
            services.return_handoff(
                actor=lena, now=centre.clock(), handoff_id=found.public_id, reason="yours"
            )
    centre.propose(case, "cancel_pending_order", SMALL, actor=lena, evidence=centre.agree(case))
    centre.work()
    services.complete_handoff(actor=lena, now=centre.clock(), handoff_id=found.public_id)


def a_case_that_nobody_can_identify(centre: Centre, case: Case) -> None:
    """Try until the journey stops and goes to a person by itself."""
    for number in range(5):
        centre.look_up(case, f"nobody{number}@example.com")
    centre.propose(case, "cancel_pending_order", CANCEL)


PLAYS = [
    a_refund_that_two_people_decide,
    a_case_handed_over_and_back,
    a_case_that_nobody_can_identify,
]


@pytest.mark.parametrize("play", PLAYS)
def test_at_every_moment_it_says_what_the_rows_said(
    centre: Centre, case: Case, play: object
) -> None:
    watched = watch(centre, case)
    play(centre, case)  # type: ignore[operator]
    watched.look()
    entries, known = read_entries(case=case), plans()

    assert len({count for count, _rows in watched.seen}) > 10
    for count, rows in watched.seen:
        then = state_after(entries[:count], known)
        assert then is not None
        assert (then.count, read_of(then)) == (count, rows)


def test_what_came_later_changes_nothing_about_a_moment(centre: Centre, case: Case) -> None:
    a_refund_that_two_people_decide(centre, case)
    entries, known = read_entries(case=case), plans()
    moments = sorted({entry.at for entry in entries})
    for moment in moments:
        first = [entry for entry in entries if entry.at <= moment]
        assert state_at(entries, moment, known) == state_after(first, known)
    just_before = entries[0].at - timedelta(microseconds=1)
    assert state_at(entries, just_before, known) is None
    assert state_at(entries, moments[-1] + timedelta(days=9), known) == state_after(entries, known)


def test_an_entry_behind_a_later_one_is_later_whatever_its_time(centre: Centre, case: Case) -> None:
    centre.identify(case)
    entries, known = read_entries(case=case), plans()
    moment = entries[3].at
    cut = next(at for at, entry in enumerate(entries) if entry.at > moment)
    entries[-1] = type(entries[-1])(
        **{name: getattr(entries[-1], name) for name in entries[-1].__slots__ if name != "at"},
        at=moment,
    )
    then = state_at(entries, moment, known)
    assert then is not None
    assert then.count == entries[cut - 1].seq


def test_what_was_erased_says_so_and_the_rest_still_stands(centre: Centre, case: Case) -> None:
    centre.identify(case)
    entries, known = read_entries(case=case), plans()
    whole = state_after(entries, known)
    assert whole is not None
    bare = state_after(
        [type(one)(**{**{n: getattr(one, n) for n in one.__slots__}, "payload": None})
         for one in entries],
        known,
    )  # fmt: skip
    assert bare is not None
    assert bare.erased == tuple(entry.seq for entry in entries)
    assert {said.text for said in bare.said} == {ERASED}
    assert bare.subject == ERASED
    assert (bare.status, bare.count) == (whole.status, whole.count)
    assert [one.id for one in bare.calls] == [one.id for one in whole.calls]
    assert {one.state for one in bare.calls} == {"succeeded"}
    assert bare.calls[0].arguments is None


def test_the_rows_are_what_the_comparison_looks_at(centre: Centre, case: Case) -> None:
    """The comparison above is able to fail: a row that moved without an entry is seen."""
    centre.identify(case)
    then = state_after(read_entries(case=case), plans())
    assert then is not None
    Case.objects.filter(pk=case.pk).update(priority=1)
    assert read_of(then) != rows_of(case)
    assert EntryPayload.objects.count() > 0
