"""Where an act came from goes into the payload, beside what it says, and never into the leaf."""

import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.access.types import Role
from governance.evidence.leaving_out import groups_in, masked
from governance.evidence.types import FieldGroup
from governance.ledger import facets, selectors, services
from governance.ledger.erasable import list_recorded
from governance.ledger.models import LedgerEntry
from governance.ledger.origins import origin_words
from governance.ledger.types import EntryDraft
from governance.tasks import verify_ledger
from orchestra.core.origin import Channel, Origin, coming_from
from tests.factories.access import make_person
from tests.factories.ledger import AT, PERSON, make_entry

pytestmark = pytest.mark.django_db
FROM_WEB = Origin(Channel.WEB, "192.0.2.7")


def body_of(entry: LedgerEntry) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(bytes(entry.payload.body))
    return body


def test_it_stands_in_the_payload_alone_and_apart_from_what_the_act_says() -> None:
    with coming_from(FROM_WEB):
        entry = make_entry(payload={"act": "vote"})
    assert body_of(entry) == {
        "act": "vote",
        "actor_label": "Maren Osei",
        "recorded_from": {"address": "192.0.2.7", "channel": "web"},
    }
    payload = {"act": "vote", "actor_label": "Maren Osei"}
    assert selectors.opened(entry=entry) == (payload, FROM_WEB)
    assert selectors.payload_of(entry=entry) == payload
    (recorded,) = list_recorded(streams=[entry.stream])
    assert recorded.payload == payload
    leaf = json.loads(bytes(entry.leaf_bytes))
    assert sorted(leaf) == ["actor", "at", "case", "kind", "payload", "prev", "seq", "v"]
    assert b"192.0.2.7" not in bytes(entry.leaf_bytes)


def test_what_an_act_says_cannot_pretend() -> None:
    entry = make_entry(payload={"recorded_from": {"address": "6.6.6.6", "channel": "web"}})
    assert selectors.opened(entry=entry)[1] == Origin(Channel.COMMAND)


def test_an_entry_from_before_says_nothing_of_it() -> None:
    entry = make_entry()
    entry.payload.body = b'{"actor_label":"Maren Osei"}'
    assert selectors.opened(entry=entry) == ({"actor_label": "Maren Osei"}, None)


@pytest.mark.parametrize(
    "said", ["web", ["web"], {"channel": "carrier pigeon"}, {"channel": ["web"]}, {}]
)
def test_what_makes_no_sense_of_it_is_nothing(said: object) -> None:
    entry = make_entry()
    entry.payload.body = json.dumps({"recorded_from": said}).encode()
    assert selectors.opened(entry=entry) == ({}, None)


def test_a_seal_has_one_too_and_the_ledger_holds() -> None:
    with coming_from(FROM_WEB), transaction.atomic():
        draft = EntryDraft(stream="case:c-1", kind="act.refused", payload={})
        services.append_entry(actor=PERSON, now=AT, draft=draft)
        services.seal_stream(actor=PERSON, now=AT, draft=draft)
    seal = LedgerEntry.objects.latest("id")
    assert body_of(seal)["recorded_from"] == {"address": "192.0.2.7", "channel": "web"}
    assert services.verify(now=AT).ok


def test_it_costs_no_query() -> None:
    make_entry()
    counts = []
    for origin in (Origin(Channel.COMMAND), FROM_WEB):
        with coming_from(origin), CaptureQueriesContext(connection) as asked:
            make_entry()
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_task_says_that_a_worker_did_it() -> None:
    verify_ledger()
    entry = LedgerEntry.objects.get(kind="ledger.verified")
    assert selectors.opened(entry=entry)[1] == Origin(Channel.WORKER)


@pytest.mark.parametrize(
    ("origin", "unmasked", "words"),
    [
        (None, True, "not recorded"),
        (Origin(Channel.WORKER), False, "a background task"),
        (FROM_WEB, False, "the pages, from •••"),
        (FROM_WEB, True, "the pages, from 192.0.2.7"),
        (Origin(Channel.API, "2001:db8::7"), False, "the API, from •••"),
    ],
)
def test_it_reads_in_words_with_the_address_masked(
    origin: Origin | None, unmasked: bool, words: str
) -> None:
    assert origin_words(origin, unmasked=unmasked) == words


def test_no_word_of_it_is_searched() -> None:
    with coming_from(FROM_WEB):
        entry = make_entry(payload={"what": "tulips"})
    words = facets.read_words(selectors.payload_of(entry=entry) or {})
    assert "tulips" in words
    assert not {"192", "recorded", "web"} & set(words)


@pytest.mark.parametrize(
    ("actor_kind", "groups"),
    [
        ("human", {FieldGroup.STAFF: ["actor_label", "recorded_from.address"]}),
        ("agent", {}),
    ],
)
def test_an_export_takes_a_persons_address_for_staffs(
    actor_kind: str, groups: dict[FieldGroup, list[str]]
) -> None:
    with coming_from(FROM_WEB):
        payload = body_of(make_entry(payload={}))
    assert groups_in(kind="act.refused", actor_kind=actor_kind, payload=payload) == groups
    assert masked(payload)["recorded_from"] == {"address": "•••", "channel": "web"}


def test_the_page_of_an_entry_shows_it_as_the_reader_may_see_it(client: Client) -> None:
    with coming_from(FROM_WEB):
        entry = make_entry()
    page = f"/admin/ledger/streams/{entry.stream}/{entry.seq}/"
    client.force_login(make_person("lea", roles=[Role.COMPLIANCE_OFFICER]))
    assert "the pages, from •••" in client.get(page).content.decode()
    assert "the pages, from 192.0.2.7" in client.get(f"{page}?unmasked=1").content.decode()
    read = LedgerEntry.objects.filter(kind="ledger.read").latest("id")
    assert selectors.opened(entry=read)[1] == Origin(Channel.WEB, "127.0.0.1")
