"""Signed notes, keys, cosignatures and offline proofs against the published vectors."""

import pytest

from governance.ledger import notes, tree
from governance.ledger.envelope import hash_leaf
from tests.governance.ledger import vectors

LOG = notes.log_key(name=vectors.ORIGIN, seed=vectors.LOG_SEED)
WITNESS = notes.witness_key(name="witness.example/w1", seed=vectors.WITNESS_SEED)
HEAD = notes.TreeHead(origin=vectors.ORIGIN, size=8, root=bytes.fromhex(vectors.ROOTS[8]))


@pytest.mark.parametrize(
    ("vkey", "note"),
    [(vectors.C2SP_KEY, vectors.C2SP_NOTE), (vectors.GO_KEY, vectors.GO_NOTE)],
)
def test_published_notes_open(vkey: str, note: str) -> None:
    key = notes.parse_vkey(vkey)
    opened = notes.open_note(note, [key])
    assert opened.signed_by == (key,)
    assert opened.text == note.split("\n\n", maxsplit=1)[0] + "\n"
    assert key.text() == vkey


def test_our_keys() -> None:
    assert LOG.public_key.hex() == vectors.LOG_PUBLIC
    assert LOG.text() == vectors.LOG_VKEY
    assert WITNESS.text() == vectors.WITNESS_VKEY
    assert notes.parse_vkey(vectors.WITNESS_VKEY) == WITNESS


def test_our_checkpoint() -> None:
    signed = notes.sign_note(text=HEAD.text(), name=vectors.ORIGIN, seed=vectors.LOG_SEED)
    assert signed == vectors.SIGNED_8
    assert notes.parse_checkpoint(notes.open_note(signed, [LOG]).text) == HEAD


def test_the_offline_proof_with_its_witness() -> None:
    proof = notes.parse_proof(vectors.OFFLINE_PROOF)
    opened = notes.open_note(proof.note, [LOG, WITNESS])
    head = notes.parse_checkpoint(opened.text)
    assert opened.signed_by == (LOG, WITNESS)
    assert opened.cosigned_at == {"witness.example/w1": vectors.WITNESS_TIME}
    assert (proof.index, head.size, head.root.hex()) == (1, 3, vectors.EVENT_ROOT)
    assert tree.verify_inclusion(
        index=proof.index,
        size=head.size,
        leaf_hash=hash_leaf(vectors.EVENT_LEAVES[1]),
        proof=proof.hashes,
        root=head.root,
    )
    assert proof.text() == vectors.OFFLINE_PROOF


def test_the_offline_proof_is_made_byte_for_byte() -> None:
    hashes = [bytes.fromhex(text) for text in vectors.EVENT_HASHES]
    text = notes.TreeHead(vectors.ORIGIN, 3, tree.root_of(hashes)).text()
    note = notes.sign_note(text=text, name=vectors.ORIGIN, seed=vectors.LOG_SEED)
    note += notes.cosignature_line(
        text=text,
        name="witness.example/w1",
        seed=vectors.WITNESS_SEED,
        at=vectors.WITNESS_TIME,
    )
    made = notes.OfflineProof(index=1, hashes=(hashes[0], hashes[2]), note=note)
    assert made.text() == vectors.OFFLINE_PROOF


def test_extra_data_travels_with_a_proof() -> None:
    proof = notes.OfflineProof(index=0, hashes=(), note=vectors.SIGNED_8, extra=b"\x00\x01")
    assert notes.parse_proof(proof.text()) == proof


def test_unknown_keys_are_passed_over_and_repeats_counted_once() -> None:
    line = vectors.SIGNED_8.split("\n\n")[1]
    doubled = notes.parse_proof(vectors.OFFLINE_PROOF).note
    assert notes.open_note(doubled, [WITNESS]).signed_by == (WITNESS,)
    assert notes.open_note(vectors.SIGNED_8 + line, [LOG]).signed_by == (LOG,)
    with pytest.raises(notes.NoteError, match="no known key"):
        notes.open_note(vectors.SIGNED_8, [WITNESS])


def test_one_known_key_that_fails_spoils_the_note() -> None:
    note = notes.parse_proof(vectors.OFFLINE_PROOF).note
    moved = notes.cosignature_line(
        text=HEAD.text(), name="witness.example/w1", seed=vectors.WITNESS_SEED, at=1
    )
    spoiled = note[: note.rindex("— ")] + moved
    assert notes.open_note(spoiled, [LOG]).signed_by == (LOG,)
    with pytest.raises(notes.NoteError, match="witness"):
        notes.open_note(spoiled, [LOG, WITNESS])


