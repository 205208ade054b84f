"""Samples over REST: what was drawn, and the proof that another program repeats it from."""

from typing import Any

import pytest
from django.test import Client

from governance.access.types import Role
from qa.sampling import redraw
from qa.sampling.models import SamplePeriod
from tests.factories.access import make_person
from tests.factories.drawing import draw_at, ended, run_plan, weekly

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
PATH = "/api/v1/samples/"


def sign_in(role: Role) -> Client:
    client = Client()
    client.force_login(
        make_person(roles=[role]), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def drawn() -> SamplePeriod:
    period = run_plan(weekly())
    ended(12)
    draw_at()
    period.refresh_from_db()
    return period


def get(client: Client, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_sample_is_listed_read_and_drawn_again_from_what_is_read() -> None:
    period, client = drawn(), sign_in(Role.QA_ANALYST)
    found = {one["id"]: one for one in get(client, PATH)["results"]}
    one = get(client, f"{PATH}{period.public_id}/")
    assert found[str(period.public_id)] == one
    assert (one["plan"], one["state"], one["drawn"], one["frame_size"]) == (
        "small",
        "drawn",
        10,
        12,
    )
    assert "seed" not in one
    frame = get(client, f"{PATH}{period.public_id}/frame/")["frame"]
    assert redraw.differences(frame, get(client, f"{PATH}{period.public_id}/proof/")) == []


def test_nothing_of_a_seed_is_told_before_the_frame_is_closed() -> None:
    period, client = run_plan(weekly()), sign_in(Role.QA_LEAD)
    ended(3)
    assert get(client, f"{PATH}{period.public_id}/")["state"] == "open"
    for part in ("proof/", "frame/"):
        assert client.get(f"{PATH}{period.public_id}/{part}").status_code == 404


def test_who_may_not_read_samples_is_refused() -> None:
    period = drawn()
    client = sign_in(Role.HUMAN_AGENT)
    for path in (PATH, f"{PATH}{period.public_id}/"):
        assert client.get(path).status_code in {403, 404}
