from cases.memory.models import Case
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import identify, open_case

PAGE = "/admin/ledger/case/"


def test_a_label_or_a_name_leads_to_the_entries_of_the_case(
    retail: World, browser: Browser
) -> None:
    case = open_case(retail)
    identify(retail, case)
    client = browser("compliance")
    row = Case.objects.get()
    for text in (row.label, row.label.lower(), "vacuum cleaner"):
        answer = client.get(PAGE, {"q": text})
        assert answer.headers["Location"] == f"/admin/ledger/?stream=case:{case}"
    customer = row.customer
    assert customer is not None
    for text in ("Yusuf Rossi", "yusuf", customer.ref):
        answer = client.get(PAGE, {"q": text}, follow=True)
        assert answer.redirect_chain[-1][0] == f"/admin/ledger/?customer={customer.public_id}"
        assert "customer Yusuf Rossi" in " ".join(answer.content.decode().split())
    assert client.get(PAGE).headers["Location"] == "/admin/ledger/"
    none = client.get(PAGE, {"q": "nobody of that name"}, follow=True)
    assert b"No case that you may read matches" in none.content


def test_who_may_not_read_the_ledger_finds_nothing(retail: World, browser: Browser) -> None:
    del retail
    assert browser("agent").get(PAGE, {"q": "C-1"}).status_code == 404
