import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib import admin
from django.test import Client

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.reviews.models import ChangeRequest
from orchestra.core import clock
from orchestra.core.admin import pages
from orchestra.templatetags import parts
from tests.factories.access import ALL_GRANTS, make_person, make_queue

PASSWORD = "a long enough secret"
BACKEND = "django.contrib.auth.backends.ModelBackend"
EVERYONE = ["Start"]
#: What everybody who answers for work or reviews it sees of quality.
GOOD, DRAWN = ["How good it was"], ["Samples", "Sampling plans", "Scorecards"]
OUTCOMES = ["Outcomes", "Alerts"]
MEASURE = ["Metric definitions", "Targets", "Business hours", "Before"]
PROVE = [
    "Ledger", "Reports", "Evidence exports", "Completeness", "Retention", "Decisions", "Stops",
    "Access",
]  # fmt: skip
SET_UP = ["Start here", "Agents", "Skills", "Webhooks", "Channels"]
SIDEBARS = {
    Role.SUPERVISOR: [
        "Start", "Approvals", "Cases", "Handoffs", "Questions", "Unknown outcomes",
        "Change requests", "Policies", "Cue sheets", "Intake", "Knowledge", "Tools",
        "Connections at work", *PROVE,
        *GOOD, "Reviews", "Findings", "Calibration", *DRAWN,
        "Approval quality", "Reviews of my work",
        *OUTCOMES, "Journeys", "Operations", *MEASURE, *SET_UP,
    ],
    Role.HUMAN_AGENT: [
        "Start", "Approvals", "Cases", "Handoffs", "Questions", "Unknown outcomes",
        "Cue sheets", "Intake", "Knowledge", "Tools",
        "Connections at work", "Stops", "Reviews of my work", "Journeys", "Start here",
    ],
    Role.COMPLIANCE_OFFICER: [
        "Start", "Approvals", "Cases", "Handoffs", "Questions", "Unknown outcomes",
        "Change requests", "Policies", "Cue sheets", "Intake", "Knowledge", "Tools",
        "Connections at work", *PROVE[:4],
        "Legal holds", "Erasures", PROVE[4], "What is held", *PROVE[5:],
        *GOOD, "Findings", *DRAWN, "Approval quality",
        *OUTCOMES, "Journeys", "Operations", *MEASURE, *SET_UP, "Tests of attention",
    ],
    Role.POLICY_OWNER: [
        "Start",
        "Change requests", "Policies", "Cue sheets", "Intake", "Knowledge", "Tools",
        "Connections at work", "Decisions", "Stops",
        *GOOD, "Findings", *DRAWN, *OUTCOMES, *MEASURE, "Start here",
    ],
    Role.QA_ANALYST: [
        "Start", "Approvals", "Cases", "Handoffs", "Questions", "Unknown outcomes",
        "Change requests", "Policies", "Cue sheets", "Intake", "Knowledge", "Tools",
        "Connections at work", "Decisions", "Stops",
        *GOOD, "Reviews", "Findings", "Calibration", *DRAWN,
        *OUTCOMES, "Journeys", *MEASURE, "Start here",
    ],
}  # fmt: skip


@pytest.fixture
def person(db: None) -> Any:
    del db
    queue = make_queue("returns", title="Returns")
    made = make_person(
        "maren", roles=[Role.SUPERVISOR], grants={queue: ALL_GRANTS}, first_name="Maren"
    )
    made.set_password(PASSWORD)
    made.save()
    return made


def _signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def test_signing_in_is_recorded_and_leads_to_the_start(person: Any) -> None:
    client = Client()
    page = client.get("/admin/approvals/", follow=True)
    assert "Sign in" in page.content.decode()
    form = {"username": "maren", "password": PASSWORD, "next": "/admin/"}
    answer = client.post("/admin/login/", form, follow=True)
    assert "Nothing waits for you" in answer.content.decode()
    entry = LedgerEntry.objects.get(kind="user.signed_in")
    assert entry.actor_id == str(person.public_id)
    assert client.get("/admin/login/").url == "/admin/"


def test_a_wrong_password_and_a_disabled_person_stay_out(person: Any) -> None:
    client = Client()
    wrong = client.post("/admin/login/", {"username": "maren", "password": "no"})
    assert "alert is-danger" in wrong.content.decode()
    person.is_active = False
    person.save()
    disabled = client.post("/admin/login/", {"username": "maren", "password": PASSWORD})
    assert disabled.status_code == 200
    assert not LedgerEntry.objects.filter(kind="user.signed_in").exists()
    assert _signed_in(person).get("/admin/").status_code == 302


def test_the_demonstration_names_its_logins_only_where_settings_say_so(
    db: None, settings: Any
) -> None:
    del db
    assert "Demonstration logins" not in Client().get("/admin/login/").content.decode()
    hint = {"note": "The password is orchestra.", "people": [{"username": "x", "words": "y"}]}
    settings.ORCHESTRA = {**settings.ORCHESTRA, "DEMO_LOGINS": hint}
    assert "The password is orchestra." in Client().get("/admin/login/").content.decode()


