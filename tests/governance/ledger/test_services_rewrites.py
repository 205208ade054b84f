"""History rewritten or cut off by someone who holds the signing key.

The database alone cannot tell; whoever holds an older checkpoint can, be it the file outside
or a note in an auditor's hand.
"""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from governance.ledger import notes, selectors, services
from governance.ledger.models import Checkpoint
from governance.ledger.types import ProblemKind
from tests.factories.ledger import AT, make_entries, without_guards
from tests.governance.ledger.rewriting import rewrite, truncate
from tests.progress import Progress

IS_PROOF = os.environ.get("ORCHESTRA_PROOF") == "ledger-rewrites"
EACH, SLICE, CHUNK = 100, 3, 10
ROUNDS = 6

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def auditor() -> notes.TreeHead:
    """What an auditor noted some time ago: the checkpoint before the last two."""
    for number in range(ROUNDS):
        make_entries(5 + number)
        services.sequence(now=AT)
    services.sequence(now=AT)
    assert services.verify(now=AT).ok
    note = Checkpoint.objects.order_by("-size")[2].note
    return notes.parse_checkpoint(notes.open_note(note, [services.published_key()]).text)


@contextmanager
def tampered(act: Callable[[int], None], at: int) -> Iterator[None]:
    """Tamper for the length of a block."""
    with transaction.atomic():
        with without_guards():
            act(at)
        yield
        transaction.set_rollback(True)


@contextmanager
def no_file(settings: Any) -> Iterator[None]:
    """Ask nothing outside the database for the length of a block."""
    kept, settings.LEDGER_CHECKPOINT_FILE = settings.LEDGER_CHECKPOINT_FILE, ""
    try:
        yield
    finally:
        settings.LEDGER_CHECKPOINT_FILE = kept


def verify_without_file(settings: Any) -> bool:
    """Whether the database alone looks clean; what this writes is taken back."""
    with no_file(settings):
        point = transaction.savepoint()
        report = services.verify(now=AT)
        transaction.savepoint_rollback(point)
    assert report.ok, report.problems
    return report.ok


def auditor_agrees(head: notes.TreeHead) -> bool:
    """Whether the ledger still has the root that an auditor noted."""
    return head.size <= selectors.tree_size() and selectors.root_at(size=head.size) == head.root


def try_rewrite(seed: int, auditor: notes.TreeHead, settings: Any) -> Counter[str]:
    start = random.Random(f"rewrite {seed}").randrange(auditor.size)  # noqa: S311  a seeded place
    assert auditor_agrees(auditor)
    with tampered(rewrite, start):
        assert verify_without_file(settings)
        assert not auditor_agrees(auditor)
        found = {problem.kind for problem in services.verify(now=AT).problems}
        assert found == {ProblemKind.OUTSIDE_DIFFERS, ProblemKind.SEQUENCER_STOPPED}
    return Counter(rewrites=1)


def try_truncation(seed: int, auditor: notes.TreeHead, settings: Any) -> Counter[str]:
    size = random.Random(f"cut {seed}").randrange(auditor.size)  # noqa: S311  a seeded place
    assert auditor_agrees(auditor)
    with tampered(truncate, size):
        point = transaction.savepoint()
        found = {problem.kind for problem in services.verify(now=AT).problems}
        transaction.savepoint_rollback(point)
        assert ProblemKind.TRUNCATED in found
        assert not auditor_agrees(auditor)
        assert verify_without_file(settings)
        # Grown again beyond what was signed, it is another history: one that signs for itself
        # only where nothing outside the database is asked.
        make_entries(60)
        with no_file(settings):
            services.sequence(now=AT)
        assert selectors.tree_size() > auditor.size
        assert not auditor_agrees(auditor)
        found = {problem.kind for problem in services.verify(now=AT).problems}
        assert ProblemKind.OUTSIDE_DIFFERS in found
    return Counter(truncations=1)


def test_an_older_checkpoint_catches_whoever_holds_the_key(
    auditor: notes.TreeHead, settings: Any
) -> None:
    if not IS_PROOF:
        for seed in range(SLICE):
            try_rewrite(seed, auditor, settings)
            try_truncation(seed, auditor, settings)
        return
    progress = Progress("ledger-rewrites", target=2 * EACH, unit="rewrites and truncations")
    while (chunk := progress.next_chunk()) is not None:
        facts: Counter[str] = Counter()
        for seed in range((chunk - 1) * CHUNK, chunk * CHUNK):
            facts += try_rewrite(seed, auditor, settings)
            facts += try_truncation(seed, auditor, settings)
        progress.finish(chunk, count=facts.total(), facts=dict(facts))
    assert progress.is_complete or progress.is_out_of_time
