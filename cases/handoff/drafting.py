"""What an AI drafted and what a person made of it; how long the work after a contact took; pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from difflib import SequenceMatcher

#: Longest summary of how a case ended, in characters.
MAX_SUMMARY = 300
#: Above which after-contact work counts as so much; the excess is kept as ``capped``.
CAP = timedelta(minutes=30)


def share_kept(*, draft: str, sent: str) -> int | None:
    """Return how much of what was sent are the draft's own words, in whole percent.

    Words are compared in their order, whatever their case; a draft kept whole and nothing
    added is 100, a text written anew 0.

    Args:
        draft: What the AI proposed; empty where there was no draft.
        sent: What the person sent.

    Returns:
        0 to 100; None without a draft or without words.
    """
    ours, theirs = sent.casefold().split(), draft.casefold().split()
    if not ours or not theirs:
        return None
    blocks = SequenceMatcher(None, theirs, ours, autojunk=False).get_matching_blocks()
    return round(100 * sum(block.size for block in blocks) / len(ours))


def draft_summary(
    *, intent: str, done: Sequence[str], refused: Sequence[str], reason: str = ""
) -> str:
    """Return a first wording of how a case went, for a person to correct and sign.

    It says what the record shows and nothing about how the customer felt.

    Args:
        intent: The need in words; empty where it is not known.
        done: Titles of the writes that were carried out, oldest first.
        refused: Titles of what was refused or failed.
        reason: Why the case came to a person, in words.
    """
    parts = [f"The customer wanted: {intent.rstrip('.')}." if intent else ""]
    parts.append(f"Done: {'; '.join(dict.fromkeys(done))}." if done else "Nothing was changed.")
    parts.append(f"Not done: {'; '.join(dict.fromkeys(refused))}." if refused else "")
    parts.append(f"A person took over: {reason}." if reason else "")
    text = " ".join(part for part in parts if part)
    return text if len(text) <= MAX_SUMMARY else f"{text[: MAX_SUMMARY - 1].rstrip()}…"


def after_contact(*, last_said_at: datetime | None, now: datetime) -> tuple[int, bool] | None:
    """Return the seconds of work after the last word with the customer, and whether capped.

    Nobody starts or stops it: it runs from the last utterance to the wrap-up.

    Args:
        last_said_at: When customer or person spoke last; None where nobody did.
        now: When the wrap-up is signed.

    Returns:
        None where nobody spoke: that is not applicable, not nothing.

    Source:
        After-contact work, end of wrap minus the last customer-visible exchange, capped at
        30 minutes.
    """
    if last_said_at is None:
        return None
    lasted = max(now - last_said_at, timedelta(0))
    return int(min(lasted, CAP).total_seconds()), lasted > CAP
