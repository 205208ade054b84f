"""The page that edits a request: a form of what would run, and what the edit would change."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.approval_edits import find_standing, may_edit, may_edit_on
from cases.admin.approvals import find_call, find_model, refusal_of
from cases.admin.masking import masked
from cases.admin.outcomes import describe_outcome
from cases.admin.proposal_form import arguments_of, fields_of, typed_from, typed_of
from cases.admin.propose import said_lines
from cases.admin.shown import Line, Shown, changed_lines, read_view
from cases.journeys import services
from cases.memory.services import record_read
from cases.tools import selectors as tools
from cases.tools.models import ToolCall
from governance.admin.visit import Crumb, Visit, attempt, page, render
from governance.approvals import selectors
from governance.approvals import services as approvals
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import VIGILANCE, ApprovalState
from orchestra.core import words
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    OrchestraError,
)


@dataclass(frozen=True, slots=True)
class _Typed:
    """What stands in the form, and what was found wrong with it."""

    arguments: Mapping[str, str]
    reason: str = ""
    paragraph: str = ""
    cited: frozenset[str] = frozenset()
    errors: Sequence[FieldError] = field(default=())


@page("approvals/<uuid:request_id>/edit/", name="approval_edit", methods=("GET", "HEAD", "POST"))
def edit(request: HttpRequest, visit: Visit, request_id: UUID) -> HttpResponse:
    """Show the form; a preview says what would change, an edit makes the new request."""
    found = selectors.get_request(authority=visit.authority, request_id=request_id)
    call = find_call(found, visit) or find_model(found, visit)
    is_test = found.subject_kind == VIGILANCE
    if not may_edit_on(visit, found.queue_id) or (call is None and not is_test):
        raise NotFoundError(_("There is no such tool call."))
    if call is None:
        return HttpResponseRedirect(_link("approval", found))
    if request.method != "POST":
        if not may_edit(visit, found, call):
            return HttpResponseRedirect(_link("approval", found))
        untouched = _untouched(found, call)
        if masked(untouched) != untouched:
            # What is edited is shown as it is: a mask would be saved with it.
            record_read(authority=visit.authority, now=visit.now, case=call.case, unmasked=True)
        return _form(request, visit, found, call, untouched)
    if is_test:
        return _reveal(request, visit, found)
    typed = _read(request, call)
    if request.POST.get("act") == "preview":
        return _preview(request, visit, found, call, typed)
    return _save(request, visit, found, call, typed)


def _reveal(request: HttpRequest, visit: Visit, found: ApprovalRequest) -> HttpResponse:
    """End a test of attention that somebody tries to edit; its page says what it was."""
    attempt(
        request,
        lambda: approvals.end_edited_test(
            actor=visit.actor, now=visit.now, request_id=found.public_id
        ),
        refusal=lambda error: refusal_of(found, "tool_call.edit", error),
    )
    return HttpResponseRedirect(_link("approval", found))


def _shown_arguments(found: ApprovalRequest, call: ToolCall) -> Any:
    """Return what would run, as the request's page shows it: of a test, not its model's."""
    if found.subject_kind != VIGILANCE:
        return call.arguments
    return selectors.view_of(found).get("call", {}).get("arguments", call.arguments)


def _untouched(found: ApprovalRequest, call: ToolCall) -> _Typed:
    return _Typed(
        arguments=typed_from(_shown_arguments(found, call)),
        paragraph=call.customer_paragraph,
        cited=frozenset(call.evidence),
    )


def _read(request: HttpRequest, call: ToolCall) -> _Typed:
    shown = {line["id"] for line in said_lines(call.case, set())}
    kept = {one for one in call.evidence if one not in shown}
    return _Typed(
        arguments=typed_of(tools.spec_of(call.tool), request.POST),
        reason=request.POST.get("reason", "").strip(),
        paragraph=request.POST.get("customer_paragraph", "").strip(),
        cited=frozenset(kept | (set(request.POST.getlist("evidence")) & shown)),
    )


def _asked(request: HttpRequest, visit: Visit, call: ToolCall, typed: _Typed) -> Any:
    return services.EditRequest(
        arguments=arguments_of(tools.spec_of(call.tool), typed.arguments),
        digest=request.POST.get("action_digest", ""),
        reason=typed.reason,
        evidence=tuple(sorted(typed.cited)),
        customer_paragraph=typed.paragraph,
        request_key=_request_key(visit, request),
    )


def _preview(
    request: HttpRequest, visit: Visit, found: ApprovalRequest, call: ToolCall, typed: _Typed
) -> HttpResponse:
    would: list[Any] = []
    error = attempt(
        request,
        lambda: would.append(
            services.preview_edit(
                actor=visit.actor,
                call_id=call.public_id,
                request=_asked(request, visit, call, typed),
            )
        ),
        refusal=lambda error: refusal_of(found, "tool_call.edit", error),
    )
    if error is not None:
        return _again(request, visit, found, call, typed, error)
    return _form(request, visit, found, call, typed, would=would[0])


def _save(
    request: HttpRequest, visit: Visit, found: ApprovalRequest, call: ToolCall, typed: _Typed
) -> HttpResponse:
    made: list[ToolCall] = []
    error = attempt(
        request,
        lambda: made.append(
            services.edit_tool_call(
                actor=visit.actor,
                call_id=call.public_id,
                request=_asked(request, visit, call, typed),
            )
        ),
        refusal=lambda error: refusal_of(found, "tool_call.edit", error),
    )
    if error is not None:
        return _again(request, visit, found, call, typed, error)
    return _go_on(request, visit, found, made[0])


def _again(
    request: HttpRequest,
    visit: Visit,
    found: ApprovalRequest,
    call: ToolCall,
    typed: _Typed,
    error: OrchestraError,
) -> HttpResponse:
    """Show the form once more with all that was typed; a conflict shows what stands now."""
    if isinstance(error, InvalidInputError):
        return _form(request, visit, found, call, replace(typed, errors=error.errors), status=400)
    if isinstance(error, ConflictError):
        fresh = selectors.get_request(authority=visit.authority, request_id=found.public_id)
        return _form(request, visit, fresh, find_call(fresh, visit) or call, typed, status=409)
    return HttpResponseRedirect(_link("approval", found))


def _go_on(
    request: HttpRequest, visit: Visit, found: ApprovalRequest, made: ToolCall
) -> HttpResponse:
    if made.approval_id_text:
        asked = selectors.get_request(
            authority=visit.authority, request_id=UUID(made.approval_id_text)
        )
        told = _("%(old)s is void. %(new)s asks for what you made of it; another person decides.")
        messages.success(request, told % {"old": found.label, "new": asked.label})
        return HttpResponseRedirect(_link("approval", asked))
    told = _("%(old)s is void. Your edit was decided without a vote: %(outcome)s")
    outcome = describe_outcome(made)
    text = f"{outcome['text']} {outcome['detail']}".strip()
    messages.success(request, told % {"old": found.label, "outcome": text})
    return HttpResponseRedirect(reverse("admin:case", args=[found.case_public_id]) + "#calls")


def _form(
    request: HttpRequest,
    visit: Visit,
    found: ApprovalRequest,
    call: ToolCall,
    typed: _Typed,
    *,
    would: Any = None,
    status: int = 200,
) -> HttpResponse:
    shown = read_view(selectors.view_of(found), title=found.title)
    was = typed_from(_shown_arguments(found, call))
    fields = fields_of(tools.spec_of(call.tool), given=typed.arguments, errors=list(typed.errors))
    for each in fields:
        name = each["id"].removeprefix("arg-")
        each["was"] = was.get(name, "")
        each["changed"] = each["was"] != each["value"]
    return render(
        request,
        "governance/approval_edit.html",
        {
            "title": _("Edit %(label)s") % {"label": found.label},
            "crumbs": [
                Crumb(_("Work")),
                Crumb(_("Approvals"), reverse("admin:approvals")),
                Crumb(found.label, _link("approval", found)),
                Crumb(_("Edit")),
            ],
            "approval": found,
            "view": masked(shown),
            "fields": fields,
            "changed": [each for each in fields if each["changed"]],
            "preview": masked(_would(shown, would)) if would is not None else [],
            "unchanged": _unchanged(typed),
            "reason": typed.reason,
            "reason_error": _error(typed, "reason"),
            "paragraph": typed.paragraph,
            "messages_said": said_lines(call.case, set(typed.cited)),
            "voters": _voters(found, visit),
            "now_stands": _now_stands(found, call, visit),
            "action_digest": request.POST.get("action_digest") or call.action_digest,
            "back_link": _link("approval", found),
        },
        status=status,
    )


def _would(shown: Shown, would: Any) -> list[dict[str, Any]]:
    """Return what the action would do as edited, beside what it does as asked."""
    effect, rows = would.effect, would.before_after
    new = replace(
        shown,
        sentence=effect.sentence if effect else shown.sentence,
        before_after=tuple(Line(row.label, row.now, row.after) for row in rows or ()),
    )
    return changed_lines(old=shown, new=new)


def _unchanged(typed: _Typed) -> str:
    return next((one.message for one in typed.errors if one.code == "unchanged"), "")


def _error(typed: _Typed, name: str) -> str:
    return " ".join(one.message for one in typed.errors if one.field == name)


def _voters(found: ApprovalRequest, visit: Visit) -> list[str]:
    people = selectors.list_possible_voters(request=found)
    return [person.label for person in people if person.pk != visit.actor.pk]


def _now_stands(found: ApprovalRequest, call: ToolCall, visit: Visit) -> dict[str, Any] | None:
    """Return what stands in place of a request that can no longer be edited."""
    if found.state == ApprovalState.PENDING:
        return None
    edited, standing = find_standing(found, call, visit)
    return {
        "editor": edited.edited_by_label if edited else "",
        "at": words.clock_time(edited.created_at) if edited else "",
        "label": standing.label if standing else found.label,
        "link": _link("approval", standing or found),
    }


def _request_key(visit: Visit, request: HttpRequest) -> str:
    """Return the key under which the same form, sent twice, is one edit."""
    sent = request.POST.copy()
    sent.pop("csrfmiddlewaretoken", None)
    text = f"edit {visit.actor.id} {request.path} {sent.urlencode()}"
    return hashlib.sha256(text.encode()).hexdigest()


def _link(name: str, found: ApprovalRequest) -> str:
    return reverse(f"admin:{name}", args=[found.public_id])
