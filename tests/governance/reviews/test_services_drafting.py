"""A change is opened, written, handed in and taken back; each is one entry."""

from datetime import timedelta
from typing import Any

import pytest

from governance.access.models import User
from governance.ledger.models import LedgerEntry
from governance.reviews import services
from governance.reviews.models import ChangeRequest
from governance.reviews.rules import document_digest
from governance.reviews.selectors import list_drafts, reviews_of
from governance.reviews.types import ChangeState, RiskLevel
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.access import make_agent, make_person
from tests.factories.reviews import (
    KIND,
    NOW,
    People,
    approve,
    ballot_of,
    make_text,
    open_change,
    put_in_force,
    submit_change,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def kinds() -> list[str]:
    found = LedgerEntry.objects.filter(kind__startswith="change.").order_by("pk")
    return [kind.removeprefix("change.") for kind in found.values_list("kind", flat=True)]


def save(
    change: ChangeRequest, person: User, document: Any = None, **changes: Any
) -> ChangeRequest:
    given = {
        "document": change.document if document is None else document,
        "seen_digest": change.digest,
    }
    return services.save_draft(
        actor=person.as_actor(), now=NOW, change_id=change.public_id, **{**given, **changes}
    )


def submit(change: ChangeRequest, person: User, **changes: Any) -> ChangeRequest:
    return services.submit(actor=person.as_actor(), now=NOW, change_id=change.public_id, **changes)


def test_a_change_stands_on_the_version_in_force(people: People) -> None:
    version = put_in_force()
    change = open_change(people.author, summary=" Too many doubts pass. ")
    assert (change.base_number, change.base_digest) == (1, version.digest)
    assert (change.state, change.risk, change.label) == ("draft", "low", f"CR-{change.pk}")
    assert change.summary == "Too many doubts pass."
    assert change.digest == document_digest(kind=KIND, document=change.document)
    assert (change.author_id, change.editor_id) == (str(people.author.public_id),) * 2
    entry = LedgerEntry.objects.get(kind="change.opened")
    assert entry.stream == f"policy:{version.policy.public_id}"
    assert (entry.subject_kind, entry.subject_id) == ("change_request", str(change.public_id))


def test_without_a_text_it_begins_with_the_one_in_force(people: People) -> None:
    version = put_in_force()
    actor = people.author.as_actor()
    change = services.open_change(
        actor=actor, now=NOW, kind=KIND, document_key="lookups", title="Ask earlier"
    )
    assert (change.document, change.digest) == (version.document, version.digest)


def test_the_first_text_of_a_document_stands_on_nothing(people: People) -> None:
    change = open_change(people.author)
    assert (change.base_number, change.base_digest) == (0, "")
    assert LedgerEntry.objects.get(kind="change.opened").stream == "system"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"title": " "}, [("title", "required")]),
        ({"title": "x" * 201}, [("title", "length")]),
        ({"document": None, "title": ""}, [("title", "required"), ("document", "required")]),
    ],
)
def test_what_cannot_be_opened(
    people: People, changes: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    given = {"title": "Ask earlier", "document": make_text(), **changes}
    with pytest.raises(InvalidInputError) as caught:
        services.open_change(
            actor=people.author.as_actor(), now=NOW, kind=KIND, document_key="lookups", **given
        )
    assert [(one.field, one.code) for one in caught.value.errors] == found
    assert (ChangeRequest.objects.count(), kinds()) == (0, [])


def test_only_whoever_may_change_policies_opens_one(people: People) -> None:
    for person in (people.officer, people.supervisor, make_person()):
        with pytest.raises(NotPermittedError):
            open_change(person)
    agent = make_agent(owner=people.author)
    with pytest.raises(NotPermittedError) as caught:
        services.open_change(
            actor=agent.as_actor(), now=NOW, kind=KIND, document_key="a", title="b", document={}
        )
    assert caught.value.error_code == "change.agent"
    assert (ChangeRequest.objects.count(), kinds()) == (0, [])


@pytest.mark.parametrize(
    ("before", "after", "risk"),
    [
        ("read_order", "read_order", RiskLevel.LOW),
        ("read_order", "refund", RiskLevel.HIGH),
        ("refund", "read_order", RiskLevel.HIGH),
        ("read_order", "freeze", RiskLevel.CRITICAL),
        ("read_order", "nobody_knows_it", RiskLevel.CRITICAL),
    ],
)
def test_the_risk_is_the_higher_of_what_stands_and_what_would(
    people: People, before: str, after: str, risk: RiskLevel
) -> None:
    put_in_force(make_text(tool=before))
    assert open_change(people.author, make_text("new", tool=after)).risk == risk


def test_an_error_never_stops_saving_only_submitting(people: People) -> None:
    put_in_force()
    change = open_change(people.author)
    wrong = make_text("a", "a", title="")
    change = save(change, people.author, wrong)
    assert (change.document, change.risk) == (wrong, "critical")
    with pytest.raises(InvalidInputError) as caught:
        submit(change, people.author)
    assert [(one.field, one.code) for one in caught.value.errors] == [
        ("title", "required"),
        ("rules[1].id", "repeated"),
    ]
    change.refresh_from_db()
    assert (change.state, kinds()) == ("draft", ["opened", "saved"])


def test_the_same_again_is_not_saved(people: People) -> None:
    change = open_change(people.author)
    save(change, people.owner)
    change.refresh_from_db()
    assert (change.editor_label, kinds()) == (people.author.label, ["opened"])


def test_whoever_saves_over_another_is_told(people: People) -> None:
    change = open_change(people.author)
    seen = change.digest
    save(change, people.owner, make_text("theirs"))
    with pytest.raises(ConflictError) as caught:
        save(change, people.author, make_text("mine"), seen_digest=seen)
    assert caught.value.error_code == "change.stale"
    change.refresh_from_db()
    assert change.document == make_text("theirs")
    assert (change.editor_id, change.author_id) == (
        str(people.owner.public_id),
        str(people.author.public_id),
    )


def test_an_edit_takes_the_approvals_away(people: People) -> None:
    put_in_force()
    change = approve(submit_change(people.author), people.officer)
    assert change.state == ChangeState.APPROVED
    change = save(change, people.author, make_text("unsure", "other"))
    assert (change.state, change.submitted_at, change.expires_at) == ("draft", None, None)
    assert reviews_of(change) == []
    assert change.reviews.get().voided_at == NOW
    change = submit(change, people.author)
    assert (change.state, reviews_of(change)) == ("submitted", [])
    assert kinds() == ["opened", "submitted", "approved", "saved", "submitted"]


def test_the_same_text_handed_in_again_is_voted_on_again(people: People) -> None:
    put_in_force()
    change = submit_change(people.author)
    services.ask_for_changes(
        actor=people.lead.as_actor(),
        now=NOW,
        change_id=change.public_id,
        ballot=ballot_of(change, "Say why."),
    )
    change = submit(change, people.author)
    assert (change.state, reviews_of(change)) == ("submitted", [])
    assert approve(change, people.lead).state == ChangeState.APPROVED


def test_a_submission_says_when_it_lapses(people: People) -> None:
    put_in_force()
    change = submit_change(people.author)
    assert (change.submitted_at, change.expires_at) == (NOW, NOW + 14 * DAY)
    other = submit(open_change(people.author), people.owner, expires_at=NOW + DAY)
    assert other.expires_at == NOW + DAY
    with pytest.raises(InvalidInputError) as caught:
        submit(open_change(people.author), people.author, expires_at=NOW)
    assert [one.field for one in caught.value.errors] == ["expires_at"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (make_text(), ("", "no_change")),
        (make_text(key="other"), ("key", "other_document")),
    ],
)
def test_what_changes_nothing_or_another_is_not_submitted(
    people: People, text: dict[str, Any], found: tuple[str, str]
) -> None:
    put_in_force()
    change = open_change(people.author, text)
    with pytest.raises(InvalidInputError) as caught:
        submit(change, people.author)
    assert [(one.field, one.code) for one in caught.value.errors] == [found]


