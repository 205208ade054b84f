"""Who was asked what before something happened: disclosure, identity, and an explicit yes; pure."""

import re
from datetime import datetime
from typing import Final

from orchestra.core.personal.finding import find_personal
from qa.findings.checks.base import Outcome, Spotted, does_not_apply, judged
from qa.findings.checks.words import says_yes
from qa.findings.reading import Beside, CallSeen, Reading, Span, Utterance, leaves, sentences

#: Names in an answer behind which data of an account stands.
_OF_ACCOUNT: Final = re.compile(
    r"e-?mail|phone|address|zip|postal|payment|balance|last_?four|order_?id|account|first_name|"
    r"last_name|birth",
    re.IGNORECASE,
)
#: Values shorter than this are too common to say where they come from.
_LEAST: Final = 5
_SAYS_AI: Final = re.compile(
    r"\b(?:an? |your |the )?(?:(?:ai|virtual|automated|digital)[ -](?:assistant|agent|system)|"
    r"chat ?bot|artificial intelligence)\b|\b(?:I am|I['\u2019]m|you are talking to|"
    r"you are chatting with) an? (?:AI|bot|machine)\b",
    re.IGNORECASE,
)


def find_missing_disclosure(reading: Reading) -> Outcome:
    """Find a contact in which an AI spoke without the customer being told so with its first words.

    Told is a reviewed text on record, or the AI's own words; those of anybody else do not count.
    """
    first = next((one for one in reading.messages if one.speaker == "ai"), None)
    if first is None:
        return does_not_apply("no_ai_spoke")
    if not first.text:
        return does_not_apply("no_words")
    on_record = reading.disclosed_at is not None and reading.disclosed_at <= first.at
    if on_record or _SAYS_AI.search(first.text):
        return judged([])
    return judged([Spotted((Span(first.id, 0, len(first.text)),), (), "not_told")])


def find_early_account_data(reading: Reading) -> Outcome:
    """Find values of an account that were told before the customer was known.

    A value counts where it stands in the answer of a call that does not itself identify, and
    the customer had not said it first.
    """
    calls = [one for one in reading.calls if one.done and not one.identifies and one.result]
    values = {call.id: _account_values(call) for call in calls}
    if not any(values.values()):
        return does_not_apply("no_account_data")
    found = []
    for said in reading.answers:
        if reading.verified_at is not None and reading.verified_at <= said.at:
            break
        known = _said_before(reading, said.at)
        for call in calls:
            if call.settled_at is None or call.settled_at > said.at:
                continue
            found += _told(said, call, values[call.id], known)
    return judged(found)


def find_acts_without_yes(reading: Reading) -> Outcome:
    """Find changes an AI proposed though the customer's last words before it were no yes.

    The yes must answer somebody: words that came before anything was listed are a request.
    """
    calls = [one for one in reading.calls if one.writes and one.by_agent and not one.hands_off]
    began = reading.messages[0].at
    calls = [one for one in calls if one.at >= began and one.done]
    if not calls:
        return does_not_apply("nothing_changed")
    return judged([one for call in calls for one in _without_yes(reading, call)])


def _without_yes(reading: Reading, call: CallSeen) -> list[Spotted]:
    before = [one for one in reading.messages if one.at <= call.at and one.text.strip()]
    last = next((one for one in reversed(before) if one.by_customer), None)
    if last is None:
        return []
    listed = any(not one.by_customer and one.at <= last.at for one in before)
    if listed and says_yes(last.text):
        return []
    beside = (Beside("tool_call", call.id, call.tool),)
    span = Span(last.id, *_last_sentence(last.text))
    return [Spotted((span,), beside, "no_yes" if listed else "nothing_listed")]


def _account_values(call: CallSeen) -> frozenset[str]:
    found = set()
    for key, value in leaves(call.result):
        text = str(value).strip()
        if len(text) < _LEAST or not re.search(r"\d|@", text):
            continue
        if _OF_ACCOUNT.search(key) or find_personal(text):
            found.add(text)
    return frozenset(found)


def _said_before(reading: Reading, at: datetime) -> str:
    told = [*reading.before, *reading.messages]
    return "\n".join(one.text for one in told if one.by_customer and one.at <= at).casefold()


def _told(said: Utterance, call: CallSeen, values: frozenset[str], known: str) -> list[Spotted]:
    found = []
    for value in sorted(values):
        match = re.search(rf"(?<!\w){re.escape(value)}(?!\w)", said.text, re.IGNORECASE)
        if match and value.casefold() not in known:
            span = Span(said.id, match.start(), match.end())
            beside = (Beside("tool_call", call.id, call.tool),)
            found.append(Spotted((span,), beside, "before_verification"))
    return found


def _last_sentence(text: str) -> tuple[int, int]:
    """Return the last sentence of a text, which is what the act followed."""
    *_before, last = sentences(text)
    return last
