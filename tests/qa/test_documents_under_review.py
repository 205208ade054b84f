"""Plans and definitions are changed, rolled back and retired by change requests."""

from datetime import datetime
from typing import Any

import pytest

from governance.access.types import Role
from governance.reviews import services
from governance.reviews.registry import documents
from qa.targets.services import publish_target
from tests.factories.access import FACTORY, make_person
from tests.factories.quality import metric, plan
from tests.factories.targets import target
from tests.qa.scorecards.test_services import carry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def aimed(shipped: None, now: datetime) -> None:
    """A target in force: none ships."""
    del shipped
    publish_target(actor=FACTORY, now=now, document=target())


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        pytest.param("sampling_plan", plan(title="Every week"), id="sampling_plan"),
        pytest.param("metric_definition", metric(title="Came back"), id="metric_definition"),
        pytest.param(
            "metric_definition",
            metric("audit_completeness", title="Can be told"),
            id="audited_metric_definition",
        ),
        pytest.param("outcome_target", target(title="Fewer returns"), id="outcome_target"),
    ],
)
def test_a_document_is_changed_rolled_back_and_retired(
    kind: str, document: Any, now: datetime
) -> None:
    author = make_person(roles=[Role.QA_LEAD]).as_actor()
    key = document["key"]
    given = {"actor": author, "now": now, "kind": kind, "document_key": key}
    present = documents.get(kind).rows.present(key)
    assert present is not None
    change = services.open_change(**given, title="Rename", document=document)
    assert carry(change, author, now).published_number == 2
    assert documents.get(kind).rows.present(key) == (2, document)
    back = carry(services.roll_back(**given, number=1, summary="No."), author, now)
    assert documents.get(kind).rows.present(key) == (3, present[1])
    gone = services.retire(actor=author, now=now, change_id=back.public_id, summary="Unused.")
    carry(gone, author, now)
    assert documents.get(kind).rows.present(key) is None
    assert documents.get(kind).rows.stream(key).startswith(f"{kind}:")
