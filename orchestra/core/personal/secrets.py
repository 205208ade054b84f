"""Secrets in a folded text: keys, tokens, passwords, card codes; pure."""

import re
from collections.abc import Iterable, Iterator

from orchestra.core.personal.around import words
from orchestra.core.personal.folding import count_digits
from orchestra.core.personal.types import Find, Kind

#: Tokens whose makers gave them a form.
_TOKENS = re.compile(
    r"(?<![\w-])(?:"
    r"sk_(?:live|test)_[0-9A-Za-z]{10,99}|[rp]k_live_[0-9A-Za-z]{10,99}|sk-[\w-]{20,200}"
    r"|gh[oprsu]_[0-9A-Za-z]{30,99}|github_pat_\w{20,99}|glpat-[\w-]{20,99}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{35}|xox[abprs]-[\w-]{10,200}"
    r"|eyJ[\w-]{8,4000}\.eyJ[\w-]{8,8000}\.[\w-]{8,2000}"
    r"|whsec_[\w+/=]{16,200}|SG\.[\w-]{16,64}\.[\w-]{16,64}"
    r")(?![\w-])"
)
_BEARER = re.compile(
    r"(?<!\w)(?:bearer|basic) (?P<secret>[\w.~+/=-]{16,4000})(?![\w.~+/=-])", re.IGNORECASE
)
_KEY_BLOCK = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\w+/=\s:,-]{0,16000}")
#: A word that names a secret, and the word behind it.
_NAMED = re.compile(
    r"(?<!\w)(?:pass ?word|passwd|passphrase|pass ?code|api[ _-]?key|secret(?:[ _-]key)?"
    r"|access[ _-]token|client[ _-]secret|kennwort|passwort|mot de passe|contraseña)"
    r"(?: ?(?:is|was|ist|:|=)[ \t]*){1,2}[\"']?(?P<secret>[^\s\"',;<>]{4,200})",
    re.IGNORECASE,
)
_CODES = re.compile(
    r"(?<!\w)(?:cvv2?|cvc2?|csc|card security code|security code|pin(?: ?code)?"
    r"|(?:verification|one[ -]time|confirmation|login|access) (?:code|pass ?code)|otp)"
    r"(?: ?(?:number|no\.?))?[ ]?(?:is|was|:|=|#)?[ ]{0,2}(?P<secret>\d{3,8})(?!\w|[.,]\d)",
    re.IGNORECASE,
)
#: What is looked at before the patterns, most texts having none of it: letters and signs of the
#: shortest token, digits of the shortest code, and a part of each word that names a secret.
_FEWEST_IN_TOKEN = 15
_FEWEST_IN_CODE = 3
_NAMES = ("pass", "key", "secret", "token", "kennwort", "contraseña")
_NO_SECRETS = words(
    "reset", "needed", "required", "wrong", "correct", "incorrect", "invalid", "expired", "changed",
    "forgotten", "missing", "policy", "field", "page", "link", "that", "this", "what", "when",
    "with", "very", "good", "strong", "weak",
)  # fmt: skip


def find_secrets(text: str) -> Iterator[Find]:
    """Yield keys, tokens, passwords and codes; of named ones the value alone."""
    has_long_word = max(map(len, text.split()), default=0) >= _FEWEST_IN_TOKEN
    formed = ((_TOKENS, has_long_word), (_KEY_BLOCK, "-----" in text))
    for found in _found(formed, text):
        yield Find(Kind.SECRET, found.start(), found.end(), 0.99)
    small = text.lower()
    is_named = any(word in small for word in _NAMES)
    has_code = count_digits(text) >= _FEWEST_IN_CODE
    named = ((_BEARER, has_long_word), (_NAMED, is_named), (_CODES, has_code))
    for found in _found(named, text):
        secret = found["secret"].rstrip(".!?)")
        if secret and "•" not in secret and not _NO_SECRETS.fullmatch(secret):
            begin = found.start("secret")
            yield Find(Kind.SECRET, begin, begin + len(secret), 0.8)


def _found(patterns: Iterable[tuple[re.Pattern[str], bool]], text: str) -> Iterator[re.Match[str]]:
    """Yield what patterns match, those apart of which it is known that they match nothing."""
    for pattern, may_match in patterns:
        if may_match:
            yield from pattern.finditer(text)
