"""Which checks there are, how they are run, and what they come to together; pure."""

from collections.abc import Mapping
from typing import Final

from qa.findings.checks import consent, manner, promises, records
from qa.findings.checks.base import Check, Harm, Outcome, skipped
from qa.findings.reading import Reading
from qa.findings.types import CheckResult

#: Raised with every change of a check that counts; a new one begins a new series of verdicts.
RULES_VERSION: Final = 1
RULES_SERIES: Final = f"rules/{RULES_VERSION}"
#: A conversation longer than this is not read; people do.
MOST_CHARACTERS: Final = 400_000
#: So many places of one check are kept of one interaction.
MOST_SPOTTED: Final = 20
#: More findings of medium harm than this, and an interaction would not pass.
MOST_MEDIUM: Final = 1

CHECKS: Final[tuple[Check, ...]] = (
    Check("promise_kept", 1, Harm.HIGH, "told_what_happened", promises.find_broken_promises),
    Check("yes_before_act", 1, Harm.HIGH, "yes_before_change", consent.find_acts_without_yes),
    Check("verified_first", 1, Harm.HIGH, "identity_confirmed", consent.find_early_account_data),
    Check("personal_data", 1, Harm.HIGH, "", records.find_exposed_data),
    Check("amount_recorded", 1, Harm.HIGH, "told_what_happened", promises.find_wrong_amounts),
    Check("told_it_is_ai", 1, Harm.MEDIUM, "", consent.find_missing_disclosure),
    Check("terms_of_policy", 1, Harm.MEDIUM, "policy_followed", records.find_contradicted_terms),
    Check("asked_again", 1, Harm.LOW, "nothing_asked_twice", manner.find_asking_again),
    Check("closing", 1, Harm.LOW, "next_step_known", manner.find_missing_closing),
    Check("tone", 1, Harm.LOW, "tone", manner.find_rude_words),
)
BY_KEY: Final[Mapping[str, Check]] = {check.key: check for check in CHECKS}


def run_checks(reading: Reading) -> dict[str, Outcome]:
    """Return what every check says of an interaction, by its key.

    What cannot be read is skipped by all of them, with the reason.
    """
    why = why_unreadable(reading)
    if why:
        return {check.key: skipped(why) for check in CHECKS}
    return {check.key: check.run(reading) for check in CHECKS}


def why_unreadable(reading: Reading) -> str:
    """Return a code for why an interaction cannot be read; empty where it can."""
    if reading.erased:
        return "erased"
    if not any(one.text.strip() for one in reading.messages):
        return "no_transcript"
    if sum(len(one.text) for one in (*reading.messages, *reading.before)) > MOST_CHARACTERS:
        return "too_long"
    return ""


def would_pass(outcomes: Mapping[str, Outcome]) -> bool | None:
    """Return whether the checks together would pass an interaction; None where none could look.

    One finding of high harm fails it, as a critical question does, and so do two checks of
    medium harm; low harm never does.
    """
    if all(one.result is CheckResult.SKIPPED for one in outcomes.values()):
        return None
    harms = [BY_KEY[key].harm for key, one in outcomes.items() if one.result is CheckResult.FOUND]
    return Harm.HIGH not in harms and harms.count(Harm.MEDIUM) <= MOST_MEDIUM
