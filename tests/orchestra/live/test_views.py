"""The stream as a browser gets it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from governance.access.models import PersonSession
from orchestra.live import views
from orchestra.live.hub import Hub
from tests.factories.access import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Hub]:
    """A hub that nobody looks for: another thread sees nothing of a test's transaction."""
    made = Hub()
    monkeypatch.setattr(made, "watch", lambda: None)
    monkeypatch.setattr(views, "hub", made)
    monkeypatch.setattr(views, "BEAT_SECONDS", 0.01)
    settings.ORCHESTRA = {**settings.ORCHESTRA, "LIVE_STREAMS": 1, "LIVE_SECONDS": 0.05}
    yield made
    assert len(made) == 0


@pytest.fixture
def client(hub: Hub) -> Client:
    assert len(hub) == 0
    found = Client()
    found.force_login(make_person(), "django.contrib.auth.backends.ModelBackend")
    return found


def test_it_begins_with_its_place_gives_signs_of_life_and_ends(client: Client, hub: Hub) -> None:
    answer: Any = client.get("/admin/live/")
    assert len(hub) == 1
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert "no-store" in answer.headers["Cache-Control"]
    texts = list(answer.streaming_content)
    assert texts[0] == b"retry: 1000\n\nid: 0\nevent: place\ndata: {}\n\n"
    assert len(texts) > 1
    assert set(texts[1:]) == {views.BEAT}


def test_where_no_more_are_held_the_answer_is_empty(client: Client) -> None:
    first: Any = client.get("/admin/live/")
    assert client.get("/admin/live/").status_code == 204
    list(first.streaming_content)
    again: Any = client.get("/admin/live/")
    assert again.status_code == 200
    list(again.streaming_content)


def test_a_page_that_goes_before_anything_was_sent_gives_its_place_back() -> None:
    hub = Hub()
    stream = hub.join(person_id="p", session_key="s", place=None, most=1, most_each=1)
    assert stream is not None
    views.Telling(hub, stream, seconds=1).close()
    assert len(hub) == 0


def test_a_server_that_says_nothing_of_its_threads_holds_none(
    client: Client, settings: Any
) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "LIVE_STREAMS": 0}
    assert client.get("/admin/live/").status_code == 204


def test_it_is_for_who_is_signed_in_and_is_no_use_of_the_session(client: Client) -> None:
    assert Client().get("/admin/live/").status_code == 302
    used = PersonSession.objects.values_list("used_at", "expire_date")
    PersonSession.objects.update(used_at="2026-01-01T00:00:00Z")
    before = list(used)
    answer: Any = client.get("/admin/live/")
    list(answer.streaming_content)
    assert list(used) == before


def test_it_ends_when_it_is_told_to(client: Client, hub: Hub) -> None:
    answer: Any = client.get("/admin/live/", headers={"Last-Event-ID": "7"})
    (stream,) = hub._streams
    stream.put(b"event: over\n\n")
    stream.put(None)
    assert list(answer.streaming_content)[1:] == [b"event: over\n\n"]


def test_one_person_holds_so_many_and_others_have_a_place_still(
    client: Client, hub: Hub, settings: Any
) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "LIVE_STREAMS": 9, "LIVE_STREAMS_EACH": 2}
    other = Client()
    other.force_login(make_person(), "django.contrib.auth.backends.ModelBackend")
    held: list[Any] = [client.get("/admin/live/") for _ in range(2)]

    refused = client.get("/admin/live/")

    # Told, since a browser cannot read why an empty answer is empty.
    assert (refused.status_code, refused.content) == (200, b"event: full\ndata: {}\n\n")
    assert refused.headers["Content-Type"] == "text/event-stream"
    assert "no-store" in refused.headers["Cache-Control"]
    assert len(hub) == 2
    held.append(other.get("/admin/live/"))
    assert len(hub) == 3
    # A page that was put aside gives its place to the next.
    list(held.pop(0).streaming_content)
    held.append(client.get("/admin/live/"))
    assert [answer.streaming for answer in held] == [True] * 3
    for answer in held:
        list(answer.streaming_content)
