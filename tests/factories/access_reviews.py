"""Acts of an access review as tests do them, and what the ledger then says."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from governance.access.models import User
from governance.access_reviews import services
from governance.access_reviews.models import AccessReview, AccessReviewItem
from governance.ledger.models import EntryPayload, LedgerEntry
from orchestra.core import clock
from orchestra.core.errors import OrchestraError


def line(review: AccessReview, start_of_key: str) -> AccessReviewItem:
    return AccessReviewItem.objects.get(review=review, key__startswith=start_of_key)


def of(review: AccessReview, person: User, what: str) -> AccessReviewItem:
    return AccessReviewItem.objects.get(
        review=review, holder_id=str(person.public_id), key__endswith=what
    )


def confirm(actor: User, item: AccessReviewItem, **more: Any) -> AccessReviewItem:
    return services.confirm_grant(
        actor=actor.as_actor(),
        now=clock.now(),
        review_id=item.review.public_id,
        item_id=item.public_id,
        **more,
    )


def revoke(actor: User, item: AccessReviewItem, **more: Any) -> AccessReviewItem:
    return services.revoke_grant(
        actor=actor.as_actor(),
        now=clock.now(),
        review_id=item.review.public_id,
        item_id=item.public_id,
        **{"reason": "Left the team.", **more},
    )


def kinds() -> list[str]:
    return list(LedgerEntry.objects.order_by("id").values_list("kind", flat=True))


def payload(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        bytes(EntryPayload.objects.filter(entry__kind=kind).latest("entry_id").body)
    )
    return found


def refused(act: Callable[[], object], error: type[OrchestraError], code: str) -> OrchestraError:
    """Assert that an act is refused with a code, and that no row and no entry came of it."""
    before = kinds()
    lines = list(AccessReviewItem.objects.order_by("pk").values_list("pk", "state"))
    with pytest.raises(error) as found:
        act()
    assert found.value.error_code == code
    assert kinds() == before
    assert list(AccessReviewItem.objects.order_by("pk").values_list("pk", "state")) == lines
    return found.value


def finish(actor: User, review: AccessReview, left_open: int = 0) -> AccessReview:
    return services.finish_review(
        actor=actor.as_actor(),
        now=clock.now(),
        review_id=review.public_id,
        left_open=left_open,
    )
