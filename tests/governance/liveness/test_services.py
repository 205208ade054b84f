from datetime import UTC, datetime, timedelta

import pytest

from governance.liveness.models import WorkerSign
from governance.liveness.services import record_sign

NOW = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)


@pytest.mark.django_db
def test_each_worker_has_one_row_with_its_last_sign() -> None:
    for worker, seconds in (("a", 0), ("b", 1), ("a", 2)):
        record_sign(worker=worker, queue="celery", now=NOW + timedelta(seconds=seconds))
    found = dict(WorkerSign.objects.values_list("worker", "at"))
    assert found == {"a": NOW + timedelta(seconds=2), "b": NOW + timedelta(seconds=1)}
