"""What the approval page says: votes, holders, notices, the bar. Words only, no rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.admin.shown import Shown
from governance.access.types import StepUpProof
from governance.approvals.models import ApprovalRequest
from governance.approvals.selectors import count_approvals
from governance.approvals.types import (
    VIGILANCE,
    ApprovalState,
    RejectReason,
    Verdict,
    VoteChoice,
)
from orchestra.core import words
from orchestra.core.clock import parse_rfc3339

_OWN_INTEREST = frozenset({"approval.own_request", "approval.barred"})


@dataclass(frozen=True, slots=True)
class Became:
    """What became of the action of a request, as far as its notice tells it.

    Attributes:
        editor: Who edited it into another action; empty where nobody did.
        stands: What stands in its place where that asks for no vote.
        ran_at: When it ran; None where it did not.
        confirmed_by: The tool that shows the effect.
    """

    editor: str = ""
    edited_at: datetime | None = None
    edit_reason: str = ""
    stands: str = ""
    ran_at: datetime | None = None
    confirmed_by: str = ""


def reject_reasons(chosen: str) -> list[dict[str, Any]]:
    """Return the kinds of reason to reject, with the one that was chosen."""
    titles = {
        RejectReason.WRONG_AMOUNT: _("Wrong amount"),
        RejectReason.WRONG_PERSON: _("Wrong person"),
        RejectReason.NOT_ALLOWED: _("Not allowed"),
        RejectReason.MISSING_EVIDENCE: _("Evidence is missing"),
        RejectReason.OTHER: _("Another reason"),
    }
    return [
        {"code": str(code), "title": title, "on": code == chosen} for code, title in titles.items()
    ]


def find_reason_code(text: str) -> RejectReason | None:
    """Return the kind of reason that was posted, None for none of them."""
    return RejectReason(text) if text in set(RejectReason) else None


def reject_reason(code: str) -> str:
    """Return a kind of reason in words; empty for none."""
    return next((one["title"] for one in reject_reasons(code) if one["on"]), "")


def needs(replacement: ApprovalRequest, verdict: Verdict, *, editor: str) -> str:
    """Return what the request needs that stands in the place of an edited one."""
    you = _("You may vote on it.") if verdict.allowed else verdict.sentence
    given = {
        "label": replacement.label,
        "quorum": quorum(replacement),
        "editor": editor,
        "you": you,
        "at": words.clock_time(replacement.deadline_at),
    }
    if not editor:
        return _("%(label)s needs %(quorum)s. %(you)s Deadline %(at)s.") % given
    return (
        _(
            "%(label)s needs %(quorum)s, other than %(editor)s, who edited it last. %(you)s "
            "Deadline %(at)s."
        )
        % given
    )


def votes(found: ApprovalRequest) -> str:
    """Return how many votes are in: ``0 of 1 vote``."""
    cast = count_approvals(found)
    return ngettext(
        "%(cast)d of %(needed)d vote", "%(cast)d of %(needed)d votes", found.votes_needed
    ) % {"cast": cast, "needed": found.votes_needed}


def roles(codes: Sequence[str]) -> str:
    """Return roles as words: ``supervisor or specialist``."""
    return _(" or ").join(words.plain(code) for code in codes)


def quorum(found: ApprovalRequest) -> str:
    """Return who must vote: ``1 vote, supervisor of Returns``."""
    who = roles(found.roles) if found.roles else _("person who may vote")
    text = ngettext(
        "%(count)d vote, %(who)s of %(queue)s",
        "%(count)d votes, %(who)s of %(queue)s",
        found.votes_needed,
    ) % {"count": found.votes_needed, "who": who, "queue": found.queue.title}
    if found.distinct_roles:
        text += _(", each from another role")
    return text


def ended_note(found: ApprovalRequest) -> str:
    """Return when a request ended, for its state badge."""
    return words.clock_time(found.decided_at) if found.decided_at else ""


def holder(found: ApprovalRequest, *, mine: bool) -> dict[str, Any]:
    """Return who holds a request and until when."""
    until = words.clock_time(found.claimed_until_at) if found.claimed_until_at else ""
    if mine:
        return {
            "before": _("Claimed by"),
            "name": _("you"),
            "after": _("until %(until)s") % {"until": until},
            "mine": True,
        }
    name = found.claimed_by.label if found.claimed_by else ""
    after = _("until %(until)s") % {"until": until}
    return {"before": _("Claimed by"), "name": name, "after": after, "mine": False}


def choice(code: str) -> str:
    """Return what a voter is about to say."""
    if code == VoteChoice.APPROVE:
        return _("You are about to approve this. It runs as soon as the votes suffice.")
    return _("You are about to reject this. Nothing will run.")


def voted(found: ApprovalRequest, cast: VoteChoice) -> str:
    """Return what a vote that arrived did."""
    if found.subject_kind == VIGILANCE:
        return found.ended_reason
    if cast is VoteChoice.REJECT:
        return _("You rejected %(label)s. Nothing will run; whoever asked is told why.") % {
            "label": found.label
        }
    return _("Your approval of %(label)s is recorded.") % {"label": found.label}


def step_up_lead(proof: StepUpProof | None) -> str:
    """Return why the password is asked again."""
    minutes = int(settings.ORCHESTRA["STEP_UP_SECONDS"] // 60)
    if proof is None:
        return _(
            "This request asks each voter for a fresh proof. Your vote goes on by itself "
            "afterwards; your text is kept."
        )
    return _(
        "This request asks for a proof not older than %(minutes)d minutes; your last one was at "
        "%(at)s. Your vote goes on by itself afterwards; your text is kept."
    ) % {"minutes": minutes, "at": words.clock_time(proof.at)}


def notice(
    found: ApprovalRequest,
    verdict: Verdict,
    *,
    kept: Mapping[str, str],
    replacement: ApprovalRequest | None,
    became: Became,
) -> dict[str, Any] | None:
    """Return the notice above the page: a refused vote first, then how it ended, then why not."""
    link = {}
    if replacement is not None:
        link = {
            "link": reverse("admin:approval", args=[replacement.public_id]),
            "act": _("Read the new request %(label)s") % {"label": replacement.label},
        }
    if kept.get("code"):
        return {**_refused(found, kept, became), **link}
    if found.state != ApprovalState.PENDING:
        return {**_ended(found, became), **link}
    if not verdict.allowed:
        return {
            "sign": "",
            "title": _("You can read this request, but not vote on it."),
            "text": f"{verdict.sentence} {_why(verdict)}".strip(),
            "lists_voters": True,
        }
    return None


def _why(verdict: Verdict) -> str:
    if verdict.code in _OWN_INTEREST:
        return _(
            "Nobody decides on what they asked for, edited or own; this holds for superusers too."
        )
    return ""


def _refused(found: ApprovalRequest, kept: Mapping[str, str], became: Became) -> dict[str, Any]:
    cast_at = parse_rfc3339(kept["at"])
    at = words.clock_time(cast_at)
    if found.state == ApprovalState.VOIDED:
        why = (found.ended_reason or _("This request was voided")).rstrip(".")
        if became.editor and became.edited_at:
            at = _exact(cast_at)
            why = _("%(who)s edited this action at %(at)s") % {
                "who": became.editor,
                "at": _exact(became.edited_at),
            }
        is_no = kept.get("choice") == VoteChoice.REJECT
        nothing = _("Nothing was rejected.") if is_no else _("Nothing was approved.")
        title = _("%(nothing)s %(why)s, before your vote at %(at)s.") % {
            "nothing": nothing,
            "why": why,
            "at": at,
        }
        text = _(
            "Your vote answered digest %(digest)s. That digest is void, so the vote was refused "
            "and nothing ran."
        ) % {"digest": words.short_digest(kept["digest"])}
        if kept.get("reason"):
            text += " " + _("Your reason is kept below; copy it if it still holds.")
        text = f"{text} {became.stands}".strip()
    else:
        title = _("Your vote at %(at)s was refused. %(why)s") % {"at": at, "why": kept["message"]}
        text = _("Your reason is kept below.") if kept.get("reason") else ""
    return {"sign": "is-warn", "role": "alert", "title": title, "text": text, "digest": ""}


def _exact(at: datetime) -> str:
    return f"{localtime(at):%H:%M:%S}"


def _ended(found: ApprovalRequest, became: Became) -> dict[str, Any]:
    if found.subject_kind == VIGILANCE:
        title = _("A test of attention: nothing stood behind it that could run.")
        return {"sign": "is-info", "title": title, "text": found.ended_reason}
    at = words.clock_time(found.decided_at) if found.decided_at else ""
    approvers = ", ".join(
        vote.voter.label for vote in found.votes.all() if vote.choice == VoteChoice.APPROVE
    )
    refusers = ", ".join(
        vote.voter.label for vote in found.votes.all() if vote.choice == VoteChoice.REJECT
    )
    told = _("%(requester)s was told.") % {"requester": found.requester_label}
    titles = {
        ApprovalState.GRANTED: _("Approved by %(who)s at %(at)s.") % {"who": approvers, "at": at},
        ApprovalState.USED: _("Approved by %(who)s at %(at)s%(ran)s.")
        % {"who": approvers, "at": at, "ran": _ran(became)},
        ApprovalState.REJECTED: _("Rejected by %(who)s at %(at)s. Nothing ran.")
        % {"who": refusers, "at": at},
        ApprovalState.EXPIRED: _expired(found, approvers, at),
        ApprovalState.VOIDED: _voided(approvers, at, became),
    }
    state = ApprovalState(found.state)
    texts = {
        ApprovalState.GRANTED: _("It is checked again at the moment it runs."),
        ApprovalState.USED: _("What happened stands below."),
    }
    why = f"{found.ended_reason.rstrip('.')}. " if found.ended_reason else ""
    text = texts.get(state) or f"{why}{told}"
    if state is ApprovalState.VOIDED and became.editor:
        text = f"{_instead(became)} {told}"
    elif state is ApprovalState.VOIDED and approvers:
        text = f"{why}{_('It has to be asked again.')} {told}"
    sign = {ApprovalState.USED: "is-ok", ApprovalState.GRANTED: "is-ok"}.get(state, "is-warn")
    return {"sign": sign, "title": titles[state], "text": text}


def _ran(became: Became) -> str:
    if not became.ran_at:
        return _(", and run")
    ran = _("; ran %(at)s") % {"at": words.clock_time(became.ran_at)}
    if became.confirmed_by:
        ran += _("; confirmed by %(tool)s") % {"tool": became.confirmed_by}
    return ran


def _instead(became: Became) -> str:
    reason = _("Their reason: “%(reason)s”.") % {"reason": became.edit_reason.rstrip(".")}
    return f"{reason} {became.stands}".strip()


def _voided(approvers: str, at: str, became: Became) -> str:
    if became.editor and became.edited_at:
        return _("Edited by %(who)s at %(at)s. Nothing ran.") % {
            "who": became.editor,
            "at": words.clock_time(became.edited_at),
        }
    if approvers:
        return _("Approved by %(who)s, but not run.") % {"who": approvers}
    return _("Voided at %(at)s. Nothing ran.") % {"at": at}


def _expired(found: ApprovalRequest, approvers: str, at: str) -> str:
    if approvers and found.execute_by_at is not None:
        return _("Approved by %(who)s, but not run in time; it lapsed at %(at)s.") % {
            "who": approvers,
            "at": at,
        }
    return _("Expired at %(at)s without a decision. Nothing ran.") % {"at": at}


def bar(
    found: ApprovalRequest,
    shown: Shown,
    verdict: Verdict,
    *,
    proof: StepUpProof | None,
    proof_is_fresh: bool,
) -> dict[str, Any]:
    """Return what the bar at the lower edge says, and whether it takes a vote."""
    if verdict.allowed:
        text = _only_vote(found)
        if found.step_up and not proof_is_fresh:
            text += " " + _asks_proof(proof)
        return {"open": True, "title": shown.title, "text": text}
    if found.state == ApprovalState.PENDING:
        return {
            "open": False,
            "barred": True,
            "title": _("No vote from you here. %(why)s") % {"why": verdict.sentence},
            "text": _("Nothing you do on this page changes the request."),
        }
    titles = {
        ApprovalState.VOIDED: _("This request is void; it takes no more votes."),
        ApprovalState.EXPIRED: _("This request has expired; it takes no more votes."),
        ApprovalState.REJECTED: _("This request was rejected; it takes no more votes."),
    }
    title = titles.get(ApprovalState(found.state), _("This request is decided."))
    return {"open": False, "title": title, "text": ""}


def _only_vote(found: ApprovalRequest) -> str:
    cast = count_approvals(found)
    left = found.votes_needed - cast
    if left <= 1:
        if found.votes_needed == 1:
            return _("Your vote is the only one needed.")
        return _("Your vote is the last one needed.")
    return _("%(count)d more votes are needed.") % {"count": left}


def _asks_proof(proof: StepUpProof | None) -> str:
    if proof is None:
        return _("It will ask you to show that it is you.")
    return _("It will ask you to show that it is you: your last proof was at %(at)s.") % {
        "at": words.clock_time(proof.at)
    }
