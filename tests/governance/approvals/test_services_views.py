"""A person's own filters: kept, renamed, forgotten, and seen by nobody else."""

from datetime import datetime
from uuid import UUID

import pytest

from governance.access.models import Queue
from governance.access.selectors import authority_of
from governance.access.types import Role
from governance.approvals import inbox, services
from governance.approvals.inbox_query import InboxQuery, format_query
from governance.approvals.models import InboxView
from governance.approvals.services import views
from governance.approvals.types import InboxFilter
from governance.ledger.models import LedgerEntry
from governance.policies.types import RiskLevel
from orchestra.core.actors import Actor
from orchestra.core.errors import InvalidInputError, NotFoundError, NotPermittedError
from orchestra.core.together import answer
from tests.factories.access import make_agent, make_person, make_supervisor
from tests.factories.approvals import make_row

pytestmark = pytest.mark.django_db
CRITERIA = format_query(InboxQuery(over="750", currency="USD", is_by_risk=True))


@pytest.fixture
def me(returns: Queue) -> Actor:
    return make_supervisor(returns).as_actor()


def save(me: Actor, now: datetime, name: str = "Returns over $750", **changes: str) -> InboxView:
    return services.save_view(actor=me, now=now, name=name, criteria=changes.get("to", CRITERIA))


def test_a_view_is_kept_counted_and_its_owners_alone(
    me: Actor, now: datetime, returns: Queue
) -> None:
    view = save(me, now, "  Returns  over $750 ")
    assert (view.name, view.criteria) == ("Returns over $750", CRITERIA)
    authority = authority_of(me)
    assert inbox.list_views(authority=authority) == [view]
    make_row(returns, 1, amount_minor=75_001, currency="USD", risk=RiskLevel.LOW)
    make_row(returns, 2, amount_minor=75_000, currency="USD")
    shared, own = answer(inbox.reading_counts(authority=authority, now=now, views=[view]))
    assert (shared[InboxFilter.ALL], own) == (2, {view.pk: 1})
    other = make_supervisor(returns).as_actor()
    assert inbox.list_views(authority=authority_of(other)) == []
    assert LedgerEntry.objects.count() == 0


def test_a_name_that_is_taken_gets_the_new_filter(me: Actor, now: datetime) -> None:
    first = save(me, now)
    second = save(me, now, to="risk=critical")
    assert (first.pk, second.criteria) == (second.pk, "risk=critical")
    assert InboxView.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "criteria"),
    [("", CRITERIA), (" ", CRITERIA), ("x" * 61, CRITERIA), ("All", ""), ("Mine", "only=mine")],
)
def test_what_is_no_view_is_refused(me: Actor, now: datetime, name: str, criteria: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        save(me, now, name, to=criteria)
    assert len(caught.value.errors) == 1
    assert not InboxView.objects.exists()


def test_there_is_a_most(me: Actor, now: datetime) -> None:
    for number in range(views.MOST):
        save(me, now, f"View {number}")
    with pytest.raises(InvalidInputError):
        save(me, now, "One more")
    save(me, now, "View 3", to="risk=low")
    assert InboxView.objects.count() == views.MOST


def test_renaming_and_deleting(me: Actor, now: datetime) -> None:
    view, other = save(me, now), save(me, now, "Other")
    renamed = services.rename_view(actor=me, now=now, view_id=view.public_id, name="Large")
    assert renamed.name == "Large"
    for name in ("Other", ""):
        with pytest.raises(InvalidInputError):
            services.rename_view(actor=me, now=now, view_id=view.public_id, name=name)
    services.delete_view(actor=me, now=now, view_id=view.public_id)
    assert list(InboxView.objects.all()) == [other]


def test_another_persons_view_is_not_found(me: Actor, now: datetime, returns: Queue) -> None:
    view = save(me, now)
    other = make_supervisor(returns).as_actor()
    for act in (
        lambda: services.delete_view(actor=other, now=now, view_id=view.public_id),
        lambda: services.rename_view(actor=other, now=now, view_id=view.public_id, name="Ours"),
        lambda: services.delete_view(actor=me, now=now, view_id=UUID(int=7)),
    ):
        with pytest.raises(NotFoundError):
            act()
    view.refresh_from_db()
    assert view.name == "Returns over $750"


def test_only_people_who_read_approvals_keep_views(now: datetime, returns: Queue) -> None:
    for actor in (
        make_agent(queues=[returns]).as_actor(),
        make_person(roles=[Role.POLICY_OWNER]).as_actor(),
    ):
        with pytest.raises(NotPermittedError):
            save(actor, now)
    assert not InboxView.objects.exists()
