"""A scorecard's parts in words, the same on its page and in a difference."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from orchestra.core import words
from qa.scorecards.types import (
    AnswerKind,
    Condition,
    Evidence,
    Question,
    ScorecardSpec,
    Scoring,
    Subject,
)

SUBJECTS = {
    Subject.AI: _lazy("conversations of an AI alone"),
    Subject.HUMAN: _lazy("conversations of a person alone"),
    Subject.MIXED: _lazy("conversations of an AI and a person"),
    Subject.HANDOFF: _lazy("handoff bundles"),
    Subject.APPROVAL: _lazy("approvals"),
}
_CONVERSATIONS = frozenset({Subject.AI, Subject.HUMAN, Subject.MIXED})
EVIDENCE = {
    Evidence.NEVER: _lazy("no evidence asked"),
    Evidence.ON_FAIL: _lazy("evidence when it is not met"),
    Evidence.ALWAYS: _lazy("evidence always"),
}


def subject_words(spec: ScorecardSpec) -> str:
    """Return what a scorecard judges."""
    found = [str(SUBJECTS[one]) for one in Subject if one in spec.applies_to]
    if set(spec.applies_to) >= _CONVERSATIONS:
        found[: len(_CONVERSATIONS)] = [_("every conversation, whoever worked it")]
    return ", ".join(found)


def scoring_words(scoring: Scoring) -> dict[str, str]:
    """Return how answers become a score, by what each sentence is about."""
    return {
        _("Score"): _(
            "Points earned, times the weight of their section, divided by the weighted points "
            "that could be had. A step of a scale earns its share of the way from lowest to "
            "highest. What does not apply, or is not asked, leaves both. With nothing left there "
            "is no score."
        ),
        _("Pass"): _("From %(count)d %%, and no failed critical question.")
        % {"count": scoring.pass_percent},
        _("Critical question"): _(
            "Fails below %(count)d %% of its points and sets the review to 0. Not applicable "
            "is no fail."
        )
        % {"count": scoring.fail_below_percent},
        _("Bonus"): _("May lift a score above 100 %.")
        if scoring.above_100
        else _("Lifts a score to 100 % at most."),
        _("Rounding"): ngettext(
            "Once, when shown: half to even, %(count)d decimal.",
            "Once, when shown: half to even, %(count)d decimals.",
            scoring.decimals,
        )
        % {"count": scoring.decimals},
    }


def answer_words(question: Question) -> str:
    """Return how a question is answered and what each answer earns."""
    if question.kind is AnswerKind.TEXT:
        return _("free text")
    if question.kind is AnswerKind.SCALE:
        return _("%(low)d to %(high)d") % {"low": question.low, "high": question.high}
    if question.kind is AnswerKind.CHOICE:
        return ", ".join(f"{one.text} ({one.points})" for one in question.options)
    if question.fails_on == "yes":
        return _("yes or no; yes is the failing answer")
    return _("yes or no")


def points_words(question: Question) -> str:
    """Return what a question can earn."""
    if question.kind is AnswerKind.TEXT or not question.points:
        return _("not scored")
    words_of = ngettext("%(count)d point", "%(count)d points", question.points)
    found = words_of % {"count": question.points}
    return _("%(points)s on top") % {"points": found} if question.bonus else found


def condition_words(condition: Condition, spec: ScorecardSpec) -> str:
    """Return when a question is asked."""
    earlier = next((one for one in spec.questions if one.key == condition.question), None)
    texts = {one.key: one.text for one in earlier.options} if earlier else {}
    answers = _(" or ").join(texts.get(one, one) for one in condition.answers)
    asked = earlier.text if earlier else words.plain(condition.question)
    return _("only if “%(question)s” is %(answers)s") % {"question": asked, "answers": answers}


def question_words(question: Question, spec: ScorecardSpec) -> str:
    """Return all of a question but its guidance in one sentence."""
    parts = [points_words(question), answer_words(question)]
    if question.auto_fail:
        parts.append(_("critical"))
    if question.not_applicable:
        parts.append(_("may not apply"))
    if question.only_if is not None:
        parts.append(condition_words(question.only_if, spec))
    parts.append(str(EVIDENCE[question.evidence]))
    return f"{question.text}: {'; '.join(parts)}."
