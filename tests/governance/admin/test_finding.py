from governance.ledger import services
from governance.ledger.models import EntryPayload, LedgerEntry
from orchestra.core import clock
from tests.factories.ledger import without_guards
from tests.flows.conftest import World
from tests.flows.helpers import open_case
from tests.governance.admin.conftest import Browser

PAGE = "/admin/ledger/finding/"


def test_a_finding_says_where_what_and_what_is_not_known(retail: World, browser: Browser) -> None:
    open_case(retail)
    services.verify(now=clock.now())
    entry = LedgerEntry.objects.filter(kind="message.added").latest("pk")
    with without_guards():
        EntryPayload.objects.filter(entry=entry).update(body=b'{"text":"altered"}')
    client = browser("compliance")
    told = client.post("/admin/ledger/verify/", follow=True).content.decode()
    later = client.get(PAGE).content.decode()
    for text in (told, later):
        for part in (
            "The ledger does not verify: 1 finding",
            f"Entry {entry.leaf_index}" if entry.leaf_index is not None else "Entry ",
            "The payload no longer matches the commitment in the leaf.",
            f"?entry={entry.pk}#entry",
            "Last check that passed",
            "Who did it is not known.",
        ):
            assert part in text, part
    assert PAGE in client.get("/admin/ledger/").content.decode()
    read = LedgerEntry.objects.filter(kind="ledger.read").order_by("pk").first()
    assert read is not None
    assert b"what the last check found" in bytes(read.payload.body)


def test_a_clean_or_absent_check_says_so(retail: World, browser: Browser) -> None:
    open_case(retail)
    client = browser("supervisor")
    assert "No check has run yet" in client.get(PAGE).content.decode()
    services.verify(now=clock.now())
    assert "The last check found nothing" in client.get(PAGE).content.decode()


def test_who_may_not_read_the_ledger_finds_nothing(retail: World, browser: Browser) -> None:
    del retail
    assert browser("agent").get(PAGE).status_code == 404
    assert not LedgerEntry.objects.filter(kind="ledger.read").exists()
