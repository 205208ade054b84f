import pytest
from pytest_django import DjangoAssertNumQueries

from cases.admin import cases as page
from cases.admin import reads
from cases.memory.models import Case
from governance.approvals.models import ApprovalRequest
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import WORDS, identify, open_case, waiting_return


def test_cases_are_listed_newest_first_a_page_at_a_time(
    retail: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        open_case(retail)
    monkeypatch.setattr(page, "PAGE_SIZE", 2)
    client = browser("supervisor")
    labels = list(Case.objects.order_by("-pk").values_list("pk", flat=True))
    first = client.get("/admin/cases/").content.decode()
    assert f"C-{labels[0]}" in first
    assert f"C-{labels[2]}<" not in first
    assert "Older cases" in first
    second = client.get("/admin/cases/", {"before": labels[1]}).content.decode()
    assert f"C-{labels[2]}" in second
    assert "No older cases." in second


def test_a_place_that_is_no_number_begins_at_the_newest(retail: World, browser: Browser) -> None:
    open_case(retail)
    label, client = Case.objects.get().label, browser("supervisor")
    for place in ("²", "x", "-1", "9" * 40):
        assert label in client.get("/admin/cases/", {"before": place}).content.decode(), place
    assert b"No cases match." in client.get("/admin/cases/", {"before": "0"}).content


def test_filters_narrow_and_say_when_nothing_is_left(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    identify(retail, case)
    client = browser("supervisor")
    row = Case.objects.get()
    for query in (
        {"status": "open"},
        {"queue": row.queue.key},
        {"q": "Yusuf Rossi"},
        {"q": "yusuf_rossi_9620"},
        {"status": "nonsense"},
    ):
        assert row.label in client.get("/admin/cases/", query).content.decode(), query
    for query in ({"status": "closed"}, {"mine": "1"}, {"q": "nobody at all"}):
        assert b"No cases match." in client.get("/admin/cases/", query).content, query


def test_the_search_box_goes_to_what_a_label_names(retail: World, browser: Browser) -> None:
    case, call = waiting_return(retail)
    row = Case.objects.get()
    client = browser("supervisor")

    def find(text: str) -> str:
        return str(client.get("/admin/find/", {"q": text}).url)

    assert find(f"c-{row.pk}") == f"/admin/cases/{case}/"
    assert (
        find(ApprovalRequest.objects.get().label) == f"/admin/approvals/{call['approval']['id']}/"
    )
    assert find("C-999999") == "/admin/cases/?q=C-999999"
    assert find("#W2378156") == "/admin/cases/?q=%23W2378156"
    assert find("") == "/admin/"
    found = client.get("/admin/cases/", {"q": "#W2378156"}).content.decode()
    assert row.label in found
    assert browser("policy").get("/admin/find/", {"q": f"C-{row.pk}"}).url == "/admin/"


def test_lists_of_cases_record_nothing_and_escape_what_they_show(
    retail: World, browser: Browser
) -> None:
    open_case(retail, "<script>alert(1)</script> " + WORDS)
    text = browser("supervisor").get("/admin/cases/").content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_what_the_newest_cases_do_not_say_is_looked_up(
    retail: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, _call = waiting_return(retail)
    named = Case.objects.get(public_id=case)
    Case.objects.filter(pk=named.pk).update(subject="A mailbox that is full")
    open_case(retail, external_ref="LATER-1")
    monkeypatch.setattr(reads, "NEWEST", 1)
    client = browser("supervisor")

    def finds(text: str) -> bool:
        return f">{named.label}<" in client.get("/admin/cases/", {"q": text}).content.decode()

    assert finds("yusuf rossi")
    assert finds("yusuf_rossi_9620")
    assert finds("mailbox")
    assert finds("#W2378156")
    # No index knows two letters; among the newest they are found.
    assert not finds("lb")
    monkeypatch.setattr(reads, "NEWEST", 2)
    assert finds("lb")


def test_a_search_that_the_newest_fill_asks_no_index(
    retail: World,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(3):
        open_case(retail, external_ref=f"R-{number}")
    Case.objects.update(subject="A parcel that did not come")
    monkeypatch.setattr(page, "PAGE_SIZE", 2)
    client = browser("supervisor")
    with django_assert_max_num_queries(7) as asked:
        assert b"Older cases" in client.get("/admin/cases/", {"q": "parcel"}).content
    assert sum("parcel" in query["sql"] for query in asked.captured_queries) == 1
