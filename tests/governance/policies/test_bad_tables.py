"""What no policy may be is refused at the door of submission, and nothing is stored of it."""

from typing import Any

import pytest

from governance.ledger.models import LedgerEntry
from governance.policies import registry
from governance.policies.models import PolicyVersion
from governance.policies.services import publish_version
from governance.policies.soundness import MAX_ROWS
from governance.reviews import services
from orchestra.core.errors import InvalidInputError
from tests.factories.reviews import NOW, know_tools, make_people, make_text, open_change

pytestmark = pytest.mark.django_db

AMOUNT = {"fact": "amount_minor", "above": 500}


def row(name: str, *when: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "title": name, "when": list(when), "outcome": "deny", "reason": "No."}


@pytest.fixture(autouse=True)
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry.tool_names, "_items", {})
    monkeypatch.setattr(registry.tool_risks, "_items", {})
    know_tools()


@pytest.mark.parametrize(
    ("changes", "field", "code", "words"),
    [
        ({"rules": []}, "rules", "empty", "the table has no row; add one"),
        # Thresholds alone judge nothing: they only raise what the floor lets through unasked.
        (
            {"rules": [], "thresholds": {"USD": 500}},
            "rules",
            "empty",
            "the table has no row; add one",
        ),
        # It is said beside what else is wrong, so that nobody meets it only at the next try.
        (
            {"rules": [], "thresholds": {"dollars": 500}},
            "rules",
            "empty",
            "the table has no row; add one",
        ),
        (
            {"rules": [row(f"r{number}", AMOUNT) for number in range(MAX_ROWS + 1)]},
            "rules",
            "too_many",
            "has 2001 rows; a table holds at most 2000",
        ),
        (
            {
                "rules": [
                    row("fine", AMOUNT),
                    row("never", AMOUNT, {"fact": "amount_minor", "is": 1}),
                ]
            },
            "rules[1].when[1]",
            "contradiction",
            "this row can never fire: amount_minor above 500, and is 1",
        ),
        (
            {
                "thresholds": {"USD": 500},
                "rules": [row("pounds", AMOUNT, {"fact": "currency", "is": "GBP"})],
            },
            "rules[0].when[0]",
            "currency",
            "the amount is in GBP, and the table speaks of USD",
        ),
    ],
    ids=[
        "no_rows",
        "thresholds_alone",
        "no_rows_and_more",
        "2001_rows",
        "contradictory",
        "currency",
    ],
)
def test_it_is_refused_at_its_row_and_stays_a_draft(
    changes: dict[str, Any], field: str, code: str, words: str
) -> None:
    people = make_people()
    change = open_change(people.author, make_text(**changes))
    entries = LedgerEntry.objects.count()
    with pytest.raises(InvalidInputError) as caught:
        services.submit(actor=people.author.as_actor(), now=NOW, change_id=change.public_id)
    found = {(error.field, error.code): error.message for error in caught.value.errors}
    assert found[field, code].startswith(words)
    change.refresh_from_db()
    assert change.state == "draft"
    assert LedgerEntry.objects.count() == entries
    assert not PolicyVersion.objects.exists()


def test_limits_alone_are_a_table() -> None:
    """A limit judges every call in its scope, so a policy may consist of limits."""
    limit = {
        "key": "daily",
        "title": "Calls a day",
        "measure": "count",
        "per": "customer",
        "window_hours": 24,
        "at_most": 3,
        "outcome": "deny",
        "reason": "Too many.",
    }
    people = make_people()
    change = open_change(people.author, make_text(rules=[], limits=[limit]))
    services.submit(actor=people.author.as_actor(), now=NOW, change_id=change.public_id)
    change.refresh_from_db()
    assert change.state == "submitted"


def test_a_table_without_rows_is_not_published_past_the_review_either() -> None:
    text = make_text(rules=[])
    with pytest.raises(InvalidInputError) as caught:
        publish_version(
            actor=make_people().author.as_actor(),
            now=NOW,
            policy_key=text["key"],
            title=text["title"],
            document=text,
        )
    assert [(one.field, one.code) for one in caught.value.errors] == [("rules", "empty")]
    assert not PolicyVersion.objects.exists()
    assert not LedgerEntry.objects.exists()
