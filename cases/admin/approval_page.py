"""The approval page: what would happen, why a person decides, and the vote."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin import approval_words as say
from cases.admin.approval_edits import became_of, came_from, find_standing, may_edit
from cases.admin.approval_next import (
    FROM,
    describe_around,
    find_following,
    inbox_link,
    link_to,
    query_of,
)
from cases.admin.approval_reading import ApprovalRead, read_approval, timeline_of
from cases.admin.approval_rows import describe_money, is_mine
from cases.admin.approval_story import Story, tell
from cases.admin.approvals import find_call, find_model, refusal_of
from cases.admin.masking import asks_unmasked, masked, may_unmask
from cases.admin.outcomes import describe_outcome
from cases.admin.shown import Shown, changed_lines, read_view
from cases.admin.upstream import describe_unseen, waiting_words
from cases.memory import selectors as memory
from cases.memory.models import Case
from cases.tools.models import ToolCall
from cases.tools.services import record_request_opened
from governance.access.proof import find_proof, is_fresh
from governance.access.types import Capability
from governance.admin.in_ledger import in_ledger
from governance.admin.step_up import Waiting, ask_to_prove, keep_ballot
from governance.admin.stops import describe_touching
from governance.admin.visit import Crumb, Visit, fragment, page, render
from governance.approvals import selectors, services
from governance.approvals.inbox import around_in
from governance.approvals.inbox_query import InboxQuery, parse_criteria
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import VIGILANCE, ApprovalState, Ballot, VoteChoice
from governance.ledger.refusals import record_refusal
from governance.switches.models import Stop
from orchestra.core import clock
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    OrchestraError,
)

_ROUTE = "approvals/<uuid:request_id>/"


@page(_ROUTE, name="approval")
def approval(request: HttpRequest, visit: Visit, request_id: UUID) -> HttpResponse:
    """Show one request with everything needed to decide, and record that it was opened."""
    found = selectors.get_without_votes(authority=visit.authority, request_id=request_id)
    opened = _opened_case(request, visit, found)
    unmasked = opened is not None
    record_request_opened(authority=visit.authority, now=visit.now, request=found, unmasked=opened)
    query = query_of(request)
    beside = read_approval(found, visit, query)
    kept = request.session.pop(_kept_key(request_id), {})
    view = selectors.view_of(found)
    read = read_view(view, title=found.title)
    shown = masked(read, unmasked=unmasked)
    call = beside.call
    behind = call or find_model(found, visit)
    verdict = selectors.verdict_on(authority=visit.authority, request=found, now=visit.now)
    waiting = found.state == ApprovalState.PENDING
    edited, replacement = (None, None) if waiting else find_standing(found, call, visit)
    became = became_of(call, edited)
    story = _story(found, visit, beside)
    proof = find_proof(request)
    return render(
        request,
        "governance/approval_request.html",
        {
            "title": found.label,
            "crumbs": [
                Crumb(_("Work")),
                Crumb(_("Approvals"), inbox_link(query)),
                Crumb(found.label),
            ],
            "top": describe_around(around_in(beside.around), query)
            if beside.around is not None
            else {},
            "approval": found,
            "view": shown,
            "waiting": waiting,
            "stops": _stops(behind, beside.stops) if waiting else [],
            "upstream": describe_unseen([behind.tool], visit) if waiting and behind else [],
            "void": found.state == ApprovalState.VOIDED,
            "decide_word": _("decide"),
            "votes_words": say.votes(found),
            "quorum_words": say.quorum(found),
            "rows_words": shown.rows_words,
            "evidence_words": shown.evidence_words,
            "ended_note": say.ended_note(found),
            "holder": _holder(found, visit),
            "votes": masked([_vote(vote) for vote in found.votes.all()], unmasked=unmasked),
            "execution_minutes": settings.ORCHESTRA["EXECUTION_DEADLINE_MINUTES"],
            "timeline": story.come,
            "later": story.later,
            "given_up": story.given_up if waiting else [],
            "last_word": story.last_word if found.state == ApprovalState.VOIDED else None,
            "outcome_now": masked(_outcome(call), unmasked=unmasked)
            if call and not waiting and not edited
            else None,
            "unmasked": unmasked,
            "may_unmask": may_unmask(visit),
            "changed": masked(_changes(read, replacement), unmasked=unmasked),
            "changed_foot": _changed_foot(replacement, edited, visit),
            "edited": edited,
            "replacement": replacement,
            "before_edit": masked(came_from(found, call, read, visit), unmasked=unmasked),
            "notice": say.notice(found, verdict, kept=kept, replacement=replacement, became=became),
            "voters": _voters(found) if waiting and not verdict.allowed else [],
            "bar": say.bar(
                found, shown, verdict, proof_is_fresh=is_fresh(proof, now=visit.now), proof=proof
            ),
            "money": describe_money(found, view),
            "kept_reason": kept.get("reason", ""),
            "reject_reasons": say.reject_reasons(kept.get("reason_code", "")),
            "edit_link": _link("approval_edit", found) if may_edit(visit, found, behind) else "",
            "hand_over_link": _link("approval_hand_over", found) if waiting else "",
            "decision_link": _decision_link(behind, visit),
            "case_link": reverse("admin:case", args=[found.case_public_id]),
            "inbox_link": inbox_link(query),
            # While people vote, a test of attention looks like any other request.
            "ledger_link": "" if waiting else in_ledger(visit, subject=found.public_id),
            "claim_link": _link("approval_claim", found) if verdict.allowed else "",
            "vote_link": link_to("approval_vote", found.public_id, query),
            "not_now_link": link_to("approval_not_now", found.public_id, query),
            "standing_link": _link("approval_standing", found),
            "outcome_link": _link("approval_outcome", found),
        },
    )


def _stops(behind: ToolCall | None, stops: Iterable[Stop]) -> list[dict[str, Any]]:
    """Return the stops under which what is asked for would wait though it was approved."""
    if behind is None:
        return describe_touching(stops=stops)
    return describe_touching(
        agents=[behind.requester_id],
        tools=[behind.tool.name],
        cue_sheets=[behind.cue_sheet],
        stops=stops,
    )


@page(f"{_ROUTE}vote/", name="approval_vote", methods=("POST",))
def vote(request: HttpRequest, visit: Visit, request_id: UUID) -> HttpResponse:
    """Take a vote; where a fresh proof is asked for, ask for the password first."""
    done = _voted(request, visit, request_id)
    if request.headers.get("X-Requested-With") == "fetch":
        # The script goes there itself: were it to follow, the words kept for the person would
        # be spent on an answer nobody sees.
        return JsonResponse({"next": done.url})
    return done


def _voted(request: HttpRequest, visit: Visit, request_id: UUID) -> HttpResponseRedirect:
    found = selectors.get_request(authority=visit.authority, request_id=request_id)
    ballot = {
        name: request.POST.get(name, "")
        for name in ("choice", "reason", "reason_code", "action_digest", "view_digest")
    }
    if FROM in request.GET:
        # A vote that waits for a proof still knows where its voter goes on.
        ballot[FROM] = request.GET[FROM]
    if ballot["choice"] not in set(VoteChoice):
        messages.error(request, _("Choose approve or reject."))
        return HttpResponseRedirect(_here(found, ballot))
    request.session[_kept_key(request_id)] = {
        name: ballot[name] for name in ("reason", "reason_code")
    }
    needs_proof = found.step_up and found.state == ApprovalState.PENDING
    if needs_proof and not is_fresh(find_proof(request), now=visit.now):
        keep_ballot(request, _ballot_key(request_id), ballot)
        return HttpResponseRedirect(_link("approval_step_up", found))
    return _cast(request, visit, found, ballot)


@page(f"{_ROUTE}step-up/", name="approval_step_up", methods=("GET", "HEAD", "POST"))
def step_up(request: HttpRequest, visit: Visit, request_id: UUID) -> HttpResponse:
    """Ask for the password again; the vote then goes on by itself, its text kept."""
    found = selectors.get_request(authority=visit.authority, request_id=request_id)
    return ask_to_prove(
        request,
        visit,
        Waiting(
            key=_ballot_key(request_id),
            title=found.title,
            crumbs=[
                Crumb(_("Approvals"), reverse("admin:approvals")),
                Crumb(found.label, _link("approval", found)),
            ],
            lead=say.step_up_lead(find_proof(request)),
            say=lambda ballot: say.choice(ballot["choice"]),
            back_link=_link("approval", found),
            cast=lambda ballot: _cast(request, visit, found, ballot),
        ),
    )


@page(f"{_ROUTE}not-now/", name="approval_not_now", methods=("POST",))
def not_now(request: HttpRequest, visit: Visit, request_id: UUID) -> HttpResponse:
    """Give the claim back and go to the next request; the deadline runs on."""
    found = selectors.get_request(authority=visit.authority, request_id=request_id)
    following = find_following(found, visit, query_of(request) or InboxQuery())
    if found.state == ApprovalState.PENDING and is_mine(found, visit):
        try:
            services.release_request(actor=visit.actor, now=visit.now, request_id=request_id)
        except ConflictError as error:
            messages.warning(request, error.message)
    return HttpResponseRedirect(following)


@page(f"{_ROUTE}standing/", name="approval_standing")
def standing(request: HttpRequest, visit: Visit, request_id: UUID) -> JsonResponse:
    """Say whether the person's vote has arrived, for a page that got no answer."""
    del request
    found = selectors.get_request(authority=visit.authority, request_id=request_id)
    voted = any(cast.voter_id == visit.actor.pk for cast in found.votes.all())
    return JsonResponse({"voted": voted, "state": found.state})


