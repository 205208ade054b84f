"""What the tests of the rooms of cases share."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from governance.ledger import append_only
from tests.factories.centres import Centre, make_centre


@pytest.fixture
def _guards_return(
    django_db_setup: None,  # noqa: ARG001  asked for its order only
    django_db_blocker: Any,
) -> Iterator[None]:
    """Put the ledger's guards back once the flush after a committing test is over."""
    yield
    with django_db_blocker.unblock():
        if append_only.missing_guards(connection):
            with connection.schema_editor() as editor:
                append_only.drop_triggers_v1(editor)
                append_only.triggers_v1(editor)


@pytest.fixture
def committing(
    _guards_return: None,
    transactional_db: None,  # noqa: ARG001  asked for its order only
) -> Iterator[None]:
    """A database whose commits are real; the guards step aside for the flush behind it."""
    yield
    with connection.schema_editor() as editor:
        append_only.drop_triggers_v1(editor)


@pytest.fixture
def centre(db: None) -> Centre:  # noqa: ARG001  its rows; committing makes its commits real
    return make_centre()
