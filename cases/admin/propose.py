"""Proposing a tool on a case by hand: policy decides a person's proposal like any other."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.outcomes import describe_outcome
from cases.admin.proposal_form import arguments_of, fields_of, typed_from, typed_of
from cases.journeys import services
from cases.memory import selectors as memory
from cases.memory.models import Case
from cases.tools import selectors as tools
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.types import CallState, Effect
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core.errors import (
    FieldError,
    InvalidInputError,
    NotFoundError,
    UpstreamError,
)
from orchestra.core.redaction import mask_text

#: How many of the last messages can be cited from the form.
CITED = 8


@page("cases/<str:case_id>/propose/", name="propose")
def choose(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Show the tools that can be proposed on a case."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    _require_proposer(visit, case)
    rows = [_tool_row(tool, case) for tool in tools.list_tools()]
    return render(
        request,
        "cases/propose.html",
        {
            "title": _("Propose a tool"),
            "crumbs": _crumbs(case),
            "case": case,
            "case_link": _link(case),
            "groups": [
                (_("They change something"), [row for row in rows if row["writes"]]),
                (_("They only read"), [row for row in rows if not row["writes"]]),
            ],
        },
    )


@page("cases/<str:case_id>/propose/<str:tool>/", name="propose_tool", methods=("GET", "POST"))
def propose(request: HttpRequest, visit: Visit, case_id: str, tool: str) -> HttpResponse:
    """Show the form of one tool; a proposal is decided, recorded and told in words."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    row = _tool(tool)
    if request.method != "POST":
        _require_proposer(visit, case)
        return _form(request, case, row, typed=_earlier(request, case, row))
    spec = tools.spec_of(row)
    typed = typed_of(spec, request.POST)
    made: list[ToolCall] = []
    error = attempt(
        request,
        lambda: made.append(
            services.propose_tool_call(
                actor=visit.actor,
                case=case,
                request=services.ProposalRequest(
                    tool=row.name,
                    arguments=arguments_of(spec, typed),
                    rationale=request.POST.get("rationale", "").strip(),
                    customer_paragraph=request.POST.get("customer_paragraph", "").strip(),
                    evidence=tuple(request.POST.getlist("evidence")[:CITED]),
                    request_key=_request_key(visit, case, request),
                ),
            )
        ),
        refusal=as_refusal("tool_call.propose", case.public_id, case=case.public_id),
    )
    if isinstance(error, InvalidInputError | UpstreamError):
        errors = error.errors if isinstance(error, InvalidInputError) else ()
        return _form(request, case, row, typed=typed, errors=errors)
    if error is None:
        _tell(request, made[0])
    return HttpResponseRedirect(f"{_link(case)}#calls")


def _require_proposer(visit: Visit, case: Case) -> None:
    if not visit.may(Capability.TOOL_PROPOSE, case.queue_id):
        raise NotFoundError(_("There is no such case."))


def _tool(name: str) -> ToolDefinition:
    row = tools.tools_by_name([name]).get(name)
    if row is None or not row.enabled:
        raise NotFoundError(_("There is no such tool."))
    return row


def _form(
    request: HttpRequest,
    case: Case,
    row: ToolDefinition,
    *,
    typed: Mapping[str, str],
    errors: Sequence[FieldError] = (),
) -> HttpResponse:
    spec = tools.spec_of(row)
    writes = row.effect == Effect.WRITE
    cited = set(request.POST.getlist("evidence"))
    return render(
        request,
        "cases/propose_tool.html",
        {
            "title": row.title,
            "crumbs": _crumbs(case),
            "case": case,
            "case_link": _link(case),
            "tool": row,
            "spec": spec,
            "writes": writes,
            "fields": fields_of(spec, given=typed, errors=errors),
            "messages_said": said_lines(case, cited) if writes else [],
            "rationale": request.POST.get("rationale", ""),
            "customer_paragraph": request.POST.get("customer_paragraph", ""),
            "once": request.POST.get("once") or secrets.token_hex(8),
            "other_link": reverse("admin:propose", args=[case.public_id]),
        },
        status=400 if errors else 200,
    )


def said_lines(case: Case, cited: set[str]) -> list[dict[str, Any]]:
    """Return the last messages of a case, to be cited from a form."""
    newest = list(memory.list_messages(case=case).order_by("-at", "-pk")[:CITED])
    return [
        {
            "id": str(message.public_id),
            "speaker": "agent" if message.speaker == "ai" else message.speaker,
            "label": message.author_label if message.speaker != "customer" else _("Customer"),
            "at": message.at,
            "text": mask_text(message.text),
            "cited": str(message.public_id) in cited,
        }
        for message in reversed(newest)
    ]


def _earlier(request: HttpRequest, case: Case, row: ToolDefinition) -> dict[str, str]:
    """Return the arguments of the newest call of this tool on this case, to start from."""
    if not request.GET.get("again"):
        return {}
    calls = [call for call in tools.list_calls(case=case) if call.tool_id == row.pk]
    return typed_from(calls[-1].arguments) if calls else {}


def _tool_row(tool: ToolDefinition, case: Case) -> dict[str, Any]:
    return {
        "title": tool.title,
        "risk": tool.risk,
        "writes": tool.effect == Effect.WRITE,
        "text": tools.spec_of(tool).description,
        "link": reverse("admin:propose_tool", args=[case.public_id, tool.name]),
    }


def _tell(request: HttpRequest, call: ToolCall) -> None:
    outcome = describe_outcome(call)
    told = f"{outcome['text']} {outcome['detail']}".strip()
    if outcome["moving"]:
        told = _("It is on its way. Open the case again in a moment to see what became of it.")
    text = f"{call.tool.title}: {told}"
    state = CallState(call.state)
    if state in {CallState.DENIED, CallState.FAILED} or call.refused:
        messages.warning(request, text)
    else:
        messages.success(request, text)


def _request_key(visit: Visit, case: Case, request: HttpRequest) -> str:
    """Return the key under which the same form, sent twice, is one proposal."""
    sent = request.POST.copy()
    sent.pop("csrfmiddlewaretoken", None)
    text = f"page {visit.actor.id} {case.public_id} {request.path} {sent.urlencode()}"
    return hashlib.sha256(text.encode()).hexdigest()


def _crumbs(case: Case) -> list[Crumb]:
    return [
        Crumb(_("Work")),
        Crumb(_("Cases"), reverse("admin:cases")),
        Crumb(case.label, _link(case)),
        Crumb(_("Propose a tool")),
    ]


def _link(case: Case) -> str:
    return reverse("admin:case", args=[case.public_id])
