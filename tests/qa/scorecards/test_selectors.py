from datetime import datetime

import pytest

from qa.scorecards import selectors
from qa.scorecards.parsing import parse_scorecard
from qa.scorecards.services import publish_scorecard, retire_scorecard
from tests.factories.access import FACTORY
from tests.factories.quality import card

pytestmark = pytest.mark.django_db


def test_a_stored_version_reads_as_its_document(now: datetime) -> None:
    version = publish_scorecard(actor=FACTORY, now=now, document=card())
    version.refresh_from_db()
    assert selectors.spec_of(version) == parse_scorecard(document=card())


def test_only_scorecards_in_force_may_be_used(now: datetime) -> None:
    for key in ("a", "b"):
        publish_scorecard(actor=FACTORY, now=now, document=card(key=key))
    retire_scorecard(actor=FACTORY, now=now, key="b")
    assert selectors.keys_in_force() == {"a"}
