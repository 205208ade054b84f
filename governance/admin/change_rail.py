"""Beside a change: who voted and who may not, and how it comes into force."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.access.types import Authority
from governance.reviews import rules, selectors, voting
from governance.reviews.models import ChangeRequest, Review
from governance.reviews.types import ChangeState, ReviewChoice, Standing, Verdict, VoidCause
from orchestra.templatetags.parts import role as role_name

_CHOICES = {
    ReviewChoice.APPROVE: ("is-ok", gettext_lazy("approved")),
    ReviewChoice.ASK_FOR_CHANGES: ("is-bad", gettext_lazy("asks for changes")),
    ReviewChoice.REFUSE: ("is-bad", gettext_lazy("refused for good")),
}
_CAUSES = {
    VoidCause.EDITED: gettext_lazy("void since the text changed, %(at)s"),
    VoidCause.SUBMITTED: gettext_lazy("void since it was submitted anew, %(at)s"),
    VoidCause.REBASED: gettext_lazy("void since it was put on another version, %(at)s"),
}
_NTH = {
    1: gettext_lazy("First vote"),
    2: gettext_lazy("Second vote"),
    3: gettext_lazy("Third vote"),
}
_UNDER_REVIEW = frozenset({ChangeState.SUBMITTED, ChangeState.CHANGES_ASKED})


def say_time(at: Any) -> str:
    """Return a moment as it is said on a change's page, in the reader's zone."""
    return formats.date_format(timezone.localtime(at), "D j M, H:i")


def describe_votes(
    change: ChangeRequest,
    standing: Standing,
    verdict: Verdict,
    authority: Authority,
    reviews: Iterable[Review],
) -> list[dict[str, Any]]:
    """Return who voted, whose vote is void, whether I am waited for, and who may not.

    Args:
        change: The change.
        standing: How it stands.
        verdict: Whether the person who looks may approve it.
        authority: What that person holds.
        reviews: All its reviews, oldest first.
    """
    given = selectors.reviews_of(change)
    void = [one for one in reviews if one.voided_at is not None]
    lines = [_vote(one, authority) for one in given]
    voted = {one.reviewer_id for one in given}
    latest = {
        one.reviewer_id: one
        for one in void
        if one.reviewer_id not in voted and one.void_cause != VoidCause.REPLACED
    }
    lines += [_void(one, authority) for one in latest.values()]
    if verdict.allowed and authority.actor.pk not in latest:
        lines.append(_waiting(standing, authority))
    return [*lines, *_barred(change)]


def _vote(one: Review, authority: Authority) -> dict[str, Any]:
    sign, word = _CHOICES[ReviewChoice(one.choice)]
    return {**_person(one, authority), "sign": sign, "word": word, "at": one.at}


def _void(one: Review, authority: Authority) -> dict[str, Any]:
    words = _CAUSES.get(VoidCause(one.void_cause)) if one.void_cause else None
    told = words or gettext_lazy("void since %(at)s")
    return {
        **_person(one, authority),
        "sign": "is-off",
        "word": told % {"at": say_time(one.voided_at)},
        "reason": "",
    }


def _person(one: Review, authority: Authority) -> dict[str, Any]:
    roles = [str(role_name(code)) for code in one.roles]
    if one.reviewer_id == authority.actor.pk:
        roles.append(_("you"))
    return {"label": one.reviewer.label, "who": ", ".join(roles), "reason": one.reason}


def _waiting(standing: Standing, authority: Authority) -> dict[str, Any]:
    roles = sorted(voting.usable_roles(standing.quorum, authority))
    return {
        "label": authority.actor.label,
        "who": ", ".join([*(str(role_name(code)) for code in roles), _("you")]),
        "sign": "is-wait",
        "word": _("waiting"),
    }


def _barred(change: ChangeRequest) -> Iterator[dict[str, Any]]:
    people = {change.author_id: (change.author_label, _("author"))}
    people.setdefault(change.editor_id, (change.editor_label, _("last editor")))
    for label, who in people.values():
        yield {
            "label": label,
            "who": who,
            "sign": "is-off",
            "word": _("may not vote on own change"),
        }


def describe_track(
    change: ChangeRequest, standing: Standing, *, errors: int
) -> list[dict[str, Any]]:
    """Return the steps of a change from its draft to force: what is done, and what comes.

    Args:
        change: The change.
        standing: How it stands.
        errors: How many findings keep it from being submitted.
    """
    steps = [
        _step("on", _("Drafted"), f"{say_time(change.created_at)}, {change.author_label}"),
        _submitted(change, errors),
        *_rehearsed(change),
        *_voted(change, standing),
        _in_force(change),
    ]
    return _with_present(steps, is_open=change.state in rules.OPEN)


def _step(mark: str, title: str, note: str = "") -> dict[str, Any]:
    return {"mark": mark, "title": title, "note": note}


def _with_present(steps: Sequence[dict[str, Any]], *, is_open: bool) -> list[dict[str, Any]]:
    """Mark the first step that is not done as the one where it stands."""
    found = list(steps)
    for step in found:
        if not step["mark"]:
            step["mark"] = "cur" if is_open else ""
            break
    return found


def _submitted(change: ChangeRequest, errors: int) -> dict[str, Any]:
    if change.submitted_at is not None:
        return _step("on", _("Checks passed, submitted"), say_time(change.submitted_at))
    note = (
        ngettext("%(count)d error to correct", "%(count)d errors to correct", errors)
        % {"count": errors}
        if errors
        else _("the author hands it in")
    )
    return _step("", _("Submit for review"), note)


def _rehearsed(change: ChangeRequest) -> Iterator[dict[str, Any]]:
    if not change.rehearsal_digest:
        if change.needs_rehearsal:
            yield _step("", _("Rehearse it"), _("voting opens when it is rehearsed"))
        return
    if change.rehearsal_digest == change.digest:
        yield _step("on", _("Rehearsed"), _("exactly this text"))
    else:
        yield _step("", _("Rehearsal needed again"), _("the last one answers another text"))


def _voted(change: ChangeRequest, standing: Standing) -> Iterator[dict[str, Any]]:
    votes, needed = voting.count_votes(standing), standing.quorum.votes
    if voting.has_quorum(standing):
        done = ngettext("%(count)d vote given", "%(count)d votes given", votes) % {"count": votes}
        yield _step("on", done)
        return
    if votes:
        yield _step("on", _("%(votes)d of %(needed)d votes") % {"votes": votes, "needed": needed})
    note = ""
    if change.state in _UNDER_REVIEW and change.expires_at:
        note = _("deadline %(at)s; then it lapses") % {"at": say_time(change.expires_at)}
    yield _step("", next_vote(votes), note)


def next_vote(votes: int) -> str:
    """Return the name of the vote that comes after some."""
    return str(_NTH.get(votes + 1, _("Another vote")))


def _in_force(change: ChangeRequest) -> dict[str, Any]:
    at = {"at": say_time(change.published_at)} if change.published_at else {}
    if change.published_at:
        number = change.published_number
        return _step("on", _("In force from %(at)s") % at, _("as version %(n)s") % {"n": number})
    if change.publish_at is not None:
        planned = _("In force from %(at)s") % {"at": say_time(change.publish_at)}
        return _step("", planned, _("in your time zone; not before the votes stand"))
    if change.state in rules.OPEN:
        note = ""
        if change.state == ChangeState.APPROVED and change.expires_at:
            note = _("by %(at)s, or it lapses") % {"at": say_time(change.expires_at)}
        return _step("", _("In force once somebody publishes it"), note)
    return _step("bad", str(_ENDS.get(change.state, "")))


_ENDS: Mapping[str, Any] = {
    ChangeState.REFUSED: gettext_lazy("Refused for good"),
    ChangeState.WITHDRAWN: gettext_lazy("Withdrawn by its author"),
    ChangeState.EXPIRED: gettext_lazy("Lapsed"),
}


def describe_end(change: ChangeRequest, standing: Standing, present: int) -> dict[str, str]:
    """Return in words how a change ended without coming into force; empty where it did not.

    Args:
        change: The change.
        standing: How it stands.
        present: Number of the version in force; 0 for none.
    """
    stays = (
        _("Version %(n)s stays in force.") % {"n": present}
        if present
        else _("Nothing comes into force.")
    )
    if change.state == ChangeState.EXPIRED and change.expires_at:
        return {"title": _lapsed(standing, say_time(change.expires_at)), "text": stays}
    if change.state == ChangeState.WITHDRAWN:
        return {"title": _("It was withdrawn."), "text": stays}
    refusals = [one for one in selectors.reviews_of(change) if one.choice == ReviewChoice.REFUSE]
    if change.state == ChangeState.REFUSED and refusals:
        one = refusals[-1]
        title = _("%(who)s refused it for good, %(at)s.") % {
            "who": one.reviewer.label,
            "at": say_time(one.at),
        }
        return {"title": title, "text": f"“{one.reason}” {stays}"}
    return {}


def _lapsed(standing: Standing, at: str) -> str:
    votes = voting.count_votes(standing)
    if voting.has_quorum(standing):
        return _("Nobody published it by %(at)s.") % {"at": at}
    words = {0: _("No vote by %(at)s."), 1: _("No second vote by %(at)s.")}
    return words.get(votes, _("Not enough votes by %(at)s.")) % {"at": at}
