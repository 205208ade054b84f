"""What may follow what in the life of a governed document."""

import pytest

from governance.reviews.rules import document_digest, may_move
from governance.reviews.types import DocumentState as S

ALLOWED = {
    (S.DRAFT, S.SUBMITTED),
    (S.SUBMITTED, S.DRAFT),
    (S.SUBMITTED, S.APPROVED),
    (S.APPROVED, S.DRAFT),
    (S.APPROVED, S.PUBLISHED),
    (S.PUBLISHED, S.RETIRED),
}


@pytest.mark.parametrize("present", S)
@pytest.mark.parametrize("wanted", S)
def test_moves(present: S, wanted: S) -> None:
    assert may_move(present=present, wanted=wanted) is ((present, wanted) in ALLOWED)


def test_a_digest_names_kind_and_text() -> None:
    one = document_digest(kind="policy", document={"a": 1, "b": 2})
    assert one == document_digest(kind="policy", document={"b": 2, "a": 1})
    assert one != document_digest(kind="cue_sheet", document={"a": 1, "b": 2})
    assert one != document_digest(kind="policy", document={"a": 1, "b": 3})