@page(f"{_ROUTE}outcome/", name="approval_outcome")
def outcome(request: HttpRequest, visit: Visit, request_id: UUID) -> HttpResponse:
    """Return what became of the call, for a page that asks again while it runs."""
    found = selectors.get_request(authority=visit.authority, request_id=request_id)
    call = find_call(found, visit)
    if call is None:
        raise NotFoundError(_("There is no such tool call."))
    context = {
        "outcome_now": masked(_outcome(call)),
        "outcome_link": _link("approval_outcome", found),
    }
    return fragment(request, "cases/call_outcome.html", context)


def _outcome(call: ToolCall) -> dict[str, Any]:
    return describe_outcome(call, held=waiting_words(call))


def _cast(
    request: HttpRequest, visit: Visit, found: ApprovalRequest, ballot: dict[str, str]
) -> HttpResponseRedirect:
    try:
        voted = services.cast_vote(
            actor=visit.actor,
            now=clock.now(),
            request_id=found.public_id,
            ballot=Ballot(
                choice=VoteChoice(ballot["choice"]),
                action_digest=ballot["action_digest"],
                view_digest=ballot["view_digest"],
                reason=ballot["reason"],
                reason_code=say.find_reason_code(ballot["reason_code"]),
                proof=find_proof(request),
            ),
        )
    except (NotPermittedError, ConflictError) as error:
        _refuse(request, visit, found, ballot, error)
    except InvalidInputError as error:
        found_wrong = " ".join(finding.message for finding in error.errors)
        messages.error(request, found_wrong or error.message)
    else:
        request.session.pop(_kept_key(found.public_id), None)
        messages.success(request, say.voted(voted, VoteChoice(ballot["choice"])))
        if FROM in ballot:
            return HttpResponseRedirect(find_following(found, visit, parse_criteria(ballot[FROM])))
    return HttpResponseRedirect(_here(found, ballot))


