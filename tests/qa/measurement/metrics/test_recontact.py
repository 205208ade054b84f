"""Recontact and first contact resolution: every case of the definition."""

import pytest

from qa.measurement.metrics.recontact import (
    channel_switches,
    first_contact_resolution,
    match_returns,
    recontact_rate,
)
from qa.measurement.rows import Contact, Dimensions, Episode, Issue, Matter
from qa.measurement.types import LeftOut
from tests.qa.measurement.metrics.rows import RETURNS, contact, day, episode

LATER = day(60)


def returned(episodes: list[Episode], contacts: list[Contact]) -> list[tuple[str, int]]:
    return sorted(match_returns(episodes, contacts).first)


def test_reopened_by_the_customer_is_one_recontact_and_a_new_episode() -> None:
    episodes = [episode("a", 1), episode("a", 3, number=2, opened_at=day(2))]
    contacts = [contact("back", 2), contact("again", 4)]
    assert returned(episodes, contacts) == [("a", 1), ("a", 2)]
    found = match_returns(episodes, contacts)
    assert [found.first["a", 1].contact.id, found.first["a", 2].contact.id] == ["back", "again"]


def test_two_returns_in_one_window_are_one() -> None:
    found = recontact_rate([episode("a", 1)], [contact("x", 2), contact("y", 3)], now=LATER)
    assert (found.figure.hits, found.figure.n) == (1, 1)


def test_an_agent_who_reopens_is_no_recontact() -> None:
    episodes = [episode("a", 1), episode("a", 3, number=2, opened_at=day(2))]
    note = contact("note", 2, by_customer=False)
    found = match_returns(episodes, [note])
    assert (found.first, found.not_counted) == ({}, {"not_by_customer": 1})


def test_a_promised_call_is_none_and_a_chaser_is_one() -> None:
    ours = contact("ours", 3, by_customer=False, matter=Matter.PROMISED_CALL, promised_at=day(3))
    found = match_returns([episode("a", 1)], [ours])
    assert (found.first, found.not_counted) == ({}, {"promised_call": 1})
    early = contact("early", 2, promised_at=day(3))
    chased = recontact_rate([episode("a", 1)], [early, ours], now=LATER)
    assert (chased.figure.hits, chased.figure.beside["chasers"]) == (1, 1)


@pytest.mark.parametrize("matter", [Matter.THANKS, Matter.SURVEY, Matter.AUTO_REPLY])
def test_thanks_surveys_and_automatic_replies_are_none(matter: Matter) -> None:
    found = recontact_rate([episode("a", 1)], [contact("x", 2, matter=matter)], now=LATER)
    assert (found.figure.hits, found.figure.left_out) == (0, {str(matter): 1})


def test_another_issue_is_shown_as_the_next_one() -> None:
    other = Issue("anna", "address")
    found = match_returns([episode("a", 1)], [contact("x", 2, issue=other)])
    assert (found.first, found.not_counted) == ({}, {"next_issue": 1})
    order = Issue("anna", "return", "W2")
    assert returned([episode("a", 1)], [contact("x", 2, issue=order)]) == []
    before = match_returns([episode("a", 3)], [contact("x", 2, issue=other)])
    assert before.not_counted == {}


def test_an_unknown_sender_is_not_matched_and_told() -> None:
    contacts = [contact("x", 2, issue=None), contact("y", 20)]
    found = recontact_rate([episode("a", 1)], contacts, now=LATER)
    assert found.figure.hits == 0
    assert found.figure.left_out == {"unknown_sender": 1}
    assert found.figure.beside["matched_share"] == 0.5


def test_the_latest_resolution_before_it_gets_the_return_and_no_other() -> None:
    assert returned([episode("a", 1), episode("b", 2)], [contact("x", 3)]) == [("b", 1)]


def test_a_merged_case_leaves_and_its_survivor_gets_the_return() -> None:
    episodes = [episode("a", 1, left_out=LeftOut.MERGED, issue=None), episode("s", 1.5)]
    found = recontact_rate(episodes, [contact("x", 3)], now=LATER)
    assert (found.figure.n, found.figure.hits) == (1, 1)
    assert found.figure.left_out == {"merged": 1}


def test_resolved_by_silence_is_told_apart() -> None:
    found = recontact_rate(
        [episode("a", 1, assumed=True), episode("b", 1, issue=Issue("ben", "return"))],
        [contact("x", 2)],
        now=LATER,
    )
    assert (found.figure.n, found.figure.hits) == (1, 0)
    assert (found.assumed.n, found.assumed.hits) == (1, 1)
    assert found.figure.beside["assumed"] == 1


def test_ai_and_then_a_person_in_one_contact_is_none() -> None:
    # The contact began before the resolution; whoever held it last, it is the same contact.
    assert returned([episode("a", 1, last_owner="ben")], [contact("first", 0)]) == []


