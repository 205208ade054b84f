"""A change's page: begin a rehearsal, watch it, read what came out, and what it is bound to."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.access.selectors import authority_of
from governance.admin.rehearsed import describe_rehearsal
from governance.admin.rehearsed_cases import DRAWN, SHOWN, Look
from governance.admin.rehearsed_hours import describe_hours
from governance.admin.rehearsed_rows import RowNames
from governance.policies import registry
from governance.policies.models import Rehearsal
from governance.policies.registry import AskedFor
from governance.policies.services import run_rehearsal
from governance.reviews import services
from governance.reviews.models import ChangeRequest
from orchestra.core import clock
from orchestra.core.actors import system
from tests.factories.access import make_person
from tests.factories.rehearsals import record_lookups
from tests.factories.reviews import People, make_text, open_change
from tests.governance.admin.test_changes import (
    do,
    link,
    people,  # noqa: F401  the fixture is used by name
    sign_in,
    submitted,
    text_of,
    vote,
)
from tests.governance.policies.test_services_rehearsing_changes import STRICTER

pytestmark = pytest.mark.django_db


@pytest.fixture
def change(people: People) -> ChangeRequest:  # noqa: F811  the fixture
    record_lookups(at=clock.now() - timedelta(days=2))
    return submitted(people.author, STRICTER)


def begin(client: Client, change: ChangeRequest, **data: str) -> str:
    answer = client.post(link(change, "rehearse"), {"span": "30", **data}, follow=True)
    return " ".join(answer.content.decode().split())


def finish(change: ChangeRequest) -> Rehearsal:
    rehearsal = change.rehearsals.latest("pk")
    run_rehearsal(rehearsal_pk=rehearsal.pk)
    rehearsal.refresh_from_db()
    change.refresh_from_db()
    return rehearsal


def test_from_not_rehearsed_to_a_vote(change: ChangeRequest, people: People) -> None:  # noqa: F811
    author, officer = sign_in(people.author), sign_in(people.officer)
    before = text_of(officer, link(change))
    assert before.count("Not rehearsed yet. Voting opens when it is.") == 2
    assert "Rehearse this text" not in before
    assert "Rehearse this text" in text_of(author, link(change))
    running = begin(author, change)
    assert "0 of 6 decisions." in running
    assert "Cancel the rehearsal" in running
    assert "data-poll=" in running
    rehearsal = finish(change)
    after = text_of(officer, link(change))
    for part in (
        "This would have changed 3 of 6 verdicts (50.0 %): 3 stricter, 0 looser.",
        "Version 1 said",
        "Cases behind “verify → deny”",
        "Only 6 recorded decisions in this span. Choose a longer one.",
        "What the rehearsal is bound to",
        change.digest,
        rehearsal.result_digest,
        "Approve version 2",
    ):
        assert part in after, part
    assert "Not rehearsed yet" not in after
    assert "Cancel the rehearsal" not in after
    vote(people.officer, change, "approve")
    change.refresh_from_db()
    assert change.state == "approved"


def test_after_an_edit_both_digests_stand_side_by_side(
    change: ChangeRequest,
    people: People,  # noqa: F811
) -> None:
    begin(sign_in(people.author), change)
    rehearsal = finish(change)
    edited = json.loads(json.dumps(STRICTER))
    edited["rules"][0]["when"][0]["below"] = 0.6
    services.save_draft(
        actor=people.author.as_actor(),
        now=clock.now(),
        change_id=change.public_id,
        document=edited,
        seen_digest=change.digest,
    )
    do(people.author, change, "submit")
    text = text_of(sign_in(people.officer), link(change))
    change.refresh_from_db()
    for part in (
        "Rehearsal and text do not belong together.",
        "Two digests that should be one",
        rehearsal.document_digest,
        change.digest,
        "less than 0.7",
        "less than 0.6",
        "To bring it back",
        "The old report stays readable",
        "It is kept, and counts for nothing else.",
        "not this draft",
    ):
        assert part in text, part
    assert "Approve version 2" not in text
    said = vote(people.officer, change, "approve")
    assert "Rehearsal and text do not belong together." in said
    assert change.reviews.count() == 0


def test_nothing_recorded_needs_no_rehearsal(people: People) -> None:  # noqa: F811
    change = submitted(people.author, STRICTER)
    text = text_of(sign_in(people.officer), link(change))
    assert "There is nothing recorded to rehearse on." in text
    assert "Approve version 2" in text
    assert "Rehearse this text" not in text_of(sign_in(people.author), link(change))


def test_who_may_begin_one(change: ChangeRequest, people: People) -> None:  # noqa: F811
    text = begin(sign_in(people.officer), change)
    assert change.rehearsals.count() == 0
    assert "0 of 6 decisions." not in text
    assert sign_in(make_person()).post(link(change, "rehearse")).status_code == 404


def test_what_kept_it_from_being_bound_is_said(change: ChangeRequest, people: People) -> None:  # noqa: F811
    author = sign_in(people.author)
    begin(author, change, tool="refund")
    finish(change)
    text = text_of(author, link(change))
    assert "No recorded decision passes these filters. Choose others, or none." in text
    assert "Not rehearsed yet" in text
    begin(author, change)
    rehearsal = change.rehearsals.latest("pk")
    page = f"/admin/policies/lookups/rehearsals/{rehearsal.public_id}/cancel/"
    answer = author.post(page, follow=True)
    assert answer.redirect_chain[-1][0] == link(change)
    assert "It was cancelled." in answer.content.decode()


def test_a_base_that_moved_is_named(change: ChangeRequest, people: People) -> None:  # noqa: F811
    begin(sign_in(people.author), change)
    finish(change)
    Rehearsal.objects.update(base={**change.rehearsals.get().base, "others": [3, "0" * 64]})
    text = text_of(sign_in(people.officer), link(change))
    assert "Another version of others is in force than this was compared with." in text


def test_a_draft_that_cannot_be_read_still_has_its_page(people: People) -> None:  # noqa: F811
    record_lookups(at=clock.now() - timedelta(days=2))
    broken = open_change(people.author, {**make_text(), "scope": ["what"], "rules": 3})
    client = sign_in(people.author)
    assert client.get(link(broken)).status_code == 200
    begin(client, broken)
    assert broken.rehearsals.count() == 0


@pytest.fixture
def many(people: People, change: ChangeRequest) -> Rehearsal:  # noqa: F811
    record_lookups(40, at=clock.now() - timedelta(days=9), confidence=0.5)
    begin(sign_in(people.author), change)
    return finish(change)


def behind(found: Rehearsal, **asked: Any) -> dict[str, Any]:
    look = Look(cell="verify>deny", reader=authority_of(system("test")), **asked)
    shown: dict[str, Any] = describe_rehearsal(found, look)["chosen"]
    return shown


def test_all_are_read_page_by_page(many: Rehearsal) -> None:
    first, last = behind(many), behind(many, page=5)
    assert (first["total"], first["page"], first["pages"]) == (43, 1, 5)
    assert len(first["rows"]) == SHOWN
    assert len(last["rows"]) == 3
    every = [row["link"] for page in range(1, 6) for row in behind(many, page=page)["rows"]]
    assert len(set(every)) == 43
    assert behind(many, page=99)["rows"] == []


def test_a_draw_is_the_same_for_everybody(many: Rehearsal) -> None:
    def links(seed: str) -> list[str]:
        return [row["link"] for row in behind(many, seed=seed)["rows"]]

    assert len(set(links("118"))) == DRAWN
    assert links("118") == links("118") != links("119")
    shown = behind(many)
    assert shown["draw_seed"] == many.change_id
    assert f"seed={many.change_id}" in shown["draw_link"]


def test_what_was_asked_comes_from_above(many: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = str(many.public_id)

    def known(_authority: object, ids: Any) -> dict[str, AskedFor]:
        return {key: AskedFor("Read #W1", "C-7", case_id, "#W1", "Ava Kovacs") for key in ids}

    monkeypatch.setattr(registry.subjects, "_items", {"tests": known})
    row = behind(many)["rows"][0]
    assert (row["words"], row["case"], row["thing"], row["customer"]) == (
        "Read #W1",
        "C-7",
        "#W1",
        "Ava Kovacs",
    )
    assert row["case_link"] == f"/admin/cases/{case_id}/"
    assert (row["amount"], row["currency"]) == ("$40.00", "USD")
    assert (row["fires"], row["same"]) == ([], "the same rows, which say something else")


def test_rows_are_named_by_their_place(many: Rehearsal) -> None:
    names = RowNames(many)
    assert names.sentence("+lookups:unsure") == "row 1 (Unsure) would fire"
    assert names.short("lookups:gone") == "lookups, gone"
    assert names.short("floor:high.above_threshold") == ("the floor of high risk, above threshold")
    assert names.sentence("") == "the same rows, which say something else"


@pytest.mark.parametrize(
    ("net", "days", "words"),
    [
        (15, 30, "one more every 2 days"),
        (30, 30, "one more a day"),
        (90, 30, "about 3 more a day"),
        (-3, 30, "one fewer every 10 days"),
    ],
)
def test_the_busiest_change_as_a_sentence(net: int, days: int, words: str) -> None:
    more = [max(net, 0) if hour == 16 else 0 for hour in range(24)]
    fewer = [max(-net, 0) if hour == 16 else 0 for hour in range(24)]
    shown = describe_hours({"returns": {"more": more, "fewer": fewer}}, days=days)
    assert shown["busiest"] == (
        f"Busiest change: returns, 16:00 to 17:00, {net:+d} in {days} days, {words}."
    )
    assert (shown["queues"][0]["day"], shown["queues"][0]["night"]) == (f"{net:+,}", "+0")
