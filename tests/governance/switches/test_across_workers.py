"""A stop across a worker that is a process of its own, with a broker and a scheduler."""

import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command

from cases.journeys.models import CueSheet
from governance.switches.models import Stop
from governance.switches.rules import WITHIN_SECONDS
from tests.flows.conftest import retail  # noqa: F401  the fixture is used by name
from tests.worker_stage import MARKS, doorbells, scheduler, stage  # noqa: F401  fixtures are used by name

pytestmark = MARKS


@pytest.mark.usefixtures("retail", "scheduler", "doorbells")
@pytest.mark.parametrize("scope", ["tool", "cue_sheet"])
def test_new_work_ends_in_time_and_goes_on_after(
    scope: str, record_property: Callable[[str, object], None]
) -> None:
    key = CueSheet.objects.order_by("key").values_list("key", flat=True)[0]
    out = StringIO()
    call_command(
        "drill", by="supervisor", scope=scope, cue_sheet=key, wait=60.0, json=True, stdout=out
    )

    told = json.loads(out.getvalue())
    record_property(f"stop_{scope}_milliseconds", int(told["seconds"] * 1000))
    assert told["passed"] is True
    assert told["seconds"] <= WITHIN_SECONDS
    assert told["ran"] >= 3
    assert told["refused"] >= 1
    assert told["resumed"] == told["held"]
    assert not Stop.objects.filter(lifted_at__isnull=True).exists()
