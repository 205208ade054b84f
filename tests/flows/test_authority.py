"""Every role on every route: on what is theirs, on another queue's, on what is gone."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from governance.ledger import refusals
from tests.flows.authority_rows import EVERYONE
from tests.flows.authority_scene import Scene, make_scene, named_by
from tests.flows.authority_table import NOT_OURS, TABLE
from tests.flows.authority_visitor import (
    CONVERTER,
    DISABLED,
    NOBODY,
    REFUSED,
    Visitor,
    look_at,
    undone,
)
from tests.flows.conftest import World

ACTORS = [*EVERYONE, DISABLED, NOBODY]


@pytest.fixture
def scene(retail: World, monkeypatch: pytest.MonkeyPatch) -> Scene:
    # Every refusal is looked at, however many there are in a minute.
    monkeypatch.setattr(refusals, "CAP_PER_MINUTE", 10_000)
    return make_scene(retail)


def routes() -> Iterator[str]:
    """Return every route of the URL configuration."""
    yield from _walk(get_resolver(), "")


def _walk(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for each in resolver.url_patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            yield path
        else:
            yield from _walk(each, path)


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    known = set(routes()) - NOT_OURS
    assert sorted(known - set(TABLE)) == []
    assert sorted(set(TABLE) - known) == []


def test_no_table_of_the_admin_is_open_beside_our_pages() -> None:
    assert admin.site._registry == {}


#: Pages of Django's own that take every method for one of the two they know.
_READ_BY_DJANGO = {
    "",
    "healthz",
    "readyz",
    "metrics",
    "admin/",
    "admin/login/",
    "admin/login/code/",
    "admin/password_change/",
    "admin/password_change/done/",
}


@pytest.mark.parametrize("letter", ACTORS)
def test_who_is_let_through(scene: Scene, letter: str) -> None:
    visitor = Visitor(letter, scene.queue)
    surprises: list[str] = []
    for route, row in TABLE.items():
        if visitor.is_agent and route.startswith("admin/") and not row.public:
            continue
        names = CONVERTER.findall(route)
        for method in ("GET", "POST"):
            if (row.get if method == "GET" else row.post) is None:
                continue
            for what, situation in (
                ("own", scene.own),
                ("other", scene.other),
                ("gone", scene.gone),
            ):
                if not names and what != "own":
                    continue
                found = look_at(visitor, method, route, row, named_by(route, situation))
                lets = row.lets(method, letter, other=what == "other") and what != "gone"
                lets = lets or row.public
                if not found.agrees(lets=lets):
                    surprises.append(f"{method} {route} ({what}): {found}, let in: {lets}")
    assert not surprises, "\n".join(surprises)


#: Lists over REST, the page of what is in them, and what each calls an id.
_LISTS = {
    "api/v1/cases/": ("api/v1/cases/<uuid:case_id>/", "case_id"),
    "api/v1/approvals/": ("api/v1/approvals/<uuid:approval_id>/", "approval_id"),
    "api/v1/change-requests/": ("api/v1/change-requests/<uuid:change_id>/", "change_id"),
    "admin/cases/": ("admin/cases/<str:case_id>/", "case_id"),
    "admin/approvals/": ("admin/approvals/<uuid:request_id>/", "request_id"),
    "admin/decisions/": ("admin/decisions/<uuid:decision_id>/", "decision_id"),
    "admin/change-requests/?show=all": ("admin/change-requests/<uuid:change_id>/", "change_id"),
}


@pytest.mark.parametrize("letter", EVERYONE)
def test_a_list_and_what_it_leads_to_agree(scene: Scene, letter: str) -> None:
    visitor = Visitor(letter, scene.queue)
    for listing, (detail, name) in _LISTS.items():
        if visitor.is_agent and listing.startswith("admin/"):
            continue
        shown = visitor.knock("GET", listing, TABLE[detail], {})
        text = shown.content.decode() if shown.status_code == 200 else ""
        for situation in (scene.own, scene.other):
            answer = visitor.knock("GET", detail, TABLE[detail], situation)
            assert (situation[name] in text) is (answer.status_code == 200), (listing, name)


def test_no_route_answers_a_method_it_does_not_name(scene: Scene) -> None:
    visitor = Visitor("V", scene.queue)
    answered = []
    for route, row in TABLE.items():
        path = "/" + CONVERTER.sub(lambda found: str(scene.own[found.group(1)]), route)
        unnamed = {"PUT", "PATCH", "DELETE"} | ({"POST"} if row.post is None else set())
        for method in sorted(unnamed if route not in _READ_BY_DJANGO else ()):
            with undone():
                status = visitor.client.generic(method, path).status_code
            if status not in REFUSED | {400}:
                answered.append(f"{method} {route}: {status}")
    assert answered == []
