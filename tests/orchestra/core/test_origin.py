"""Where an act comes from is known for as long as it runs, and nowhere else."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from celery import current_app
from django.http import HttpResponse
from django.test import RequestFactory

from orchestra.core.origin import (
    Channel,
    Origin,
    coming_from,
    current_origin,
    origin_middleware,
    origin_of,
)

NOBODY = Origin(Channel.COMMAND)


def seen_of(path: str = "/admin/", **meta: str) -> Origin:
    """Return what a view sees of a request that went through the middleware."""
    seen: list[Origin] = []

    def view(request: object) -> HttpResponse:
        del request
        seen.append(current_origin())
        return HttpResponse()

    origin_middleware(view)(RequestFactory().get(path, **meta))  # type: ignore[arg-type]
    return seen[0]


@pytest.mark.parametrize(
    ("path", "channel"),
    [
        ("/admin/", Channel.WEB),
        ("/", Channel.WEB),
        ("/api/v1/ledger/entries/", Channel.API),
        ("/apis/", Channel.WEB),
        ("/mcp/", Channel.MCP),
    ],
)
def test_the_path_says_the_way_in(path: str, channel: Channel) -> None:
    assert seen_of(path) == Origin(channel, "127.0.0.1")


def test_nothing_of_a_request_is_left_after_it() -> None:
    seen_of(REMOTE_ADDR="192.0.2.7")
    assert current_origin() == NOBODY


def test_a_request_that_fails_leaves_nothing_either() -> None:
    def view(request: object) -> HttpResponse:
        raise RuntimeError(str(request))

    with pytest.raises(RuntimeError):
        origin_middleware(view)(RequestFactory().get("/"))
    assert current_origin() == NOBODY


def test_two_requests_at_once_know_nothing_of_each_other() -> None:
    both_are_in = threading.Barrier(2)

    def ask(address: str) -> tuple[Origin, Origin]:
        def view(request: object) -> HttpResponse:
            del request
            both_are_in.wait(timeout=10)
            return HttpResponse(current_origin().address)

        answer: Any = origin_middleware(view)(RequestFactory().get("/", REMOTE_ADDR=address))
        return Origin(Channel.WEB, answer.content.decode()), current_origin()

    addresses = ["192.0.2.1", "192.0.2.2"]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(ask, addresses))
    assert found == [(Origin(Channel.WEB, one), NOBODY) for one in addresses]


def test_a_task_is_a_workers_even_within_a_request() -> None:
    @current_app.task(name="tests.where")
    def where() -> str:
        return str(current_origin().channel)

    try:
        with coming_from(Origin(Channel.API, "192.0.2.7")):
            assert where() == "worker"
            assert where.apply().get() == "worker"
            assert current_origin() == Origin(Channel.API, "192.0.2.7")
    finally:
        current_app.tasks.unregister("tests.where")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "10.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "unknown", "10.0.0.1"),
        (1, "<script>", "10.0.0.1"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:db8:0::9]:4711", "2001:db8::9"),
        (1, "2001:DB8::9", "2001:db8::9"),
    ],
)
def test_who_forwarded_is_believed_as_far_as_the_settings_say(
    settings: Any, proxies: int, forwarded: str, address: str
) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "TRUSTED_PROXIES": proxies}
    meta = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": forwarded}
    assert origin_of(RequestFactory().get("/", **meta)).address == address


@pytest.mark.parametrize("direct", ["", "unix:", "no address"])
def test_a_server_that_was_told_no_address_tells_none(direct: str) -> None:
    assert origin_of(RequestFactory().get("/", REMOTE_ADDR=direct)).address == ""