TEXT, LINES = vectors.SIGNED_8.split("\n\n")
SIGNATURE = LINES.split(" ")[2].strip()


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        TEXT + "\n",
        TEXT + "\n\n",
        TEXT + "\n" + LINES,
        vectors.SIGNED_8[:-1],
        vectors.SIGNED_8 + "\n",
        vectors.SIGNED_8.replace("\n8\n", "\n9\n"),
        vectors.SIGNED_8.replace("— ", "- "),
        vectors.SIGNED_8.replace("— ", "—"),
        vectors.SIGNED_8.replace("\n", "\r\n"),
        vectors.SIGNED_8.replace("8\n", "8\t\n", 1),
        vectors.SIGNED_8.replace("orchestra.example", "orchestra.examplé"),
        vectors.SIGNED_8.replace(SIGNATURE, SIGNATURE + "="),
        vectors.SIGNED_8.replace(SIGNATURE, SIGNATURE[:-1]),
        vectors.SIGNED_8.replace(SIGNATURE, SIGNATURE[:-4]),
        vectors.SIGNED_8.replace(SIGNATURE, SIGNATURE[:40] + " " + SIGNATURE[40:]),
        vectors.SIGNED_8.replace(SIGNATURE, "TJ7N/w=="),
        f"{TEXT}\n\n" + LINES * 101,
        vectors.SIGNED_8.replace("log", "l\ud800g"),
    ],
)
def test_ill_formed_and_altered_notes_are_refused(note: str) -> None:
    with pytest.raises(notes.NoteError):
        notes.open_note(note, [LOG])


@pytest.mark.parametrize(
    "text",
    [
        "log\n08\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
        "log\n+8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
        "log\n٨\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
        "log\n-8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
        f"log\n{'9' * 5000}\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
        "log\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg\n",
        "log\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz-Nw7_RgQyg=\n",
        "log\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyh=\n",
        "log\n8\n AAA\n",
        "log\n8\nAAAA\n",
        "log\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\nextension\n",
        "log\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
        "\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
        "log\n8\n",
    ],
)
def test_ill_formed_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(notes.NoteError):
        notes.parse_checkpoint(text)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        vectors.LOG_VKEY.replace("4c9ecdff", "4c9ecdfe"),
        vectors.LOG_VKEY.replace("4c9ecdff", "4C9ECDFF"),
        vectors.LOG_VKEY.replace("orchestra", "orch estra"),
        vectors.LOG_VKEY.replace("Add", "Ydd"),
        vectors.LOG_VKEY[:-4],
        vectors.LOG_VKEY + "=",
        "+4c9ecdff+" + vectors.LOG_VKEY.split("+", 2)[2],
    ],
)
def test_ill_formed_keys_are_refused(vkey: str) -> None:
    with pytest.raises(notes.NoteError):
        notes.parse_vkey(vkey)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("index 1", "index 01"),
        ("index 1\n", ""),
        ("index 1", "extra !!\nindex 1"),
        ("us12M8XGHT", "us12M8XG"),
        ("us12", "\nus12"),
    ],
)
def test_ill_formed_proofs_are_refused(old: str, new: str) -> None:
    bent = vectors.OFFLINE_PROOF.replace(old, new)
    with pytest.raises(notes.NoteError):
        notes.open_note(notes.parse_proof(bent).note, [LOG])


def test_a_proof_has_at_most_63_hashes() -> None:
    line = notes.encode_base64(bytes(32))
    lines = "\n".join([line] * 64)
    with pytest.raises(notes.NoteError, match="63"):
        notes.parse_proof(f"c2sp.org/tlog-proof@v1\nindex 0\n{lines}\n\n{vectors.SIGNED_8}")


def test_a_file_of_notes_is_split_and_a_torn_end_is_seen() -> None:
    both = f"{vectors.SIGNED_8}\n{vectors.C2SP_NOTE}\n"
    assert notes.split_notes(both) == ([vectors.SIGNED_8, vectors.C2SP_NOTE], "")
    assert notes.split_notes("") == ([], "")
    for cut in range(len(vectors.SIGNED_8) + 2, len(both)):
        found, rest = notes.split_notes(both[:cut])
        assert found == [vectors.SIGNED_8]
        assert rest
