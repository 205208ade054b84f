"""Who says where events are sent, what is refused, and what happens to its secrets."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from governance.webhooks import rules, services
from governance.webhooks.models import WebhookEndpoint, WebhookSecret
from governance.webhooks.selectors import keys_of, place_of
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from orchestra.core.sealing import SealBrokenError, seal, unseal
from tests.factories.access import make_person
from tests.factories.webhooks import KEY, make_endpoint, wanted

pytestmark = pytest.mark.django_db
URL = "https://hooks.example.com/orchestra?key=hidden"


def made(petra: User, now: datetime) -> services.Created:
    return services.create_endpoint(actor=petra.as_actor(), now=now, wanted=wanted(URL))


def test_a_secret_is_shown_once_and_kept_sealed(petra: User, now: datetime) -> None:
    created = made(petra, now)
    assert created.secret.startswith("whsec_")
    (key,) = keys_of(endpoint=created.endpoint, now=now)
    assert rules.secret_text(key) == created.secret
    stored = bytes(WebhookSecret.objects.get().sealed)
    assert key not in stored
    assert created.secret.encode() not in stored


def test_what_is_recorded_holds_no_secret_and_no_whole_address(petra: User, now: datetime) -> None:
    created = made(petra, now)
    entry = LedgerEntry.objects.get(kind="webhook.created")
    payload = payload_of(entry=entry)
    assert payload is not None
    assert (payload["label"], payload["host"]) == ("Data lake", "hooks.example.com")
    assert "hidden" not in str(payload)
    assert created.secret not in str(payload)
    assert entry.subject_id == str(created.endpoint.public_id)


def test_a_sealed_secret_opens_in_its_place_alone_and_by_its_key(
    petra: User, now: datetime, settings: Any
) -> None:
    endpoint = make_endpoint(petra, now)
    place = place_of(endpoint.public_id)
    sealed = seal(KEY, place=place)
    assert unseal(sealed, place=place) == KEY
    for broken in (sealed[:-1] + bytes([sealed[-1] ^ 1]), b"", b"\x02" + sealed[1:]):
        with pytest.raises(SealBrokenError):
            unseal(broken, place=place)
    with pytest.raises(SealBrokenError):
        unseal(sealed, place="webhook:another")
    before = settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    with pytest.raises(SealBrokenError):
        unseal(sealed, place=place)
    settings.SECRET_KEY_FALLBACKS = [before]
    assert unseal(sealed, place=place) == KEY


@pytest.mark.parametrize(
    ("url", "types", "field"),
    [
        ("http://hooks.example.com/", ("case.resolved",), "url"),
        ("https://10.0.0.7/", ("case.resolved",), "url"),
        ("https://[::1]/", ("case.resolved",), "url"),
        ("https://169.254.169.254/", ("case.resolved",), "url"),
        ("https://user:word@hooks.example.com/", ("case.resolved",), "url"),
        ("ftp://hooks.example.com/", ("case.resolved",), "url"),
        ("https://hooks.example.com:22/", ("case.resolved",), "url"),
        ("https://hooks.example.com/" + "x" * 500, ("case.resolved",), "url"),
        ("https://hooks.example.com/", ("webhook.created",), "event_types"),
        ("https://hooks.example.com/", ("case.resolved", "nonsense"), "event_types"),
    ],
)
def test_what_may_not_be_sent_to_or_sent_is_refused(
    petra: User, now: datetime, settings: Any, url: str, types: tuple[str, ...], field: str
) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "PRIVATE_NETWORKS": ()}
    with pytest.raises(InvalidInputError) as caught:
        services.create_endpoint(
            actor=petra.as_actor(), now=now, wanted=services.Wanted("Lake", url, types)
        )
    assert [error.field for error in caught.value.errors] == [field]
    assert not WebhookEndpoint.objects.exists()
    assert not LedgerEntry.objects.filter(kind="webhook.created").exists()


def acts_on(endpoint: WebhookEndpoint, by: User, now: datetime) -> list[Callable[[], object]]:
    actor, one = by.as_actor(), {"now": now, "endpoint_id": endpoint.public_id}
    return [
        lambda: services.create_endpoint(actor=actor, now=now, wanted=wanted(URL)),
        lambda: services.save_endpoint(actor=actor, wanted=wanted(URL), revision=1, **one),
        lambda: services.stop_endpoint(actor=actor, **one),
        lambda: services.start_endpoint(actor=actor, **one),
        lambda: services.rotate_secret(actor=actor, overlap_hours=24, **one),
        lambda: services.send_test(actor=actor, **one),
        lambda: services.replay_span(actor=actor, since=now - timedelta(hours=1), until=now, **one),
    ]


def test_only_who_manages_access_says_where_events_go(petra: User, now: datetime) -> None:
    endpoint = make_endpoint(petra, now)
    before = LedgerEntry.objects.count()
    for act in acts_on(endpoint, make_person("olga", roles=[Role.COMPLIANCE_OFFICER]), now):
        with pytest.raises(NotPermittedError):
            act()
    assert LedgerEntry.objects.count() == before
    assert WebhookEndpoint.objects.count() == WebhookSecret.objects.count() == 1


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    petra: User, now: datetime
) -> None:
    endpoint = make_endpoint(petra, now)
    change = {"actor": petra.as_actor(), "now": now, "endpoint_id": endpoint.public_id}
    services.save_endpoint(**change, wanted=wanted(URL, "case.closed"), revision=1)
    with pytest.raises(ConflictError):
        services.save_endpoint(**change, wanted=wanted(URL, "case.opened"), revision=1)
    endpoint.refresh_from_db()
    assert (endpoint.event_types, endpoint.revision) == (["case.closed"], 2)


def test_a_rotation_lets_both_sign_until_the_old_one_ends(petra: User, now: datetime) -> None:
    endpoint = make_endpoint(petra, now)
    one = {"actor": petra.as_actor(), "now": now, "endpoint_id": endpoint.public_id}
    services.rotate_secret(**one, overlap_hours=24)
    new, old = keys_of(endpoint=endpoint, now=now)
    assert old == KEY
    assert keys_of(endpoint=endpoint, now=now + timedelta(hours=24)) == (new,)
    # A second rotation never lengthens the life of the first one's secret.
    services.rotate_secret(**one, overlap_hours=168)
    assert len(keys_of(endpoint=endpoint, now=now)) == 3
    assert KEY not in keys_of(endpoint=endpoint, now=now + timedelta(hours=24))
    services.rotate_secret(**one, overlap_hours=0)
    assert len(keys_of(endpoint=endpoint, now=now)) == 1
    with pytest.raises(InvalidInputError):
        services.rotate_secret(**one, overlap_hours=5)


def test_stopping_twice_is_refused(petra: User, now: datetime) -> None:
    endpoint = make_endpoint(petra, now)
    one = {"actor": petra.as_actor(), "now": now, "endpoint_id": endpoint.public_id}
    services.stop_endpoint(**one)
    with pytest.raises(ConflictError):
        services.stop_endpoint(**one)
    services.start_endpoint(**one)
    with pytest.raises(ConflictError):
        services.start_endpoint(**one)
    kinds = list(LedgerEntry.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["webhook.stopped", "webhook.started"]
