"""Versions of a document go into force and out of it, the same for every kind."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from governance.ledger.models import LedgerEntry
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from qa.documents.services import publish_document, retire_document
from qa.measurement.selectors import SHELF as METRICS
from qa.sampling import registry
from qa.sampling.selectors import SHELF as PLANS
from qa.scorecards.selectors import SHELF as CARDS
from tests.factories.access import FACTORY, make_agent
from tests.factories.quality import card, metric, plan

pytestmark = pytest.mark.django_db
every_kind = pytest.mark.parametrize(
    ("shelf", "document"),
    [
        pytest.param(CARDS, card(), id="scorecard"),
        pytest.param(PLANS, plan(), id="sampling_plan"),
        pytest.param(METRICS, metric(), id="metric_definition"),
    ],
)


@pytest.fixture(autouse=True)
def scorecard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scorecard that the plan names is in force."""
    named = frozenset({plan()["reviewing"]["scorecard"]})
    monkeypatch.setattr(registry, "present_scorecards", lambda: named)


@every_kind
def test_what_has_errors_is_not_put_into_force(shelf: Any, document: Any, now: datetime) -> None:
    wrong = {**document, "surprise": 1}
    with pytest.raises(InvalidInputError) as refused:
        publish_document(actor=FACTORY, now=now, shelf=shelf, document=wrong)
    assert refused.value.errors == shelf.find_errors(wrong)
    assert refused.value.error_code == f"{shelf.kind}.invalid"
    assert not shelf.version.objects.exists()


@every_kind
def test_a_version_replaces_the_one_before(shelf: Any, document: Any, now: datetime) -> None:
    first = publish_document(actor=FACTORY, now=now, shelf=shelf, document=document)
    again = publish_document(actor=FACTORY, now=now, shelf=shelf, document=document)
    assert (again.pk, again.number) == (first.pk, 1)
    later = now + timedelta(days=1)
    new = {**document, "title": "Another title"}
    second = publish_document(actor=FACTORY, now=later, shelf=shelf, document=new)
    first.refresh_from_db()
    assert (first.state, first.retired_at) == ("retired", later)
    assert (second.number, second.state, second.published_at) == (2, "published", later)
    row = shelf.document.objects.get()
    assert row.title == "Another title"
    assert [one.title for one in row.history.order_by("history_id")] == [
        document["title"],
        "Another title",
    ]
    entries = LedgerEntry.objects.filter(stream=f"{shelf.kind}:{row.public_id}")
    assert list(entries.order_by("seq").values_list("kind", "subject_id")) == [
        (shelf.published, str(first.public_id)),
        (shelf.published, str(second.public_id)),
    ]


@every_kind
def test_a_document_goes_out_of_force_once(shelf: Any, document: Any, now: datetime) -> None:
    publish_document(actor=FACTORY, now=now, shelf=shelf, document=document)
    gone = retire_document(actor=FACTORY, now=now, shelf=shelf, key=document["key"])
    assert (gone.state, gone.retired_at) == ("retired", now)
    assert LedgerEntry.objects.filter(kind=shelf.retired).count() == 1
    with pytest.raises(ConflictError) as caught:
        retire_document(actor=FACTORY, now=now, shelf=shelf, key=document["key"])
    assert caught.value.error_code == f"{shelf.kind}.not_in_force"
    back = publish_document(actor=FACTORY, now=now, shelf=shelf, document=document)
    assert back.number == 2


@every_kind
def test_an_ai_decides_nothing_about_how_it_is_judged(
    shelf: Any, document: Any, now: datetime
) -> None:
    agent = make_agent().as_actor()
    with pytest.raises(NotPermittedError):
        publish_document(actor=agent, now=now, shelf=shelf, document=document)
    publish_document(actor=FACTORY, now=now, shelf=shelf, document=document)
    with pytest.raises(NotPermittedError):
        retire_document(actor=agent, now=now, shelf=shelf, key=document["key"])
