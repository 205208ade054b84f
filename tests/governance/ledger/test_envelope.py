"""Envelope v1 against the published events, and every value rule."""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from governance.ledger import envelope, tree
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, ActorKind
from orchestra.core.errors import InvalidInputError
from tests.governance.ledger import vectors

ACTORS = [
    Actor(ActorKind.SYSTEM, "intake", "intake"),
    Actor(ActorKind.AGENT, "bot-7", "Order assistant"),
    Actor(ActorKind.HUMAN, "u-12", "Maren Osei"),
]
KINDS = ["case.opened", "tool.call.requested", "approval.granted"]
TIMES = [
    "2026-01-02T03:04:05.000000Z",
    "2026-01-02T03:04:06.000000Z",
    "2026-01-02T03:05:00.000000Z",
]


def build(**changes: Any) -> dict[str, Any]:
    draft = {"stream": "case:c-1", "kind": "case.opened"}
    given: dict[str, Any] = {
        "actor": ACTORS[0],
        "at": TIMES[0],
        "place": envelope.Place(1, ""),
        "commitment": "0" * 64,
    }
    given.update({key: changes.pop(key) for key in list(changes) if key in given})
    return envelope.build_envelope(draft=EntryDraft(**{**draft, **changes}), **given)


def test_the_three_published_events() -> None:
    prev, hashes = "", []
    for number in range(3):
        body = envelope.encode_payload(vectors.PAYLOADS[number])
        leaf = envelope.encode_envelope(
            build(
                kind=KINDS[number],
                actor=ACTORS[number],
                at=TIMES[number],
                place=envelope.Place(number + 1, prev),
                commitment=envelope.commit_payload(salt=vectors.SALT, body=body),
            )
        )
        assert leaf == vectors.EVENT_LEAVES[number]
        hashes.append(envelope.hash_leaf(leaf))
        prev = hashes[-1].hex()
        assert prev == vectors.EVENT_HASHES[number]
    assert tree.root_of(hashes).hex() == vectors.EVENT_ROOT


def test_the_published_payload() -> None:
    body = envelope.encode_payload(vectors.PAYLOADS[1])
    assert body == vectors.PAYLOAD_2
    assert hashlib.sha256(body).hexdigest() == vectors.PAYLOAD_2_SHA256


def test_a_salt_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        envelope.commit_payload(salt=b"short", body=b"{}")


@pytest.mark.parametrize(
    ("stream", "key", "value"),
    [
        ("case:c-1", "case", "c-1"),
        ("policy:p-1", "stream", "policy:p-1"),
        ("system", "stream", "system"),
    ],
)
def test_a_stream_is_named_and_found_again(stream: str, key: str, value: str) -> None:
    built = build(stream=stream)
    assert built[key] == value
    assert ("case" in built) is not ("stream" in built)
    assert envelope.stream_of(built) == stream


def test_optional_keys_stand_only_where_they_have_a_value() -> None:
    keys = {"actor", "at", "case", "kind", "payload", "prev", "seq", "v"}
    assert set(build()) == keys
    full = build(subject_kind="tool_call", subject_id="t-1", policy="a" * 64, schema="b" * 64)
    assert set(full) == keys | {"subject", "policy", "schema"}
    assert full["subject"] == {"id": "t-1", "kind": "tool_call"}


@pytest.mark.parametrize(
    "change",
    [
        {"stream": ""},
        {"stream": "case:"},
        {"stream": "Case:1"},
        {"stream": "case:a b"},
        {"stream": "case:" + "x" * 120},
        {"kind": "k" * 101},
        {"subject_id": "s" * 101},
        {"policy": "A" * 64},
        {"cue": "a" * 63},
        {"schema": "sha256:" + "a" * 64},
        {"at": "2026-01-02T03:04:05Z"},
        {"at": "2026-01-02T03:04:05.000000+00:00"},
        {"actor": Actor(ActorKind.HUMAN, "u" * 101, "")},
    ],
)
def test_ill_formed_names_and_digests_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        build(**change)
    assert caught.value.errors[0].field


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        True,
        None,
        ["a"],
        2**53,
        -(2**53),
        Decimal(1),
        UUID(int=1),
        datetime(2026, 1, 1, tzinfo=UTC),
        "\x00",
        "\ud800",
        {1: "a"},
        {"inner": {"deep": 0.1}},
    ],
)
def test_an_envelope_holds_texts_and_safe_integers_only(value: Any) -> None:
    with pytest.raises(InvalidInputError):
        envelope.encode_envelope({**build(), "extra": value})


def test_an_envelope_has_at_most_65535_bytes() -> None:
    base = len(envelope.encode_envelope({"a": ""}))
    assert len(envelope.encode_envelope({"a": "x" * (65_535 - base)})) == 65_535
    with pytest.raises(InvalidInputError, match="larger"):
        envelope.encode_envelope({"a": "x" * (65_536 - base)})


def test_a_payload_may_speak_of_nul_but_not_hold_it() -> None:
    assert envelope.encode_payload({"a": "\\u0000"}) == b'{"a":"\\\\u0000"}'
    with pytest.raises(InvalidInputError, match=r"U\+0000"):
        envelope.encode_payload({"a": ["\x00"]})
