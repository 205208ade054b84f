"""What ships is published once, and never over what people have done."""

from datetime import datetime

import pytest
from django.core.management import call_command

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import InvalidInputError, NotPermittedError
from qa.builtin import services
from qa.measurement.models import MetricVersion
from qa.sampling.models import SamplingPlanVersion
from qa.scorecards.models import Scorecard, ScorecardVersion
from qa.scorecards.services import publish_scorecard, retire_scorecard
from tests.factories.access import FACTORY, make_person
from tests.factories.quality import card, shipped

pytestmark = pytest.mark.django_db
KINDS = ("scorecard.published", "sampling_plan.published", "metric_definition.published")


def test_loading_twice_publishes_once(now: datetime) -> None:
    first = services.load_shipped(actor=FACTORY, now=now)
    assert not any(one.present for one in first)
    second = services.load_shipped(actor=FACTORY, now=now)
    assert [one.key for one in second] == [one.key for one in first]
    assert all(one.present for one in second)
    for model, folder in (
        (ScorecardVersion, "scorecards"),
        (SamplingPlanVersion, "sampling_plans"),
        (MetricVersion, "metric_definitions"),
    ):
        rows = model.objects.values_list("number", "state")
        assert list(rows) == [(1, "published")] * len(shipped(folder))
    assert LedgerEntry.objects.filter(kind__in=KINDS).count() == len(first)


def test_what_people_changed_or_took_away_stays(now: datetime) -> None:
    mine = card(key="conversations", title="Ours")
    publish_scorecard(actor=FACTORY, now=now, document=mine)
    publish_scorecard(actor=FACTORY, now=now, document=card(key="handoffs"))
    retire_scorecard(actor=FACTORY, now=now, key="handoffs")
    services.load_shipped(actor=FACTORY, now=now)
    assert Scorecard.objects.get(key="conversations").title == "Ours"
    states = ScorecardVersion.objects.values_list("scorecard__key", "number", "state")
    assert sorted(states) == [("conversations", 1, "published"), ("handoffs", 1, "retired")]


def test_one_wrong_file_loads_nothing_and_is_named(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = services.read_shipped

    def with_a_wrong_one(*, folder: str) -> list[object]:
        found = list(read(folder=folder))
        wrong = {**found[-1], "title": ""}
        return [*found[:-1], wrong] if folder == "metric_definitions" else found

    monkeypatch.setattr(services, "read_shipped", with_a_wrong_one)
    with pytest.raises(InvalidInputError) as caught:
        services.load_shipped(actor=FACTORY, now=now)
    assert [one.field for one in caught.value.errors] == ["metric_definitions/transfer_rate: title"]
    assert not Scorecard.objects.exists()


def test_only_who_may_load_packs_may_load(now: datetime) -> None:
    lead = make_person(roles=[Role.QA_LEAD]).as_actor()
    with pytest.raises(NotPermittedError):
        services.load_shipped(actor=lead, now=now)


def test_the_command_says_what_was_new(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("quality", "load")
    call_command("quality", "load")
    assert capsys.readouterr().out.split() == [
        "published=12", "present=0", "published=0", "present=12",
    ]  # fmt: skip
