"""Whether what was said to be done was done: verbs and amounts against tool calls; pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from qa.findings.checks.base import Outcome, Spotted, does_not_apply, judged
from qa.findings.checks.words import MONEY, amounts_of, cents, content
from qa.findings.reading import Beside, CallSeen, Reading, Span, Utterance, leaves, sentences

#: What was said to be done, to the parts of a tool's name that can have done it.
FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "cancel": ("cancel", "terminate", "close"),
    "refund": ("refund", "return", "cancel", "credit", "reimburse", "modify", "exchange"),
    "return": ("return",),
    "exchange": ("exchange", "replace", "swap"),
    "remove": ("remove", "delete", "modify", "update", "cancel"),
    "change": ("modify", "update", "change", "set", "edit", "exchange", "address", "payment"),
    "book": ("book", "schedule", "appoint", "reserve", "slot"),
    "block": ("block", "freeze", "suspend", "lock"),
    "pay": ("pay", "charge", "transfer"),
}
_DONE = {
    "cancel": r"cancell?ed",
    "refund": r"refunded|reimbursed|credited",
    "return": r"returned",
    "exchange": r"exchanged|replaced|swapped",
    "remove": r"removed|deleted",
    "change": r"updated|changed|modified",
    "book": r"booked|scheduled|rescheduled|reserved",
    "block": r"blocked|frozen|suspended",
    "pay": r"charged",
}
_VERB = "|".join(f"(?P<{family}>{words})" for family, words in _DONE.items())
_NOW = r"(?:now |just |successfully |already |also |indeed )*"
#: "I have cancelled", "has been cancelled", "is now cancelled", "was successfully removed".
_CLAIM = re.compile(
    rf"(?:\b(?:I|we)(?:'ve|\u2019ve| have)? {_NOW}(?:{_VERB})\b)",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r"\b(?:ha(?:s|ve) (?:now |just |already )?been|(?:is|are|was|were) (?:now|successfully))"
    rf" {_NOW}(?:{_VERB})\b",
    re.IGNORECASE,
)
#: What makes a sentence something else than a claim that it is done.
_NOT_DONE = re.compile(
    r"n['\u2019]t\b|\b(?:not|cannot|if|once|when|whether|unless|before|until|would|could|should|"
    r"can be|may be|might|must|unable|only)\b|\?\s*$",
    re.IGNORECASE,
)


def find_broken_promises(reading: Reading) -> Outcome:
    """Find what is said to be done though no call that did it had ended well by then.

    A removal needs the thing gone from the confirming answer besides. What no tool of the case
    can have done is told apart by the tool's name, so a tool whose name says nothing of what it
    does confirms nothing.
    """
    claims = list(_claims(reading))
    if not claims:
        return does_not_apply("no_claim")
    found = []
    for said, start, end, family in claims:
        calls = _calls_of(family, reading.calls, said)
        span = (Span(said.id, start, end),)
        if not calls:
            tried = [one for one in reading.calls if one.writes and _fits(family, one)]
            detail = "call_did_not_succeed" if tried else "no_call"
            found.append(Spotted(span, _beside(tried[-1:]), detail))
        elif family == "remove" and (kept := _still_there(said.text[start:end], calls[-1])):
            found.append(Spotted(span, _beside([calls[-1]]), kept))
    return judged(found)


def find_wrong_amounts(reading: Reading) -> Outcome:
    """Find amounts that a claim names and that stand in no call and were in no words before.

    Sums and differences of two recorded amounts count as recorded, since people add up.
    """
    claims = [
        (said, start, end, family)
        for said, start, end, family in _claims(reading)
        if MONEY.search(said.text, start, end) and _calls_of(family, reading.calls, said)
    ]
    if not claims:
        return does_not_apply("no_amount_said")
    found = []
    for said, start, end, family in claims:
        calls = [one for one in reading.calls if one.stood_at(said.at)]
        known = amounts_of(calls)
        for amount in MONEY.finditer(said.text, start, end):
            if not _is_known(cents(amount), known):
                span = Span(said.id, amount.start(), amount.end())
                beside = _calls_of(family, reading.calls, said)[-1:]
                found.append(Spotted((span,), _beside(beside), "amount_not_recorded"))
    return judged(found)


def _claims(reading: Reading) -> Iterator[tuple[Utterance, int, int, str]]:
    for said in reading.answers:
        # Few answers claim anything: only those are read sentence by sentence.
        if not (_CLAIM.search(said.text) or _PASSIVE.search(said.text)):
            continue
        for start, end in sentences(said.text):
            text = said.text[start:end]
            match = _CLAIM.search(text) or _PASSIVE.search(text)
            if match and not _NOT_DONE.search(text):
                family = next(name for name, word in match.groupdict().items() if word)
                yield said, start, end, family


def _calls_of(family: str, calls: Sequence[CallSeen], said: Utterance) -> list[CallSeen]:
    return [
        call for call in calls if call.writes and call.stood_at(said.at) and _fits(family, call)
    ]


def _fits(family: str, call: CallSeen) -> bool:
    return any(part in call.tool for part in FAMILIES[family])


def _still_there(claim: str, call: CallSeen) -> str:
    """Return a code where the thing said to be removed still stands in the answer."""
    before = re.split(r"\b(?:has|have|was|were|is|are)\b", claim, maxsplit=1)[0]
    named = content(before)
    if not named:
        return ""
    names = [content(str(value)) for key, value in leaves(call.result) if key == "name"]
    return "still_in_the_record" if any(name and name <= named for name in names) else ""


def _is_known(amount: int, known: frozenset[int]) -> bool:
    if amount in known or amount == 0:
        return True
    return any(abs(amount - one) in known or amount + one in known for one in known)


def _beside(calls: Sequence[CallSeen]) -> tuple[Beside, ...]:
    return tuple(Beside("tool_call", call.id, call.tool) for call in calls)
