"""Identifiers, priority, risk flags and bands, each with the words it leaned on; pure."""

import re
from collections.abc import Iterable, Mapping

from cases.intake.types import (
    Band,
    Bands,
    Degree,
    Entity,
    EntityKind,
    FlagFound,
    PriorityFound,
    RiskFlag,
)
from cases.memory.courtesies import says_nothing
from orchestra.core.redaction import passes_luhn

#: What a pattern stands for, how its value is written, tried in this order: a stretch of text
#: that one pattern took is not read again by a later one.
_ENTITIES: tuple[tuple[EntityKind, re.Pattern[str]], ...] = (
    (
        EntityKind.EMAIL,
        re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24}\b"),
    ),
    (EntityKind.ORDER_ID, re.compile(r"#[A-Za-z]{0,3}\d{3,12}\b|\b[Ww]\d{7}\b")),
    (EntityKind.PAYMENT_METHOD, re.compile(r"\b(?:credit_card|gift_card|paypal)_\d{4,10}\b")),
    (EntityKind.USER_ID, re.compile(r"\b[a-z]{2,30}_[a-z]{2,30}_\d{3,6}\b")),
    (EntityKind.ITEM_ID, re.compile(r"(?<![\w#+.-])\d{10}(?![\w-])")),
    (
        EntityKind.PHONE,
        re.compile(r"(?<![\w#])(?:\+\d{1,3}[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}\b"),
    ),
    (
        EntityKind.ZIP,
        re.compile(
            r"(?:\bzip(?:[ -]?code)?(?: is| was|:)? |, |\b[A-Z]{2},? )(?P<value>\d{5})"
            r"(?![\w-]|, ?\d)",
        ),
    ),
)