def _here(found: ApprovalRequest, ballot: Mapping[str, str]) -> str:
    """Return the address of the request, in the view of the inbox the voter came from."""
    query = parse_criteria(ballot[FROM]) if FROM in ballot else None
    return link_to("approval", found.public_id, query)


def _refuse(
    request: HttpRequest,
    visit: Visit,
    found: ApprovalRequest,
    ballot: dict[str, str],
    error: OrchestraError,
) -> None:
    record_refusal(
        actor=visit.actor,
        now=visit.now,
        refusal=refusal_of(found, "approval.vote", error),
    )
    request.session[_kept_key(found.public_id)] = {
        "reason": ballot["reason"],
        "reason_code": ballot["reason_code"],
        "choice": ballot["choice"],
        "digest": ballot["action_digest"],
        "code": error.error_code,
        "message": error.message,
        "at": clock.rfc3339(clock.now()),
    }


def _kept_key(request_id: UUID) -> str:
    return f"vote:{request_id}"


def _ballot_key(request_id: UUID) -> str:
    return f"ballot:{request_id}"


def _link(name: str, found: ApprovalRequest) -> str:
    return reverse(f"admin:{name}", args=[found.public_id])


def _changed_foot(
    replacement: ApprovalRequest | None, edited: ToolCall | None, visit: Visit
) -> str:
    if replacement is None:
        return ""
    verdict = selectors.verdict_on(authority=visit.authority, request=replacement, now=visit.now)
    editor = edited.edited_by_label if edited else ""
    return say.needs(replacement, verdict, editor=editor)


def _opened_case(request: HttpRequest, visit: Visit, found: ApprovalRequest) -> Case | None:
    """Return the case whose personal data is shown as recorded; None where it stays masked."""
    if not asks_unmasked(request, visit):
        return None
    try:
        return memory.get_case(authority=visit.authority, case_id=found.case_public_id)
    except NotFoundError:
        return None


def _changes(shown: Shown, replacement: ApprovalRequest | None) -> list[dict[str, Any]]:
    if replacement is None:
        return []
    new = read_view(selectors.view_of(replacement), title=replacement.title)
    return changed_lines(old=shown, new=new)


def _holder(found: ApprovalRequest, visit: Visit) -> dict[str, Any]:
    if found.claimed_by is None or not selectors.is_claimed(found, visit.now):
        return {}
    return say.holder(found, mine=is_mine(found, visit))


def _vote(cast: Any) -> dict[str, Any]:
    return {
        "voter_label": cast.voter.label,
        "choice": cast.choice,
        "at": cast.at,
        "reason": cast.reason,
        "kind": say.reject_reason(cast.reason_code),
    }


def _voters(found: ApprovalRequest) -> list[str]:
    return [person.label for person in selectors.list_possible_voters(request=found)]


def _decision_link(call: ToolCall | None, visit: Visit) -> str:
    if call is None or not visit.may(Capability.DECISION_READ):
        return ""
    return reverse("admin:decision", args=[call.decision.public_id])


def _story(found: ApprovalRequest, visit: Visit, beside: ApprovalRead) -> Story:
    if beside.call is not None:
        items = timeline_of(beside, visit)
        return tell(items=items, asked_at=found.created_at, call_id=found.subject_id)
    try:
        case = memory.get_case(authority=visit.authority, case_id=found.case_public_id)
    except NotFoundError:
        return Story()
    items = memory.timeline(authority=visit.authority, case=case)
    if found.subject_kind == VIGILANCE:
        # What came of the request it was made from would give it away.
        model = selectors.model_of(found)
        items = [item for item in items if item.at <= model.created_at]
        return tell(items=items, asked_at=found.created_at, call_id=model.subject_id)
    return tell(items=items, asked_at=found.created_at, call_id=found.subject_id)
