import json

from governance.ledger import services
from governance.ledger.models import EntryPayload, LedgerEntry
from orchestra.core import clock
from tests.factories.ledger import without_guards
from tests.flows.conftest import World
from tests.flows.helpers import open_case, say, waiting_return
from tests.governance.admin.conftest import Browser

LEDGER = "/admin/ledger/"


def test_the_ledger_reads_in_words_and_the_reading_is_recorded(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    client = browser("compliance")
    text = client.get(LEDGER).content.decode()
    assert "Not verified yet" in text
    assert "Store assistant asked for approval AP-" in text
    assert "approval.requested" in text
    read = LedgerEntry.objects.get(kind="ledger.read")
    assert read.actor_id == str(retail.people["compliance"].public_id)


def test_entries_are_narrowed_by_kind_actor_and_case(retail: World, browser: Browser) -> None:
    case, _ = waiting_return(retail)
    client = browser("compliance")
    votes = client.get(LEDGER, {"group": "votes"}).content.decode()
    assert "approval.requested" in votes
    assert "tool_call.proposed" not in votes
    people = client.get(LEDGER, {"actor_kind": "human"}).content.decode()
    assert "tool_call.proposed" not in people
    of_case = client.get(LEDGER, {"stream": f"case:{case}", "group": "access"}).content.decode()
    assert "No entries match." in of_case
    one_kind = client.get(LEDGER, {"group": "case.opened"}).content.decode()
    assert "case.opened" in one_kind
    newest = LedgerEntry.objects.latest("pk").pk
    older = client.get(LEDGER, {"before": newest - 40}).content.decode()
    assert "Newest" in older


def test_verify_now_says_unaltered_and_is_recorded(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    client = browser("compliance")
    answer = client.post(f"{LEDGER}verify/", follow=True).content.decode()
    assert "nothing altered" in answer
    assert "Unaltered" in answer
    assert LedgerEntry.objects.filter(kind="ledger.verified").count() == 1
    assert "Unaltered" in client.get("/admin/").content.decode()
    assert browser("supervisor").post(f"{LEDGER}verify/").status_code == 404


def test_an_altered_payload_is_told_without_blame(retail: World, browser: Browser) -> None:
    open_case(retail)
    entry = LedgerEntry.objects.filter(kind="message.added").latest("pk")
    with without_guards():
        EntryPayload.objects.filter(entry=entry).update(body=b'{"text":"altered"}')
    answer = browser("compliance").post(f"{LEDGER}verify/", follow=True).content.decode()
    assert "1 finding." in answer
    assert "Altered" in browser("compliance").get("/admin/").content.decode()
    opened = browser("compliance").get(LEDGER, {"entry": entry.pk}).content.decode()
    assert "Payload does not match its commitment" in opened


def test_one_entry_opens_with_envelope_hashes_and_proof(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    entry = LedgerEntry.objects.get(kind="approval.requested")
    client = browser("compliance")
    before = client.get(LEDGER, {"entry": entry.pk}).content.decode()
    assert "This entry is not in a signed checkpoint yet" in before
    services.sequence(now=clock.now())
    text = client.get(LEDGER, {"entry": entry.pk}).content.decode()
    for part in (
        "Payload, opened: this read is recorded too",
        "as hashed",
        "Payload matches its commitment",
        "Follows entry",
        "leads to the root of checkpoint",
        entry.leaf_hash,
    ):
        assert part in text, part
    reads = [_payload(each)["what"] for each in LedgerEntry.objects.filter(kind="ledger.read")]
    assert all(what.startswith("entry ") for what in reads)
    assert client.get(LEDGER, {"entry": "nonsense"}).status_code == 200


def _payload(entry: LedgerEntry) -> dict[str, str]:
    return dict(json.loads(bytes(entry.payload.body)))


def test_personal_data_is_masked_unless_a_verifier_asks(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    say(retail, case, "customer", "Write to yusuf.rossi@example.com please.")
    entry = LedgerEntry.objects.filter(kind="message.added").latest("pk")
    query = {"entry": entry.pk, "unmasked": "1"}
    assert b"yusuf.rossi@example.com" in browser("compliance").get(LEDGER, query).content
    assert b"yusuf.rossi@example.com" not in browser("supervisor").get(LEDGER, query).content
    assert b"yusuf.rossi@example.com" not in browser("compliance").get(LEDGER).content
    last = LedgerEntry.objects.filter(kind="ledger.read").order_by("pk").first()
    assert last is not None
    assert _payload(last)["what"].endswith("with its payload, unmasked")


def test_an_erased_payload_says_so(retail: World, browser: Browser) -> None:
    open_case(retail)
    entry = LedgerEntry.objects.filter(kind="message.added").latest("pk")
    with without_guards():
        EntryPayload.objects.filter(entry=entry).delete()
    text = browser("compliance").get(LEDGER, {"entry": entry.pk}).content.decode()
    assert "Erased on request; the entry still verifies." in text
    assert "Payload erased on request; its commitment stays" in text
