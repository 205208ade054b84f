"""Read cases, take people's word for it, learn from that, and put versions into force."""

from cases.intake.services.classifying import UNKNOWN, classify_case, hear
from cases.intake.services.holding import (
    UNCONFIRMED,
    hold_locked,
    refuse_held,
    release_locked,
)
from cases.intake.services.learning import ask_training, train_due
from cases.intake.services.prioritising import set_priority
from cases.intake.services.publishing import find_errors, publish_classifier, retire_classifier
from cases.intake.services.settling import settle_intent
from cases.intake.services.suggesting import suggest_intent
from cases.intake.services.tabling import find_table_errors, publish_table, retire_table

__all__ = [
    "UNCONFIRMED",
    "UNKNOWN",
    "ask_training",
    "classify_case",
    "find_errors",
    "find_table_errors",
    "hear",
    "hold_locked",
    "publish_classifier",
    "publish_table",
    "refuse_held",
    "release_locked",
    "retire_classifier",
    "retire_table",
    "set_priority",
    "settle_intent",
    "suggest_intent",
    "train_due",
]
