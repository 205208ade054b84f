"""Checks and what they find, in words for people."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orchestra.core import words

#: Check to its name, and to what it rests on.
CHECKS: Mapping[str, tuple[Promise, Promise]] = {
    "promise_kept": (_("Promised without a confirmed result"), _("rule over tool records")),
    "yes_before_act": (_("Acted before an explicit yes"), _("rule over tool records")),
    "verified_first": (_("Account data told before verification"), _("rule over tool records")),
    "personal_data": (_("Personal data told in full"), _("rule over words")),
    "amount_recorded": (
        _("Amount said differs from the record"),
        _("rule over tool records"),
    ),
    "told_it_is_ai": (_("Customer not told that an AI speaks"), _("rule over words")),
    "terms_of_policy": (_("Term said differs from the article"), _("rule over articles")),
    "asked_again": (_("Asked again for what was known"), _("rule over words")),
    "closing": (_("Ended without an answer or a closing"), _("rule over words")),
    "judge.policy_followed": (_("Offered what policy forbids"), _("model judge")),
    "judge.nothing_asked_twice": (_("Asked again, says the model"), _("model judge")),
    "judge.next_step_known": (_("Customer left without a next step"), _("model judge")),
    "tone": (_("Words that a rule of tone names"), _("rule over words")),
}
_DETAILS: Mapping[str, Promise] = {
    "no_call": _("No call that does this was carried out before it was said."),
    "call_did_not_succeed": _("The call that does this had not succeeded when it was said."),
    "still_in_the_record": _("What was said to be removed still stands in the confirming answer."),
    "amount_not_recorded": _("The amount stands in no argument and in no answer of a call."),
    "no_yes": _("The customer's last words before it hold no yes."),
    "nothing_listed": _("Nothing had been listed that the customer could say yes to."),
    "before_verification": _("The customer was not verified when it was told."),
    "not_told": _("The AI's first words do not say so, and no text of it is on record."),
    "other_term": _("The article that was used names another term."),
    "unanswered": _("The customer's last words were left without an answer."),
    "no_closing": _("No closing words and no next step stand at its end."),
    "judged": _("A model judged these words; nothing else stands beside them."),
    "blames": _("Words that put the blame on the customer."),
    "dismisses": _("Words that wave the customer away."),
    "insults": _("A word of the list of insults."),
    "shouts": _("Whole words in capitals, or rows of exclamation marks."),
    "card": _("A card number in full."),
    "iban": _("An account number in full."),
    "national_id": _("A national number in full."),
    "driving_licence": _("A number of a driving licence."),
    "passport": _("A number of a passport."),
    "secret": _("A password, key or code."),
    "email": _("An e-mail address the customer did not give."),
    "phone": _("A telephone number the customer did not give."),
}
_SKIPPED: Mapping[str, Promise] = {
    "no_transcript": _("had no readable transcript"),
    "erased": _("had words that were erased"),
    "too_long": _("were too long to be read"),
}
LICENCES: Mapping[str, Promise] = {
    "licensed": _("licensed"),
    "advisory": _("advisory"),
    "stopped": _("stopped"),
}
HARMS: Mapping[str, Promise] = {
    "high": _("High harm"),
    "medium": _("Medium harm"),
    "low": _("Low harm"),
}


def check_title(key: str) -> str:
    """Return the name of a check."""
    return str(CHECKS[key][0]) if key in CHECKS else words.plain(key)


def check_basis(key: str) -> str:
    """Return what a check rests on."""
    return str(CHECKS[key][1]) if key in CHECKS else ""


def detail_words(code: str) -> str:
    """Return what is wrong with the words, as a sentence; empty for none."""
    if code in _DETAILS:
        return str(_DETAILS[code])
    sign, _dot, what = code.partition(".")
    if sign == "asked_again":
        return str(_("Asked for the customer's %(what)s, which the case held.")) % {
            "what": words.plain(what).lower()
        }
    if sign == "said_again":
        return str(_("The customer had to tell it again."))
    return words.plain(code) if code else ""


def skipped_words(code: str) -> str:
    """Return why interactions were not read, to stand after their number."""
    return str(_SKIPPED[code]) if code in _SKIPPED else words.plain(code)
