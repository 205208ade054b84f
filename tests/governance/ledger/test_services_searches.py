"""A search is kept under a name by one person; each act of it is an entry."""

from uuid import uuid4

import pytest

from governance.ledger import saved, selectors, services
from governance.ledger.models import LedgerEntry, SavedSearch
from governance.ledger.selection import EntrySelection
from governance.ledger.services import searches
from orchestra.core.actors import Actor
from orchestra.core.errors import InvalidInputError, NotFoundError, NotPermittedError
from tests.factories.access import make_person
from tests.factories.ledger import AT, PERSON

pytestmark = pytest.mark.django_db
DENIED = EntrySelection(outcomes=("deny",), text="refund")


@pytest.fixture
def person() -> Actor:
    return make_person("ilse").as_actor()


def save(actor: Actor, name: str = "Denied refunds") -> SavedSearch:
    return services.save_search(actor=actor, now=AT, name=name, selection=DENIED)


def kinds() -> list[str]:
    rows = LedgerEntry.objects.filter(subject_kind="saved_search").order_by("id")
    return list(rows.values_list("kind", flat=True))


def test_it_is_kept_renamed_and_deleted_and_each_is_an_entry(person: Actor) -> None:
    search = save(person, "  Denied   refunds ")
    assert search.name == "Denied refunds"
    assert EntrySelection.from_json(search.selection) == DENIED
    services.rename_search(actor=person, now=AT, search_id=search.public_id, name="Refused")
    services.rename_search(actor=person, now=AT, search_id=search.public_id, name="Refused")
    assert [one.name for one in saved.list_searches(owner_pk=person.pk or 0)] == ["Refused"]
    services.delete_search(actor=person, now=AT, search_id=search.public_id)
    assert not SavedSearch.objects.exists()
    assert kinds() == [
        "ledger.search_saved",
        "ledger.search_renamed",
        "ledger.search_deleted",
    ]
    last = LedgerEntry.objects.select_related("payload").latest("id")
    payload = selectors.payload_of(entry=last)
    assert payload == {
        "actor_label": person.label,
        "name": "Refused",
        "selection": {"outcomes": ["deny"], "text": "refund"},
    }


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b"])
def test_a_name_that_is_none_is_refused(person: Actor, name: str) -> None:
    with pytest.raises(InvalidInputError):
        save(person, name)
    assert not SavedSearch.objects.exists()
    assert kinds() == []


def test_a_taken_name_is_refused_and_the_first_search_stays(person: Actor) -> None:
    first, second = save(person), save(person, "Second")
    with pytest.raises(InvalidInputError, match="already"):
        services.save_search(
            actor=person, now=AT, name="Denied refunds", selection=EntrySelection(text="other")
        )
    with pytest.raises(InvalidInputError, match="already"):
        services.rename_search(
            actor=person, now=AT, search_id=second.public_id, name="Denied refunds"
        )
    first.refresh_from_db()
    assert first.selection == DENIED.to_json()
    assert len(kinds()) == 2


def test_what_narrows_nothing_is_no_search(person: Actor) -> None:
    with pytest.raises(InvalidInputError):
        services.save_search(actor=person, now=AT, name="All", selection=EntrySelection())


def test_there_is_an_end_to_them(person: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "MOST", 1)
    save(person)
    with pytest.raises(InvalidInputError, match="Delete one"):
        save(person, "Another")


def test_another_persons_search_is_not_found_and_stays(person: Actor) -> None:
    search, other = save(person), make_person("noor").as_actor()
    save(other)
    for search_id in (search.public_id, uuid4()):
        with pytest.raises(NotFoundError):
            services.delete_search(actor=other, now=AT, search_id=search_id)
        with pytest.raises(NotFoundError):
            services.rename_search(actor=other, now=AT, search_id=search_id, name="Mine")
    search.refresh_from_db()
    assert search.name == "Denied refunds"


def test_who_is_no_person_keeps_none() -> None:
    with pytest.raises(NotPermittedError):
        save(PERSON)
