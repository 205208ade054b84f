"""Erasing personal data: what it would take, what stands against it, two people, a certificate."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access.proof import find_proof
from governance.access.types import Capability
from governance.admin.proving import ask_first
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from governance.privacy import registry, selectors, services
from governance.privacy.models import Erasure
from governance.privacy.types import ErasureBasis, ErasureState, Preview
from orchestra.core.errors import NotFoundError

_SHOWN: Final = 50
_MANAGES = Capability.LEDGER_VERIFY
_STATES = {
    ErasureState.ASKED: ("is-wait", gettext_lazy("waits for a second person")),
    ErasureState.CONFIRMED: ("is-wait", gettext_lazy("confirmed; is being carried out")),
    ErasureState.DONE: ("is-ok", gettext_lazy("erased")),
    ErasureState.STOPPED: ("is-bad", gettext_lazy("stopped; nothing was erased")),
    ErasureState.WITHDRAWN: ("is-off", gettext_lazy("taken back")),
    ErasureState.EXPIRED: ("is-off", gettext_lazy("ended: nobody confirmed it in time")),
}
_BASES = {
    ErasureBasis.NO_LONGER_NEEDED: gettext_lazy("No longer needed for its purpose, 17(1)(a)"),
    ErasureBasis.CONSENT_WITHDRAWN: gettext_lazy("Consent was withdrawn, 17(1)(b)"),
    ErasureBasis.OBJECTION: gettext_lazy("The person objected, 17(1)(c)"),
    ErasureBasis.UNLAWFUL: gettext_lazy("It was processed unlawfully, 17(1)(d)"),
    ErasureBasis.LEGAL_DUTY: gettext_lazy("A law demands the erasure, 17(1)(e)"),
    ErasureBasis.CHILD: gettext_lazy("Collected from a child, 17(1)(f)"),
}
_STAYS = (
    gettext_lazy("Every entry of the ledger with its hashes: ids, codes and times, no words."),
    gettext_lazy("Times, states, amounts and queues of the cases, which name nobody."),
    gettext_lazy("Who of the staff acted, for accountability."),
    gettext_lazy("Files of evidence that were handed out before: they are with who received them."),
    gettext_lazy("Backups of the database, until they run out by their own retention."),
)


@page("erasures/", name="erasures", capability=_MANAGES, methods=("GET", "HEAD", "POST"))
def erasures(request: HttpRequest, visit: Visit) -> HttpResponse:
    """List erasures; with a reference posted, or a case's label, show what one would take."""
    text = request.POST.get("text", "") or request.GET.get("case", "")[:40]
    return _show(request, visit, text)


@page("erasures/ask/", name="erasure_ask", capability=_MANAGES, methods=("POST",))
def ask(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for an erasure; what is wrong keeps what was typed."""
    text, basis = request.POST.get("text", ""), request.POST.get("basis", "")
    if basis not in set(ErasureBasis):
        messages.error(request, _("Choose the ground. Nothing was changed."))
        return _show(request, visit, text, status=422)
    try:
        error = attempt(
            request,
            lambda: services.ask_erasure(
                actor=visit.actor,
                now=visit.now,
                text=text,
                basis=ErasureBasis(basis),
                reference=request.POST.get("reference", ""),
            ),
            refusal=as_refusal("erasure.ask"),
        )
    except NotFoundError:
        return _show(request, visit, text)
    if error is not None:
        return _show(request, visit, text, status=422)
    messages.success(request, _("Asked. Another person confirms it; nothing is erased before."))
    return HttpResponseRedirect(reverse("admin:erasures"))


@page("erasures/<uuid:erasure_id>/", name="erasure", capability=_MANAGES)
def erasure(request: HttpRequest, visit: Visit, erasure_id: UUID) -> HttpResponse:
    """Show one erasure: before the end what it will take, afterwards its certificate."""
    found = selectors.get_erasure(erasure_id)
    is_done = found.state == ErasureState.DONE
    counts = found.erased if is_done else found.previewed
    return render(
        request,
        "governance/erasure.html",
        {
            "title": found.number,
            "crumbs": [
                Crumb(_("Prove")),
                Crumb(_("Erasures"), reverse("admin:erasures")),
                Crumb(found.number),
            ],
            "row": _row(found, visit),
            "is_done": is_done,
            "counts": [
                {"title": _title(code), "count": count} for code, count in sorted(counts.items())
            ],
            "total": sum(counts.values()),
            "stays": _STAYS,
        },
    )


@page(
    "erasures/<uuid:erasure_id>/<slug:act>/",
    name="erasure_act",
    capability=_MANAGES,
    methods=("POST",),
)
def decide(request: HttpRequest, visit: Visit, erasure_id: UUID, act: str) -> HttpResponse:
    """Confirm an erasure, or take it back."""
    selectors.get_erasure(erasure_id)
    if act not in {"confirm", "withdraw"}:
        raise NotFoundError(_("There is no such act."))
    if act == "confirm" and (asked := ask_first(request, visit, "erasures")):
        return asked
    do = (
        partial(services.confirm_erasure, proof=find_proof(request))
        if act == "confirm"
        else services.withdraw_erasure
    )
    error = attempt(
        request,
        partial(do, actor=visit.actor, now=visit.now, erasure_id=erasure_id),
        refusal=as_refusal(f"erasure.{act}", erasure_id),
    )
    if error is None:
        said = _("Confirmed. It is carried out now.") if act == "confirm" else _("Taken back.")
        messages.success(request, said)
    return HttpResponseRedirect(reverse("admin:erasure", args=[erasure_id]))


def _show(request: HttpRequest, visit: Visit, text: str, *, status: int = 200) -> HttpResponse:
    subject = selectors.find_subject(text) if text else None
    found = selectors.preview(subject) if subject else None
    is_missing = bool(text) and subject is None
    return render(
        request,
        "governance/erasures.html",
        {
            "title": _("Erasures"),
            "crumbs": [Crumb(_("Prove")), Crumb(_("Erasures"))],
            "coming": [_row(one, visit) for one in selectors.list_erasures()],
            "ended": [_row(one, visit) for one in selectors.list_erasures(ended=True)[:_SHOWN]],
            "found": found,
            "said": _said(found) if found else "",
            "is_missing": is_missing,
            "bases": [{"code": str(code), "words": words} for code, words in _BASES.items()],
            "typed": {
                "text": text[:200],
                "basis": request.POST.get("basis", ""),
                "reference": request.POST.get("reference", "")[:200],
            },
        },
        status=422 if is_missing else status,
    )


def _said(found: Preview) -> str:
    if found.holds:
        return _("Under legal hold. Nothing can be erased until it is lifted.")
    if found.obstacles:
        return _("Something has to end first.")
    if not found.total:
        return _("There is nothing left to erase.")
    return ""


def _title(code: str) -> str:
    holder = registry.holders.find(code)
    return str(holder.title) if holder else code


def _row(found: Erasure, visit: Visit) -> dict[str, Any]:
    sign, words = _STATES[ErasureState(found.state)]
    waits = found.state == ErasureState.ASKED
    return {
        "erasure": found,
        "link": reverse("admin:erasure", args=[found.public_id]),
        "sign": sign,
        "words": words,
        "basis": _BASES[ErasureBasis(found.basis)],
        "asked_by": found.asked_by.label,
        "confirmed_by": found.confirmed_by.label if found.confirmed_by else "",
        "waits": waits,
        "may_confirm": waits and visit.actor.pk != found.asked_by_id,
        "entries": f"{reverse('admin:ledger')}?subject={found.public_id}",
        "streams": f"{reverse('admin:ledger')}?subject={found.subject_id}",
    }
