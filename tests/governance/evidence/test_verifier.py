"""The verifier alone: its signatures, its proofs, and packs that are wrong on purpose."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from governance.evidence.verifier import verifier
from governance.evidence.verifier.verifier import Key, Wrong, ed25519_verifies, read_checkpoint
from governance.ledger import notes, tree

SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
ORIGIN = "orchestra.example/log"
#: Secret, message and signature of RFC 8032, section 7.1, tests 1 to 3.
RFC = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


@pytest.mark.parametrize(("key", "message", "signature"), RFC)
def test_the_signatures_of_the_rfc_verify(key: str, message: str, signature: str) -> None:
    parts = [bytes.fromhex(one) for one in (key, message, signature)]
    assert ed25519_verifies(*parts)
    s = int.from_bytes(parts[2][32:], "little") + verifier.L
    assert not ed25519_verifies(*parts[:2], parts[2][:32] + s.to_bytes(32, "little"))
    assert not ed25519_verifies(parts[0], parts[1] + b"x", parts[2])


@given(
    seed=st.binary(min_size=32, max_size=32),
    message=st.binary(max_size=99),
    at=st.integers(0, 767),
)
def test_it_agrees_with_another_implementation(seed: bytes, message: bytes, at: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert ed25519_verifies(public, message, signature)
    both = bytearray(public + signature)
    both[at % 96] ^= 1 << (at // 96)
    bad_key, bad = bytes(both[:32]), bytes(both[32:])
    try:
        Ed25519PublicKey.from_public_bytes(bad_key).verify(bad, message)
        agrees = True
    except (InvalidSignature, ValueError):
        agrees = False
    assert ed25519_verifies(bad_key, message, bad) is agrees


def test_small_and_ill_written_keys_are_refused() -> None:
    signature = (1).to_bytes(32, "little") + bytes(32)
    for small in ((1).to_bytes(32, "little"), bytes(32), (verifier.P - 1).to_bytes(32, "little")):
        assert not ed25519_verifies(small, b"anything", signature)
    assert not ed25519_verifies((verifier.P + 1).to_bytes(32, "little"), b"", signature)
    assert not ed25519_verifies(b"short", b"", signature)


def note(size: int, root: bytes, seed: bytes = SEED) -> str:
    head = notes.TreeHead(origin=ORIGIN, size=size, root=root)
    return notes.sign_note(text=head.text(), name=ORIGIN, seed=seed)


KEYS = [Key(notes.log_key(name=ORIGIN, seed=SEED).text())]


def test_a_checkpoint_is_read_and_a_wrong_one_refused() -> None:
    root = hashlib.sha256(b"root").digest()
    assert read_checkpoint(note(8, root), KEYS, "c")[:3] == (ORIGIN, 8, root)
    assert read_checkpoint(note(0, tree.EMPTY_ROOT), KEYS, "c")[1] == 0
    for wrong in (
        note(0, root),
        note(8, root, seed=bytes(32)),
        note(8, root).replace("8", "08", 1),
    ):
        with pytest.raises(Wrong):
            read_checkpoint(wrong, KEYS, "c")


@given(size=st.integers(1, 70), data=st.data())
def test_proofs_are_judged_as_the_ledger_judges_them(size: int, data: st.DataObject) -> None:
    leaves = [hashlib.sha256(bytes([one])).digest() for one in range(size)]
    index = data.draw(st.integers(0, size - 1))
    nodes = {(0, place): leaf for place, leaf in enumerate(leaves)}
    edge = tree.RightEdge()
    for leaf in leaves:
        nodes.update({(level, place): each for level, place, each in edge.append(leaf)})
    root = edge.root()
    proof = tree.prove(tree.inclusion_spans(index=index, size=size), nodes.__getitem__)
    assert verifier.included(index, size, leaves[index], proof, root)
    for bad in ([*proof, leaves[0]], [*proof[:-1]] if proof else [root], [*proof, *([root] * 64)]):
        assert not verifier.included(index, size, leaves[index], bad, root)
    assert not verifier.included(size, size, leaves[index], proof, root)
    first = tree.root_of(leaves[: index + 1])
    spans = tree.consistency_spans(size1=index + 1, size2=size)
    grown = tree.prove(spans, nodes.__getitem__)
    assert verifier.continues(index + 1, first, size, root, grown)
    assert not verifier.continues(index + 1, first, size, root, [*grown, root])
    assert not verifier.continues(0, tree.EMPTY_ROOT, size, root, [])


def test_it_runs_alone_and_says_when_there_is_no_pack(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", verifier.__file__, "nowhere.zip"],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "No such file" in done.stdout


@pytest.mark.parametrize("text", ["YQ", "YQ== ", "YR==", "Y-==", "é"])
def test_base64_is_strict(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  whatever the base64 module raises
        verifier.decode(text)


@pytest.mark.parametrize("text", ["", "01", "-1", "+1", "1 ", "٣", "1" * 21])
def test_decimals_are_strict(text: str) -> None:
    with pytest.raises(ValueError, match="no plain decimal"):
        verifier.decimal(text)
