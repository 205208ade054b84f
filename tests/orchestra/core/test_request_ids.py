"""Every request has a name in the log and on its answer, and a caller cannot choose it."""

from typing import Any

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from orchestra.core.origin import origin_middleware
from orchestra.core.request_ids import HEADER, request_id_middleware


def answered(path: str = "/admin/", **headers: str) -> tuple[dict[str, Any], HttpResponse]:
    """Return what a line of the log within the request would carry, and the answer."""
    seen: dict[str, Any] = {}

    def view(request: HttpRequest) -> HttpResponse:
        del request
        seen.update(structlog.contextvars.get_contextvars())
        return HttpResponse()

    answer = origin_middleware(request_id_middleware(view))
    return seen, answer(RequestFactory().get(path, headers=headers))  # type: ignore[return-value]


@pytest.fixture
def behind_a_proxy(settings: Any) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "TRUSTED_PROXIES": 1}


def test_two_requests_have_two_names_and_say_them() -> None:
    (first, one), (second, other) = answered(), answered("/api/v1/cases/")
    assert first["request_id"] != second["request_id"]
    assert len(first["request_id"]) == 32
    assert (first["channel"], second["channel"]) == ("web", "api")
    assert one.headers[HEADER] == first["request_id"]
    assert other.headers[HEADER] == second["request_id"]


def test_nothing_of_it_is_left_after_the_request() -> None:
    answered()
    assert "request_id" not in structlog.contextvars.get_contextvars()


def test_a_caller_does_not_choose_the_name() -> None:
    seen, answer = answered(**{HEADER: "chosen-by-caller"})
    assert seen["request_id"] == answer.headers[HEADER] != "chosen-by-caller"


@pytest.mark.usefixtures("behind_a_proxy")
def test_a_proxy_in_front_does() -> None:
    seen, answer = answered(**{HEADER: "proxy-00000001"})
    assert seen["request_id"] == answer.headers[HEADER] == "proxy-00000001"


@pytest.mark.usefixtures("behind_a_proxy")
@pytest.mark.parametrize("given", ["", "short", "x" * 65, 'a" level="critical', "a b c d e f g"])
def test_what_is_no_name_is_replaced(given: str) -> None:
    seen, _answer = answered(**{HEADER: given})
    assert len(seen["request_id"]) == 32