def test_it_belongs_to_who_held_it_last_and_the_first_view_stands_beside() -> None:
    found = match_returns(
        [episode("a", 1, first_owner="bot/7", last_owner="ben")], [contact("x", 2)]
    )
    own = found.first["a", 1].episode
    assert (own.last_owner, own.first_owner) == ("ben", "bot/7")


def test_a_window_is_half_open_and_the_curve_is_in_days() -> None:
    episodes = [episode(name, 0, issue=Issue(name, "return")) for name in "abcd"]
    contacts = [
        contact("x", 0.5, issue=Issue("a", "return")),
        contact("y", 7, issue=Issue("b", "return")),
        contact("z", 7.01, issue=Issue("c", "return")),
    ]
    found = recontact_rate(episodes, contacts, now=LATER)
    assert [(one.days, one.value) for one in found.windows] == [
        (1, 0.25), (3, 0.25), (7, 0.5), (14, 0.75), (30, 0.75)
    ]  # fmt: skip
    assert (found.figure.value, found.figure.hits) == (0.5, 2)
    assert [(one.full.hits, one.full.total) for one in found.windows][2] == (2, 4)


def test_young_resolutions_count_for_the_days_seen() -> None:
    # Ten seen for 10 days, two of which came back on day 2; ten seen for one day alone.
    old = [episode(f"o{n}", 0, issue=Issue(f"o{n}", "r")) for n in range(10)]
    young = [episode(f"y{n}", 9, issue=Issue(f"y{n}", "r")) for n in range(10)]
    contacts = [contact(f"x{n}", 2, issue=Issue(f"o{n}", "r")) for n in range(2)]
    found = recontact_rate(old + young, contacts, now=day(10))
    assert found.figure.value == pytest.approx(0.2)
    assert (found.figure.n, found.figure.open) == (20, 10)
    assert found.figure.beside["full_windows"] == 10
    assert found.windows[3].value is None
    assert found.windows[3].seen == 0


def test_open_and_withdrawn_episodes_are_no_resolutions() -> None:
    episodes = [episode("a", None), episode("b", 1, withdrawn=True)]
    found = recontact_rate(episodes, [contact("x", 2)], now=LATER)
    assert (found.figure.n, found.figure.value, found.curve) == (0, None, ())


def test_what_came_after_the_report_is_not_known_to_it() -> None:
    found = recontact_rate([episode("a", 1)], [contact("x", 3)], now=day(2))
    assert (found.figure.hits, found.figure.open) == (0, 1)


def test_first_contact_resolution_counts_issues() -> None:
    episodes = [
        episode("held", 0.1, issue=Issue("1", "r")),
        episode("back", 0.1, issue=Issue("2", "r")),
        episode("two", 0.1, issue=Issue("3", "r"), contacts=("k", "l")),
        episode("moved", 0.1, issue=Issue("4", "r"), transferred=True),
        episode("open", None, issue=Issue("5", "r")),
        episode("back", 3, number=2, issue=Issue("2", "r")),
        episode("test", 0.1, issue=Issue("6", "r"), left_out=LeftOut.TEST),
    ]
    contacts = [contact("x", 2, issue=Issue("2", "r"))]
    found = first_contact_resolution(episodes, contacts, now=LATER)
    assert (found.hits, found.n, found.left_out) == (1, 5, {"test": 1})
    lenient = first_contact_resolution(episodes, contacts, now=LATER, without_transfer=False)
    assert lenient.hits == 2


def test_a_young_issue_is_counted_neither_way() -> None:
    episodes = [episode("a", 0.1), episode("b", None, issue=Issue("b", "r"))]
    found = first_contact_resolution(episodes, [], now=day(3))
    assert (found.n, found.open, found.value) == (0, 2, None)
    late = [episode("a", 9)]
    assert first_contact_resolution(late, [], now=day(10)).open == 1


def test_it_is_no_complement_of_the_recontact_rate() -> None:
    # 1.9 contacts for an issue: at most 52.6 % can have ended in the first.
    assert round(1 / 1.9, 3) == 0.526
    episodes = [episode(f"e{n}", 0.1, issue=Issue(f"{n}", "r")) for n in range(10)]
    contacts = [contact(f"x{n}", 1, issue=Issue(f"{n}", "r")) for n in range(9)]
    found = first_contact_resolution(episodes, contacts, now=LATER)
    assert found.value is not None
    assert found.value <= 10 / 19


def test_which_channel_they_come_back_on() -> None:
    chat, voice = Dimensions(channel="chat"), Dimensions(channel="voice")
    episodes = [episode("a", 1, of=chat)]
    found = match_returns(episodes, [contact("x", 2, of=voice)])
    assert channel_switches(episodes, found) == {("chat", "voice"): 1}
    assert RETURNS.entity == "W1"