_FLAGS: Mapping[RiskFlag, re.Pattern[str]] = {
    flag: re.compile(pattern, re.IGNORECASE)
    for flag, pattern in {
        RiskFlag.FRAUD: (
            r"\bfraud\w*|\bunauthori[sz]ed\b|\bidentity theft\b|\bscam\w*|\bphishing\b|\bhacked\b"
            r"|\bstolen (?:card|credit card|account|identity)\b|\bsome(?:one|body) (?:else )?"
            r"(?:used|stole|hacked|has used|is using|got into) my\b"
            r"|\b(?:did(?:n.?t| not)|never) (?:make|place|authori[sz]e|order)"
            r" (?:this|that|these|the)\b"
            r"|\bdo(?:n.?t| not) recogni[sz]e (?:this|that|the|these)\b"
        ),
        RiskFlag.LEGAL_THREAT: (
            r"\blawyers?\b|\battorneys?\b|\bsue\b|\bsuing\b|\blawsuit\b|\blegal action\b"
            r"|\bsmall claims\b|\b(?:take|see) you (?:to|in) court\b|\bsolicitors?\b"
        ),
        RiskFlag.REGULATOR: (
            r"\bregulators?\b|\bombudsman\b|\bconsumer protection\b|\bbetter business bureau\b"
            r"|\battorney general\b|\bdata protection authority\b|\btrading standards\b"
            r"|\bFTC\b|\bCFPB\b|\bBBB\b"
        ),
        RiskFlag.SAFETY: (
            r"\bcaught fire\b|\bexplod\w+|\belectric shock\b|\bburn(?:ed|t) (?:me|my|him|her|our)\b"
            r"|\binjur(?:y|ies|ed)\b|\bsmok(?:e|ing) (?:came|coming|from)\b|\bgas leak\b"
        ),
        RiskFlag.VULNERABILITY: (
            r"\bsuicid\w+|\bkill myself\b|\bharm myself\b|\bself[- ]harm\b|\bterminally ill\b"
            r"|\bin (?:the )?hospital\b|\bdementia\b|\bdisab(?:led|ility)\b|\bwheelchair\b"
            r"|\blost my job\b|\bcan(?:.?t|not) afford (?:food|rent|my rent|medicine)\b"
            r"|\bfinancial (?:hardship|difficult\w+|issues?)\b|\bdomestic violence\b"
        ),
        RiskFlag.BEREAVEMENT: (
            r"\bpassed away\b|\bdeceased\b|\bfuneral\b|\bbereave\w*"
            r"|\bmy (?:late )?(?:husband|wife|mother|father|son|daughter|brother|sister|mom|dad"
            r"|partner) (?:has |just )?died\b|\bmy late (?:husband|wife|mother|father|partner)\b"
        ),
        RiskFlag.MINOR: (
            r"\bI(?: a|.)?m (?:only )?(?:[6-9]|1[0-7])(?: years? old|,| and\b)|\bunderage\b"
            r"|\bmy parents do(?:n.?t| not) know\b|\bI(?: a|.)?m (?:still )?a minor\b"
        ),
        RiskFlag.COMPLAINT: (
            r"\bcomplain\w*|\bunacceptable\b|\bworst\b|\bridiculous\b|\boutrageous\b|\bfed up\b"
            r"|\bterrible (?:service|quality|experience)\b|\bangry\b|\bfurious\b"
            r"|\b(?:very|really|so) (?:disappointed|upset|unhappy)\b|\bbad review\b"
        ),
        RiskFlag.ABUSE: (
            r"\bidiots?\b|\bmorons?\b|\bstupid (?:bot|agent|company|people|machine)\b|\bfuck\w*"
            r"|\bshit\w*|\bbastards?\b|\bassholes?\b|\bshut up\b|\bbullshit\b"
            r"|\bI(?: wi|.)?ll (?:find|hurt|kill) you\b"
        ),
        RiskFlag.ASKED_FOR_HUMAN: (
            r"\bhuman (?:agent|being|representative|person|operator|please)\b|\breal person\b"
            r"|\blive (?:agent|person)\b|\b(?:to|with|get me|ask for|asking for) a human\b"
            r"|\b(?:speak|talk|transfer|connect|put)\w*(?: me)?(?: through)? (?:to|with) "
            r"(?:a|an|your|the|some|someone|somebody)\b(?: \w+){0,2}? ?"
            r"(?:human|person|representative|manager|supervisor|agent|someone|somebody)\b"
            r"|\bnot (?:want )?(?:to )?(?:talk|speak) to a (?:bot|machine|robot)\b"
        ),
        RiskFlag.REPEATED_CONTACT: (
            r"\b(?:second|third|fourth|fifth|2nd|3rd|4th|5th) time (?:I|that I|we)\b"
            r"|\balready (?:called|contacted|told|wrote|written|explained|complained)\b"
            r"|\bhow many times\b|\bkeep (?:calling|asking|writing|explaining)\b"
            r"|\b(?:called|contacted|wrote) (?:you )?(?:before|yesterday|last week|again|twice)\b"
        ),
    }.items()
}
_CARD = re.compile(r"(?<![\w#-])\d(?:[ -]?\d){12,18}(?![\w-])")
_CARD_SECRET = re.compile(
    r"\b(?:cvv2?|cvc2?|security code|pin)(?: code| number)?(?: is|:)? ?\d{3,6}\b", re.I
)

_URGENT = re.compile(
    r"\burgent\w*|\basap\b|\bas soon as possible\b|\bimmediately\b|\bright (?:now|away)\b"
    r"|\bemergency\b|\bin a (?:rush|hurry)\b|\b(?:by|before) (?:today|tonight|tomorrow)\b",
    re.IGNORECASE,
)
_CAN_WAIT = re.compile(
    r"\bnot urgent\b|\bno (?:rush|hurry)\b|\bwhenever (?:you|it)\b|\bjust (?:curious|wondering)\b",
    re.IGNORECASE,
)
_WIDE = re.compile(
    r"\b(?:all|both|every|each)(?: of)?(?: my| the| our)?(?: \w+)? orders?\b|\beverything\b"
    r"|\bwhole order\b|\bentire order\b|\bwedding\b|\bfor my (?:business|company)\b",
    re.IGNORECASE,
)
#: Flags that make the impact high by themselves.
_GRAVE = frozenset(
    {
        RiskFlag.FRAUD,
        RiskFlag.LEGAL_THREAT,
        RiskFlag.REGULATOR,
        RiskFlag.SAFETY,
        RiskFlag.VULNERABILITY,
        RiskFlag.BEREAVEMENT,
        RiskFlag.MINOR,
        RiskFlag.PAYMENT_DATA,
    }
)
_MOST_WORDS = 5


