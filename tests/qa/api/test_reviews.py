"""Reviews over REST: one's own, all for a lead; scores and pinned versions, and no words."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.access.models import User
from governance.access.types import Role
from qa.reviewing.models import Review
from qa.reviewing.types import ReviewKind, ReviewState
from qa.scorecards.services import publish_scorecard
from tests.conftest import NOW
from tests.factories.access import FACTORY, make_person
from tests.factories.quality import shipped
from tests.factories.sampled import WEEK, draw_units, make_period, make_review, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
PATH = "/api/v1/reviews/"
WORDS = "It never came, said Mia."


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def of_role(role: Role) -> Client:
    return signed_in(make_person(roles=[role]))


def reviewed(reviewer: User | None = None, **fields: object) -> Review:
    answers = {"tone": {"value": "4", "quotes": [], "comment": WORDS}}
    values = {"percent": "325/4", "answers": answers, "comment": WORDS, **fields}
    return make_review(make_unit(), reviewer=reviewer, **values)


def test_a_review_tells_its_score_and_its_pinned_version_and_no_words() -> None:
    unit = make_unit()
    (drawn,) = draw_units(make_period(), {"low": [unit]}, {"low": 1})
    review = make_review(unit, drawn=drawn, percent="325/4", comment=WORDS, asked_why=WORDS)
    card = next(one for one in shipped("scorecards") if one["key"] == "conversations")
    publish_scorecard(actor=FACTORY, now=NOW, document={**card, "purpose": "Anew."})
    answer = of_role(Role.QA_LEAD).get(f"{PATH}{review.public_id}/")
    told = answer.json()
    assert told["scorecard"] == {
        "key": "conversations",
        "version": 1,
        "digest": review.scorecard.digest,
    }
    assert (told["score"], told["passed"], told["state"]) == ("81.2", True, "submitted")
    assert (told["sample"], told["unit"]) == (str(drawn.period.public_id), unit.subject)
    assert WORDS not in answer.content.decode()


def test_a_lead_lists_all_and_an_analyst_their_own() -> None:
    analyst = make_person(roles=[Role.QA_ANALYST])
    mine, other = reviewed(analyst), reviewed(make_person(roles=[Role.QA_ANALYST]))
    open_one = reviewed(analyst, state=ReviewState.WAITING, percent="", passed=None)
    lead, client = of_role(Role.QA_LEAD), signed_in(analyst)

    def ids(who: Client, query: str = "") -> list[str]:
        return [one["id"] for one in who.get(f"{PATH}{query}").json()["results"]]

    newest_first = [str(one.public_id) for one in (open_one, other, mine)]
    assert ids(lead) == newest_first
    assert ids(lead, "?mine=true") == []
    assert ids(client) == ids(client, "?mine=true") == [newest_first[0], newest_first[2]]
    assert ids(client, "?state=waiting") == newest_first[:1]
    assert client.get(f"{PATH}{open_one.public_id}/").json()["score"] is None
    assert client.get(f"{PATH}{other.public_id}/").status_code == 404
    assert client.get(f"{PATH}?state=lost").status_code == 422
    assert of_role(Role.HUMAN_AGENT).get(PATH).status_code == 403


def test_nothing_tells_whoever_reviews_which_is_gold() -> None:
    analyst = make_person(roles=[Role.QA_ANALYST])
    reviews = []
    for number, kind in enumerate((ReviewKind.FIRST, ReviewKind.GOLD)):
        (drawn,) = draw_units(
            make_period(starts_at=NOW - number * WEEK), {"low": [make_unit()]}, {"low": 1}
        )
        reviews.append(make_review(drawn.unit, drawn=drawn, kind=kind, reviewer=analyst))
    client, lead = signed_in(analyst), of_role(Role.QA_LEAD)
    for state in (ReviewState.SUBMITTED, ReviewState.WAITING):
        Review.objects.update(state=state)
        told = [client.get(f"{PATH}{one.public_id}/").json() for one in reviews]
        listed = client.get(PATH).json()["results"]
        assert sorted(listed, key=lambda one: one["id"]) == sorted(told, key=lambda one: one["id"])
        for one in told:
            # What differs between any two reviews.
            for name in ("id", "unit", "case"):
                assert one.pop(name)
        assert told[0] == told[1]
    kinds = [lead.get(f"{PATH}{one.public_id}/").json()["kind"] for one in reviews]
    assert kinds == ["first", "gold"]


def test_pages_follow_each_other_and_queries_do_not_grow() -> None:
    lead = of_role(Role.QA_LEAD)

    def measured() -> int:
        lead.get(PATH)
        with CaptureQueriesContext(connection) as asked:
            assert lead.get(PATH).status_code == 200
        return len(asked)

    first = reviewed()
    before = measured()
    for _more in range(3):
        reviewed()
    assert measured() == before
    page = lead.get(f"{PATH}?page_size=3").json()
    rest = lead.get(page["next"]).json()
    assert (len(page["results"]), [one["id"] for one in rest["results"]]) == (
        3,
        [str(first.public_id)],
    )