def test_a_change_of_an_older_version_is_first_put_on_the_present_one(people: People) -> None:
    put_in_force()
    change = open_change(people.author)
    second = put_in_force(make_text("between"))
    with pytest.raises(ConflictError) as caught:
        submit(change, people.author)
    assert caught.value.error_code == "change.base_moved"
    change = services.rebase(actor=people.author.as_actor(), now=NOW, change_id=change.public_id)
    assert (change.base_number, change.base_digest, change.state) == (2, second.digest, "draft")
    assert submit(change, people.author).state == ChangeState.SUBMITTED
    with pytest.raises(ConflictError) as caught:
        services.rebase(actor=people.author.as_actor(), now=NOW, change_id=change.public_id)
    assert caught.value.error_code == "change.base_present"
    assert kinds() == ["opened", "rebased", "submitted"]


def test_a_change_is_taken_back_once(people: People) -> None:
    put_in_force()
    change = submit_change(people.author)

    def withdraw(person: User) -> ChangeRequest:
        actor = person.as_actor()
        return services.withdraw(actor=actor, now=NOW, change_id=change.public_id)

    with pytest.raises(NotPermittedError):
        withdraw(people.officer)
    assert withdraw(people.author).state == ChangeState.WITHDRAWN
    with pytest.raises(ConflictError):
        withdraw(people.author)
    with pytest.raises(ConflictError):
        save(change, people.author, make_text("late"))
    assert kinds() == ["opened", "submitted", "withdrawn"]


def test_whoever_may_not_read_changes_finds_none(people: People) -> None:
    change = open_change(people.author)
    with pytest.raises(NotFoundError):
        save(change, make_person(), make_text("x"))


def test_the_history_holds_each_text_once(people: People) -> None:
    put_in_force()
    change = submit_change(people.author)
    change = save(change, people.owner, make_text("second"))
    drafts = list_drafts(change=change)
    assert [(one.actor_label, one.document["rules"][0]["id"]) for one in drafts] == [
        (people.owner.label, "second"),
        (people.author.label, "unsure"),
    ]
