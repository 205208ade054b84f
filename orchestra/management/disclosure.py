"""The text by which the demonstration's AI says what it is, reviewed before it speaks."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cases.memory.disclosures import TOPIC
from cases.packs.front_matter import read_article
from cases.packs.services import BUILTIN
from governance.access.models import User
from governance.access.types import StepUpProof
from governance.knowledge.loading import DOCUMENT_KIND
from governance.ledger.services import one_act
from governance.reviews import services as reviews
from governance.reviews.types import Ballot

Json = Any

#: The file of the pack that is loaded later; in force already, it is left as it is.
_FILE: Final[Path] = BUILTIN / "retail" / "articles" / f"{TOPIC}.md"


def read_disclosure() -> dict[str, Json]:
    """Return the article that tells customers of the AI, as the store's pack has it."""
    return dict(read_article(name=_FILE.name, text=_FILE.read_text("utf-8")).value)


@one_act()
def publish_disclosure(*, now: datetime, people: Mapping[str, User]) -> str:
    """Have the text written, approved by somebody else and published.

    Args:
        now: When, UTC.
        people: The demonstration's logins.

    Returns:
        The text that an AI says.
    """
    document = read_disclosure()
    author, reviewer = people["policy"].as_actor(), people["compliance"].as_actor()
    change = reviews.open_change(
        actor=author,
        now=now,
        kind=DOCUMENT_KIND,
        document_key=document["key"],
        title="Tell customers that an AI speaks",
        summary="Before it speaks to anybody.",
        document=document,
    )
    change = reviews.submit(actor=author, now=now, change_id=change.public_id)
    ballot = Ballot(
        digest=change.digest,
        reason="It says what it is, and how to get a person.",
        proof=StepUpProof(at=now, method="test"),
    )
    change = reviews.approve(actor=reviewer, now=now, change_id=change.public_id, ballot=ballot)
    reviews.publish(actor=author, now=now, change_id=change.public_id)
    return str(document["body"])
