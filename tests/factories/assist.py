"""Suggestions as rows."""

from typing import Any

from cases.assist.models import SuggestionRecord
from cases.assist.types import Rests, SuggestionKind
from cases.memory.models import Case, Message
from orchestra.core import clock


def make_suggestion(case: Case, **fields: Any) -> SuggestionRecord:
    """A draft suggested to the customer's last words, without a ledger entry."""
    return SuggestionRecord.objects.create(
        **{
            "case": case,
            "message": Message.objects.filter(case=case, speaker="customer").latest("pk"),
            "kind": SuggestionKind.DRAFT,
            "source_key": "tell",
            "source_label": "Return delivered items",
            "source_number": 1,
            "text": "Your return is requested.",
            "rests": Rests.CONFIRMED,
            "at": clock.now(),
            **fields,
        }
    )