def extract_entities(text: str) -> tuple[Entity, ...]:
    """Return the identifiers a text names, in their order, each value once per kind.

    Args:
        text: What the customer said.
    """
    found: dict[tuple[EntityKind, str], Entity] = {}
    taken: list[tuple[int, int]] = []
    for kind, pattern in _ENTITIES:
        group: str | int = "value" if "value" in pattern.groupindex else 0
        for match in pattern.finditer(text):
            start, end = match.span(group)
            if any(start < other_end and other < end for other, other_end in taken):
                continue
            taken.append((start, end))
            words = match[group]
            value = _normal(kind, words)
            found.setdefault((kind, value), Entity(kind, value, words, start))
    return tuple(sorted(found.values(), key=lambda entity: entity.start))


def _normal(kind: EntityKind, words: str) -> str:
    if kind is EntityKind.ORDER_ID:
        return "#" + words.removeprefix("#").upper()
    return words.lower() if kind is EntityKind.EMAIL else words


def find_flags(text: str) -> tuple[FlagFound, ...]:
    """Return the risk flags a text raises, with the words that raised each.

    Nothing in a text takes a flag away: what it denies or plays down still raises it.
    """
    found = [
        FlagFound(flag, words)
        for flag, pattern in _FLAGS.items()
        if (words := _words(pattern.finditer(text)))
    ]
    secrets = _card_words(text)
    if secrets:
        found.append(FlagFound(RiskFlag.PAYMENT_DATA, secrets))
    return tuple(sorted(found, key=lambda item: list(RiskFlag).index(item.flag)))


def _card_words(text: str) -> tuple[str, ...]:
    cards = [
        "card number"
        for match in _CARD.finditer(text)
        if passes_luhn("".join(sign for sign in match[0] if sign.isdigit()))
    ]
    # The words would repeat the secret, so only what kind of secret it is gets recorded.
    codes = ["card security code" for _ in _CARD_SECRET.finditer(text)]
    return tuple(dict.fromkeys([*cards, *codes]))


def find_priority(text: str, flags: Iterable[FlagFound]) -> PriorityFound:
    """Return the order of work: impact and urgency from 1 to 3, their sum less one.

    Words that call for haste outweigh words that say it can wait; a grave flag makes the
    impact high whatever else is said.

    Args:
        text: What the customer said.
        flags: The flags found in it.
    """
    grave = [found for found in flags if found.flag in _GRAVE]
    wide, urgent = _words(_WIDE.finditer(text)), _words(_URGENT.finditer(text))
    patient = _words(_CAN_WAIT.finditer(text))
    impact = Degree.HIGH if grave or wide else Degree.MEDIUM
    urgency = Degree.MEDIUM
    if patient and not grave:
        urgency = Degree.LOW
    if _without(urgent, patient):
        urgency = Degree.HIGH
    words = (*(word for found in grave for word in found.words), *wide, *urgent, *patient)
    return PriorityFound(
        priority=impact + urgency - 1,
        impact=impact,
        urgency=urgency,
        words=tuple(dict.fromkeys(words))[:_MOST_WORDS],
    )


def _without(urgent: tuple[str, ...], patient: tuple[str, ...]) -> list[str]:
    """Return the hasty words that are no part of a patient phrase, such as ``not urgent``."""
    return [word for word in urgent if not any(word in phrase for phrase in patient)]


def combined(*, before: int | None, found: int) -> int:
    """Return impact or urgency after one more message: words never make a case less pressing.

    Args:
        before: What stood before; None for nothing.
        found: What this message gives.
    """
    return found if before is None else min(before, found)


def asks_for_something(text: str, entities: Iterable[Entity]) -> bool:
    """Whether a text does more than greet, answer, or give an identifier that was asked for.

    Args:
        text: What the customer said.
        entities: The identifiers found in it.
    """
    for entity in entities:
        text = text.replace(entity.words, " ")
    return not says_nothing(text)


def band_of(*, confidence: float, margin: float, bands: Bands | None = None) -> Band:
    """Return what a confidence allows.

    Args:
        confidence: From 0 to 1.
        margin: Confidence of the best less that of the second.
        bands: The bounds of the version in force; None for the ones that ship.
    """
    bounds = bands or Bands()
    if confidence >= bounds.act_from and margin >= bounds.least_margin:
        return Band.ACT
    return Band.VERIFY if confidence >= bounds.verify_from else Band.HAND_OFF


def _words(matches: Iterable[re.Match[str]]) -> tuple[str, ...]:
    found = dict.fromkeys(" ".join(match[0].lower().split()) for match in matches)
    return tuple(found)[:_MOST_WORDS]
