"""Rotation: both lines for a time, old checkpoints good for ever, nothing changed in silence."""

from datetime import timedelta
from typing import Any

import pytest

from governance.ledger import notes, selectors, services
from governance.ledger.models import Checkpoint, LedgerEntry, LedgerStatement
from governance.ledger.types import DamagedLedgerError
from orchestra.core import actors
from orchestra.core.errors import ConflictError, InvalidInputError
from tests.factories.ledger import AT, make_entries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signed")]

OPERATOR = actors.system("command")
NEXT = bytes([7]) * 32


@pytest.fixture
def signed(settings: Any) -> str:
    """A ledger with one checkpoint; return its note."""
    make_entries(3)
    services.sequence(now=AT)
    settings.LEDGER_NEXT_KEY = NEXT.hex()
    return Checkpoint.objects.get().note


def rotate(days: int = 30) -> None:
    services.rotate_key(actor=OPERATOR, now=AT, reason="yearly change", overlap_days=days)


def next_note(**later: float) -> str:
    make_entries(1)
    services.sequence(now=AT + timedelta(**later))
    last = selectors.latest_checkpoint()
    assert last is not None
    return last.note


def test_both_keys_sign_until_the_overlap_ends(signed: str) -> None:
    old = services.published_key()
    rotate()
    new = services.published_key()
    assert new == notes.log_key(name=services.log_origin(), seed=NEXT)
    both = next_note(days=29)
    assert notes.open_note(both, [old, new]).signed_by == (new, old)
    assert notes.open_note(both, [old]).signed_by == (old,)
    alone = next_note(days=31)
    assert notes.open_note(alone, [old, new]).signed_by == (new,)
    assert notes.open_note(signed, [old]).signed_by == (old,)
    assert services.current_standing().keys() == [new, old]
    assert services.verify(now=AT).ok


def test_the_old_private_key_may_go_after_the_rotation(signed: str, settings: Any) -> None:
    rotate()
    next_note()
    settings.LEDGER_SIGNING_KEY, settings.LEDGER_NEXT_KEY = NEXT.hex(), ""
    next_note()
    report = services.verify(now=AT)
    assert report.ok, report.problems
    assert services.current_standing().open_checkpoint(signed).size == 3


def test_a_leaked_key_signs_no_more_from_the_rotation_on() -> None:
    old = services.published_key()
    rotate(days=0)
    with pytest.raises(notes.NoteError):
        notes.open_note(next_note(), [old])
    head = notes.TreeHead(old.name, 99, bytes(32))
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    forged = notes.sign_note(text=head.text(), name=old.name, seed=seed)
    with pytest.raises(notes.NoteError, match="not in force"):
        services.current_standing().open_checkpoint(forged)


def test_a_rotation_is_an_entry_and_the_leaf_holds_no_key() -> None:
    rotate()
    entry = LedgerEntry.objects.get(kind="key.rotated")
    payload = selectors.payload_of(entry=entry)
    assert payload is not None
    assert (payload["reason"], payload["size"]) == ("yearly change", 3)
    assert payload["new"] == services.published_key().text()
    assert b"yearly" not in bytes(entry.leaf_bytes)


def test_no_other_key_at_hand_changes_nothing(settings: Any) -> None:
    settings.LEDGER_NEXT_KEY = ""
    with pytest.raises(ConflictError, match="No new key is at hand"):
        rotate()
    assert not LedgerStatement.objects.exists()
    assert not LedgerEntry.objects.filter(kind="key.rotated").exists()


def test_a_key_that_signed_nothing_yet_is_not_rotated_away(settings: Any) -> None:
    rotate()
    settings.LEDGER_SIGNING_KEY, settings.LEDGER_NEXT_KEY = NEXT.hex(), (bytes([8]) * 32).hex()
    with pytest.raises(ConflictError, match="signed no checkpoint yet"):
        rotate()
    assert LedgerStatement.objects.count() == 1


@pytest.mark.parametrize(("reason", "days"), [(" ", 30), ("x" * 501, 30), ("ok", -1), ("ok", 400)])
def test_bad_input_changes_nothing(reason: str, days: int) -> None:
    with pytest.raises(InvalidInputError):
        services.rotate_key(actor=OPERATOR, now=AT, reason=reason, overlap_days=days)
    assert not LedgerStatement.objects.exists()


def test_a_process_without_the_key_in_force_signs_nothing(settings: Any) -> None:
    rotate()
    settings.LEDGER_NEXT_KEY = ""
    make_entries(1)
    with pytest.raises(DamagedLedgerError, match="not at hand"):
        services.sequence(now=AT)
    assert Checkpoint.objects.count() == 1


def test_a_key_replaced_without_a_rotation_signs_nothing(settings: Any) -> None:
    settings.LEDGER_SIGNING_KEY, settings.LEDGER_NEXT_KEY = NEXT.hex(), ""
    make_entries(1)
    with pytest.raises(DamagedLedgerError, match="ledger rotate"):
        services.sequence(now=AT)
    assert Checkpoint.objects.count() == 1