@pytest.mark.parametrize("role", list(SIDEBARS))
def test_the_sidebar_offers_what_a_role_may_open(db: None, role: Role) -> None:
    del db
    queue = make_queue()
    person = make_person("someone", roles=[role], grants={queue: ALL_GRANTS})
    client = _signed_in(person)
    response = client.get("/admin/")
    groups = response.context["sidebar_navigation"]
    items = [item for group in groups for item in group["items"]]
    assert [str(item["title"]) for item in items] == SIDEBARS[role]
    nav = response.content.decode().split("<nav>")[1].split("</nav>")[0]
    assert re.findall(r'data-place="(\w+)"', nav) == [item["key"] for item in items]
    for item in items:
        assert client.get(item["link"]).status_code == 200, item["link"]


def test_a_person_without_a_role_sees_the_start_page_and_no_more(db: None) -> None:
    del db
    client = _signed_in(make_person("new", is_superuser=True))
    page = client.get("/admin/")
    assert page.status_code == 200
    assert "no role yet" in page.content.decode()
    assert client.get("/admin/ledger/").status_code == 404


def test_no_page_of_ours_loosens_the_content_policy_and_the_themes_own_do(person: Any) -> None:
    client = _signed_in(person)
    ours = ("/admin/", "/admin/approvals/", "/admin/ledger/", "/admin/nowhere/here/")
    for path in (*ours, "/admin/password_change/"):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert "unsafe" not in policy, path
    themed = client.get("/admin/jsi18n/")
    policy = themed.headers["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "unsafe" not in Client().get("/admin/login/").headers["Content-Security-Policy"]


def test_signing_out_needs_a_post_and_ends_the_session(person: Any) -> None:
    client = _signed_in(person)
    assert client.get("/admin/logout/").status_code == 405
    out = client.post("/admin/logout/")
    assert "You are signed out." in out.content.decode()
    assert client.get("/admin/").status_code == 302


def test_only_admin_classes_of_ours_are_registered() -> None:
    assert admin.site._registry == {}
    assert len(pages) > 25


def test_every_page_needs_a_person(db: None) -> None:
    del db
    client = Client()
    for name in pages:
        route = pages.get(name).route
        if "<" not in route:
            assert client.get(f"/admin/{route}").status_code == 302, route


def test_the_environment_is_named_and_loud_in_production(person: Any, settings: Any) -> None:
    client = _signed_in(person)
    assert ">Demonstration<" in client.get("/admin/").content.decode()
    settings.ORCHESTRA = {**settings.ORCHESTRA, "ENVIRONMENT": "Production"}
    assert 'class="env is-prod">Production<' in client.get("/admin/").content.decode()


def test_a_page_belongs_to_the_line_that_leads_to_its_folder(person: Any) -> None:
    client = _signed_in(person)

    def here(path: str) -> list[str]:
        groups = client.get(path).context["sidebar_navigation"]
        return [item["key"] for group in groups for item in group["items"] if item["active"]]

    assert here("/admin/") == ["index"]
    assert here("/admin/cases/") == ["cases"]
    # In the folder of a line, on a page that has none of its own.
    assert here("/admin/ledger/case-at/") == ["ledger"]
    assert here("/admin/access/handing-over/") == ["access"]


def test_what_reads_the_same_on_every_page_is_drawn_once(person: Any, monkeypatch: Any) -> None:
    client = _signed_in(person)
    page = client.get("/admin/cases/").content.decode()
    assert page.count('id="keys"') == page.count("orchestra/tokens.css") == 1
    monkeypatch.setattr(parts, "render_to_string", None)
    again = client.get("/admin/cases/").content.decode()
    assert again.count('id="keys"') == again.count("orchestra/tokens.css") == 1


def test_the_sidebar_says_what_waits_as_it_changes(person: Any) -> None:
    client = _signed_in(person)
    badge = 'data-badge="changes">1<'
    assert badge not in client.get("/admin/cases/").content.decode()
    waits = ChangeRequest(
        kind="policy",
        document_key="tools",
        document={},
        risk="low",
        state="submitted",
        author_id="somebody else",
        editor_id="somebody else",
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=1),
    )
    ChangeRequest.objects.bulk_create([waits])
    assert badge in client.get("/admin/cases/").content.decode()
    ChangeRequest.objects.update(expires_at=clock.now())
    assert badge not in client.get("/admin/cases/").content.decode()


def test_the_queries_of_the_frame_are_few(person: Any, django_assert_max_num_queries: Any) -> None:
    client = _signed_in(person)
    with django_assert_max_num_queries(1):
        assert client.get("/admin/nowhere/").status_code == 404
    # The session with its person, their rights, what waits for them, and the case looked for.
    with django_assert_max_num_queries(4):
        assert client.get(f"/admin/cases/{UUID(int=0)}/").status_code == 404
