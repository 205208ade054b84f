"""Rows to begin with: an empty one of each kind, and rows that most tables need."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Json = Any

_NEW: Final[Mapping[str, dict[str, Json]]] = {
    "rules": {"id": "row", "title": "", "reason": "", "when": [{"fact": ""}], "outcome": "deny"},
    "limits": {
        "key": "limit",
        "title": "",
        "reason": "",
        "measure": "count",
        "per": "customer",
        "window_hours": 24,
        "at_most": "",
        "outcome": "approve",
    },
    "invariants": {
        "id": "promise",
        "title": "",
        "when": [{"fact": ""}],
        "then": {"outcome": "approve"},
    },
}


def new_row(group: str) -> dict[str, Json]:
    """Return an unfinished row of a group."""
    return copy.deepcopy(_NEW[group])


@dataclass(frozen=True, slots=True)
class Model:
    """A row that is finished but for its amounts; everything in it can be changed.

    Attributes:
        words: What it is, for the list one chooses from.
        title: What it says should hold.
        reason: What it tells whoever is stopped.
        fields: The rest of the row.
    """

    words: Promise
    title: Promise
    reason: Promise
    fields: Mapping[str, Json]

    def row(self) -> dict[str, Json]:
        """Return the row, in the language of whoever adds it."""
        return {
            "title": str(self.title),
            "reason": str(self.reason),
            **copy.deepcopy(dict(self.fields)),
        }


MODELS: Final[Mapping[str, Model]] = {
    "vote_above": Model(
        words=_("A vote above an amount"),
        title=_("Above this amount a person looks"),
        reason=_("Above this amount a person looks before money moves."),
        fields={
            "id": "vote_above",
            "when": [{"fact": "amount_minor", "above": ""}],
            "outcome": "approve",
            "obligations": {"votes": 1, "roles": ["supervisor"], "deadline_minutes": 30},
        },
    ),
    "two_roles": Model(
        words=_("Two votes from different roles above an amount"),
        title=_("Above this amount two people look"),
        reason=_("Two different roles, so one mistake is not enough."),
        fields={
            "id": "two_roles",
            "when": [{"fact": "amount_minor", "above": ""}],
            "outcome": "approve",
            "obligations": {
                "votes": 2,
                "roles": ["specialist", "supervisor"],
                "distinct_roles": True,
                "step_up": True,
                "deadline_minutes": 60,
            },
        },
    ),
    "verified_first": Model(
        words=_("The customer is verified first"),
        title=_("The customer is verified"),
        reason=_("Who asks is not known yet."),
        fields={
            "id": "verified_first",
            "when": [{"fact": "verification", "in": ["none", "claimed"]}],
            "outcome": "verify",
            "obligations": {"verification": "basic"},
        },
    ),
    "confirmed_first": Model(
        words=_("The customer says yes before a change"),
        title=_("The customer has said yes"),
        reason=_("List what will change and obtain the yes before any update."),
        fields={
            "id": "confirmed_first",
            "when": [
                {"fact": "effect", "is": "write"},
                {"fact": "customer_confirmed", "is": False},
            ],
            "outcome": "verify",
        },
    ),
    "unsure": Model(
        words=_("A specialist where the AI is unsure"),
        title=_("The AI is sure"),
        reason=_("A guess is not a reason to change an order."),
        fields={
            "id": "unsure",
            "when": [{"fact": "confidence", "below": 0.8}],
            "outcome": "specialist",
        },
    ),
    "flagged": Model(
        words=_("A specialist where fraud is suspected"),
        title=_("No fraud is suspected"),
        reason=_("Flags are cleared by a person with a reason, never by the AI."),
        fields={
            "id": "flagged",
            "when": [{"fact": "risk_flags", "contains": "fraud"}],
            "outcome": "specialist",
        },
    ),
    "refused_often": Model(
        words=_("A specialist after several refusals"),
        title=_("Not refused again and again"),
        reason=_("Several refusals in one case need a person."),
        fields={
            "id": "refused_often",
            "when": [{"fact": "earlier_refusals", "at_least": 3}],
            "outcome": "specialist",
        },
    ),
}
