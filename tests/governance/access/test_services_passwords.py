import pytest

from governance.access.models import PersonSession
from governance.access.services import change_password
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from orchestra.core.errors import NotPermittedError
from tests.factories.access import make_person
from tests.factories.factors import PASSWORD, give_password, sign_in

pytestmark = pytest.mark.django_db
NEW = "another long secret"


def test_a_new_password_ends_every_other_sign_in() -> None:
    maren = give_password(make_person("maren"))
    here, there = sign_in("maren").client, sign_in("maren").client
    keep = str(here.session.session_key)
    ended = change_password(
        actor=maren.as_actor(), now=clock.now(), person=maren, password=NEW, keep=keep
    )
    assert ended == 1
    assert [row.session_key for row in PersonSession.objects.filter(person=maren)] == [keep]
    assert there.get("/admin/").status_code == 302
    assert sign_in("maren", NEW).status_code == 302
    kinds = LedgerEntry.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds)[2:4] == ["user.password_changed", "session.ended"]


def test_nobody_changes_that_of_another() -> None:
    maren = give_password(make_person("maren"))
    admin = make_person("admin", roles=[Role.ADMINISTRATOR])
    with pytest.raises(NotPermittedError):
        change_password(
            actor=admin.as_actor(), now=clock.now(), person=maren, password=NEW, keep=""
        )
    assert sign_in("maren", PASSWORD).status_code == 302
    assert not LedgerEntry.objects.filter(kind="user.password_changed").exists()
