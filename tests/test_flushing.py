"""Nothing that a test with real transactions wrote is there for the next one."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection
from django.test import TransactionTestCase

from governance.access.models import User
from governance.access.types import Role
from governance.ledger import append_only
from governance.ledger.models import LedgerEntry
from governance.ledger.services import sequence
from tests.conftest import NOW
from tests.factories.access import make_person, make_queue
from tests.factories.cases import make_case, make_message
from tests.factories.ledger import make_entries

pytestmark = pytest.mark.django_db(transaction=True)


def _counts() -> dict[str, int]:
    models = [one for one in apps.get_models(include_auto_created=True) if one._meta.managed]
    counts = {one._meta.db_table: one._base_manager.count() for one in models}
    return {name: count for name, count in counts.items() if count}


def _write() -> None:
    make_person("ilse", roles=[Role.COMPLIANCE_OFFICER])
    make_queue()
    make_message(make_case(), "Hello.")
    make_entries(5)
    sequence(now=NOW)


def _stand() -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    types = ContentType.objects.values_list("app_label", "model")
    permissions = Permission.objects.values_list("content_type__model", "codename")
    return set(types), set(permissions)


def _end() -> None:
    """End a test as the runner does."""
    TransactionTestCase("__init__")._fixture_teardown()


def _add_permission() -> None:
    Permission.objects.create(
        content_type=ContentType.objects.get_for_model(User), codename="more", name="More"
    )


def _lose_permission() -> None:
    Permission.objects.filter(codename="add_user").delete()


def _rename_type() -> None:
    ContentType.objects.filter(model="user").update(model="renamed")
    ContentType.objects.clear_cache()


@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_meets_nothing_of_the_one_before(turn: int) -> None:
    del turn
    assert set(_counts()) <= {"auth_permission", "django_content_type"}
    _write()
    assert len(_counts()) > 8


@pytest.mark.parametrize(
    "change",
    [None, _add_permission, _lose_permission, _rename_type],
    ids=["nothing", "added", "lost", "renamed"],
)
def test_the_end_of_a_test_leaves_what_stood_and_nothing_else(change: Any) -> None:
    stood = _stand()
    assert ("governance", "user") in stood[0]
    _write()
    if change:
        change()
        assert _stand() != stood
    _end()
    assert (_stand(), set(_counts())) == (stood, {"auth_permission", "django_content_type"})
    assert append_only.missing_guards(connection) == []


def test_the_guards_stand_for_the_next_test() -> None:
    _write()
    _end()
    make_entries(1)
    with pytest.raises(DatabaseError, match="the ledger is append-only"):
        LedgerEntry.objects.update(kind="other")
