"""What a leaf says of itself reads alike by its plain form and as JSON."""

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.ledger import envelope, leaves
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, ActorKind

DIGESTS = st.text(string.hexdigits[:16], min_size=64, max_size=64)
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
STREAMS = st.sampled_from(["case:c-1", "case:a.b_c-9", "system", "user:12", "policy:7"])
AT = "2026-11-19T19:05:00.123456Z"


@st.composite
def envelopes(draw: Any) -> bytes:
    """Leaf bytes of any entry that can be recorded."""
    draft = EntryDraft(
        stream=draw(STREAMS),
        kind=draw(st.one_of(st.just("act.refused"), NAMES)),
        subject_kind=draw(st.one_of(st.just(""), st.just("tool_call"), NAMES)),
        subject_id=draw(st.one_of(st.just(""), NAMES)),
        policy=draw(st.one_of(st.just(""), DIGESTS)),
        cue=draw(st.one_of(st.just(""), DIGESTS)),
        schema=draw(st.one_of(st.just(""), DIGESTS)),
    )
    return envelope.encode_envelope(
        envelope.build_envelope(
            draft=draft,
            actor=Actor(draw(st.sampled_from(ActorKind)), draw(NAMES), "Maren"),
            at=AT,
            place=envelope.Place(draw(st.integers(1, 2**53 - 1)), draw(DIGESTS)),
            commitment=draw(DIGESTS),
        )
    )


def read_either(leaf: bytes) -> tuple[object, object]:
    """Return what both ways of reading say; a refusal says None."""

    def said(read: Any) -> object:
        try:
            return read(leaf)
        except ValueError:
            return None

    return said(leaves.read_leaf), said(leaves._read_json)


@given(envelopes())
def test_a_leaf_reads_alike_either_way(leaf: bytes) -> None:
    fast, slow = read_either(leaf)
    assert fast == slow is not None


@given(envelopes(), st.data())
def test_a_changed_leaf_reads_alike_either_way(leaf: bytes, data: st.DataObject) -> None:
    changed = bytearray(leaf)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(changed) - 1))
        changed[place] ^= 1 << data.draw(st.integers(0, 7))
    fast, slow = read_either(bytes(changed))
    assert fast == slow


def test_an_ordinary_leaf_is_read_in_its_plain_form(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = EntryDraft(
        "case:c-1", "act.refused", subject_kind="tool_call", subject_id="t", cue="c" * 64
    )
    leaf = envelope.encode_envelope(
        envelope.build_envelope(
            draft=draft,
            actor=Actor(ActorKind.HUMAN, "u-12", "Maren"),
            at=AT,
            place=envelope.Place(7, "a" * 64),
            commitment="b" * 64,
        )
    )
    monkeypatch.delattr(leaves, "_read_json")
    columns = ("case:c-1", 7, "act.refused", AT, "human", "u-12", "tool_call", "t")
    assert leaves.read_leaf(leaf) == leaves.Leaf(columns, "a" * 64, "b" * 64)


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"v":1}',
        b"\xff",
        b"[" * 10_000,
        b'{"actor":"x","at":"x","kind":"x","payload":"x","prev":"x","seq":1,"v":1}',
    ],
)
def test_what_is_no_envelope_is_refused(leaf: bytes) -> None:
    with pytest.raises(ValueError, match="no envelope of version 1"):
        leaves.read_leaf(leaf)
