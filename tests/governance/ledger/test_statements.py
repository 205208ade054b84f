"""Statements: trust runs from the key at hand backwards, and nowhere else."""

from dataclasses import replace

import pytest

from governance.ledger import notes, statements
from governance.ledger.notes import NoteError, TreeHead

ORIGIN = "orchestra.example/log"
SEEDS = [bytes([number]) * 32 for number in range(1, 5)]
KEYS = [notes.log_key(name=ORIGIN, seed=seed) for seed in SEEDS]
ROOT = bytes(range(32))


def rotation(before: int, after: int, size: int) -> statements.Rotation:
    return statements.Rotation(
        origin=ORIGIN,
        size=size,
        root=ROOT,
        old=KEYS[before],
        new=KEYS[after],
        both_until=statements.NEVER,
    )


def stated(*rotations: statements.Rotation) -> list[str]:
    return [statements.sign(statement=one, seeds=SEEDS) for one in rotations]


def checkpoint(size: int, *signers: int, origin: str = ORIGIN) -> str:
    text = TreeHead(origin, size, ROOT).text()
    lines = [
        notes.sign_note(text=text, name=origin, seed=SEEDS[number]).removeprefix(f"{text}\n")
        for number in signers
    ]
    return f"{text}\n{''.join(lines)}"


def stand(*rotations: statements.Rotation, present: int = 0) -> statements.Standing:
    return statements.stand(present=[KEYS[present]], origin=ORIGIN, statements=stated(*rotations))


def test_nothing_stated_leaves_the_first_key_in_force() -> None:
    standing = stand()
    assert (standing.key, standing.origin) == (KEYS[0], ORIGIN)
    assert standing.open_checkpoint(checkpoint(8, 0)).size == 8


def test_each_key_signs_its_span_and_no_other() -> None:
    standing = stand(rotation(0, 1, 10), rotation(1, 2, 20), present=2)
    spans = [(span.after_size, span.up_to_size) for span in standing.spans]
    assert spans == [(-1, 10), (10, 20), (20, None)]
    for size, signer in ((10, 0), (11, 1), (20, 1), (21, 2)):
        assert standing.open_checkpoint(checkpoint(size, signer)).size == size
    for size, signer in ((11, 0), (10, 1), (21, 1), (20, 2)):
        with pytest.raises(NoteError, match="not in force"):
            standing.open_checkpoint(checkpoint(size, signer))


def test_a_checkpoint_with_both_lines_opens_with_either_key_alone() -> None:
    both = checkpoint(11, 1, 0)
    assert stand(rotation(0, 1, 10), present=1).open_checkpoint(both).size == 11
    assert notes.open_note(both, [KEYS[0]]).signed_by == (KEYS[0],)


def test_whoever_lacks_the_key_at_hand_adds_no_key() -> None:
    forged = statements.sign(statement=rotation(0, 1, 10), seeds=[SEEDS[1]])
    with pytest.raises(NoteError, match="not at hand"):
        statements.stand(present=[KEYS[0]], origin=ORIGIN, statements=[forged])
    unled = stated(rotation(3, 1, 5), rotation(0, 2, 9))
    with pytest.raises(NoteError, match="nothing leads to"):
        statements.stand(present=[KEYS[2]], origin=ORIGIN, statements=unled)


def test_a_statement_whose_signature_was_touched_is_refused() -> None:
    note = stated(rotation(0, 1, 10))[0].replace("size 10\n", "size 12\n")
    with pytest.raises(NoteError, match="does not verify"):
        statements.stand(present=[KEYS[1]], origin=ORIGIN, statements=[note])


def test_a_lost_old_key_signs_nothing_and_is_named_all_the_same() -> None:
    note = statements.sign(statement=rotation(0, 1, 10), seeds=[SEEDS[1]])
    standing = statements.stand(present=[KEYS[1]], origin=ORIGIN, statements=[note])
    assert standing.open_checkpoint(checkpoint(10, 0)).size == 10
    with pytest.raises(NoteError, match="takes over"):
        statements.sign(statement=rotation(0, 1, 10), seeds=[SEEDS[0]])


def test_an_epoch_takes_another_name_and_says_what_is_lost() -> None:
    origin = f"{ORIGIN}/epoch-2"
    epoch = statements.Epoch(
        origin=origin,
        number=2,
        size=90,
        root=ROOT,
        old=KEYS[0],
        new=statements.named(KEYS[0], origin),
        agreed_size=80,
        lost_size=100,
        lost_root=bytes(32),
    )
    note = statements.sign(statement=epoch, seeds=SEEDS)
    assert statements.is_statement(note)
    assert statements.parse(statements.text_of(note)) == epoch
    standing = statements.stand(present=[KEYS[0]], origin=ORIGIN, statements=[note])
    assert standing.origin == origin
    assert standing.open_checkpoint(checkpoint(91, 0, origin=origin)).size == 91
    with pytest.raises(NoteError):
        standing.open_checkpoint(checkpoint(91, 0))
    lost = TreeHead(ORIGIN, 100, bytes(32))
    assert standing.acknowledges(lost)
    assert not standing.acknowledges(replace(lost, size=80))
    assert not standing.acknowledges(replace(lost, origin=origin))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "one line",
        f"{ORIGIN}\nsomething else\n",
        f"{ORIGIN}\n{statements.ROTATION}\nsize 1\n",
        rotation(0, 1, 10).text().replace("size 10", "size 010"),
        rotation(0, 1, 10).text().replace("size 10", "length 10"),
        rotation(0, 1, 10).text().replace("root ", "root AA"),
        rotation(0, 1, 10).text() + "\n",
    ],
)
def test_another_form_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        statements.parse(text)


def test_a_checkpoint_is_no_statement() -> None:
    assert not statements.is_statement(checkpoint(8, 0))
