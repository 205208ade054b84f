"""Skills: the list, who has what, and which queues ask for it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.models import Queue, User
from governance.access.types import Capability
from governance.admin import reads
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from governance.skills import selectors, services
from governance.skills.models import Skill
from governance.skills.rules import RISKS
from governance.skills.types import NewSkill, SkillKind
from orchestra.core import words
from orchestra.core.errors import FieldError, InvalidInputError, NotFoundError


@page("skills/", name="skills", capability=Capability.ACCESS_READ)
def skills(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the list of skills with who has each, and, to who may, the forms to change it."""
    return _show(request, visit, {})


@page(
    "skills/<slug:act>/", name="skill_act", capability=Capability.ACCESS_MANAGE, methods=("POST",)
)
def change_skill(request: HttpRequest, visit: Visit, act: str) -> HttpResponse:
    """Do one act about skills; what is wrong keeps what was typed."""
    if act not in _ACTS:
        raise NotFoundError(_("There is no such act."))
    done: list[Any] = []
    error = attempt(
        request,
        lambda: done.append(_ACTS[act](request, visit)),
        refusal=as_refusal(f"skill.{act}", ""),
    )
    if error is not None:
        typed = {name: request.POST.get(name, "") for name in ("key", "title", "kind", "reason")}
        return _show(request, visit, typed, status=422)
    if done[0] is False:
        messages.info(request, _("Nothing changed: it stood so already."))
    else:
        messages.success(request, _("Noted, with your reason."))
    return HttpResponseRedirect(reverse("admin:skills"))


def _list(request: HttpRequest, visit: Visit) -> Skill:
    kind = request.POST.get("kind", "")
    new = NewSkill(
        key=request.POST.get("key", "").strip(),
        title=request.POST.get("title", ""),
        kind=SkillKind(kind) if kind in set(SkillKind) else SkillKind.PRODUCT,
        from_risk=request.POST.get("from_risk", ""),
    )
    return services.list_skill(
        actor=visit.actor, now=visit.now, new=new, reason=request.POST.get("reason", "")
    )


def _retire(request: HttpRequest, visit: Visit) -> Skill:
    return services.retire_skill(**_given(request, visit))


def _give(request: HttpRequest, visit: Visit) -> bool:
    return services.give_skill(user=_person(request), **_given(request, visit))


def _take(request: HttpRequest, visit: Visit) -> bool:
    return services.take_skill(user=_person(request), **_given(request, visit))


def _ask(request: HttpRequest, visit: Visit) -> bool:
    return services.ask_for_skill(queue=_queue(request), **_given(request, visit))


def _drop(request: HttpRequest, visit: Visit) -> bool:
    return services.stop_asking(queue=_queue(request), **_given(request, visit))


_ACTS: dict[str, Callable[[HttpRequest, Visit], Any]] = {
    "list": _list,
    "retire": _retire,
    "give": _give,
    "take": _take,
    "ask": _ask,
    "drop": _drop,
}


def _given(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    return {
        "actor": visit.actor,
        "now": visit.now,
        "skill": selectors.get_skill(key=request.POST.get("skill", "")),
        "reason": request.POST.get("reason", ""),
    }


def _person(request: HttpRequest) -> User:
    try:
        return reads.get_person(person_id=UUID(request.POST.get("person", "")))
    except ValueError:
        message = _("Choose a person. Nothing was changed.")
        raise InvalidInputError(
            message, errors=[FieldError("person", "unknown", message)]
        ) from None


def _queue(request: HttpRequest) -> Queue:
    found = reads.list_all_queues().filter(key=request.POST.get("queue", "")).first()
    if found is None:
        message = _("Choose a queue. Nothing was changed.")
        raise InvalidInputError(message, errors=[FieldError("queue", "unknown", message)])
    return found


def _show(
    request: HttpRequest, visit: Visit, typed: dict[str, str], *, status: int = 200
) -> HttpResponse:
    rows = list(selectors.list_with_holders())
    return render(
        request,
        "governance/skills.html",
        {
            "title": _("Skills"),
            "crumbs": [Crumb(_("Set up")), Crumb(_("Skills"))],
            "skills": [_row(row) for row in rows],
            "may_manage": visit.may(Capability.ACCESS_MANAGE),
            "people": reads.list_active_people(),
            "queues": reads.list_all_queues(),
            "kinds": [(str(kind), words.plain(str(kind))) for kind in SkillKind],
            "risks": [(risk, words.plain(risk)) for risk in RISKS],
            "typed": typed,
        },
        status=status,
    )


def _row(skill: Skill) -> dict[str, Any]:
    return {
        "key": skill.key,
        "title": skill.title,
        "kind": words.plain(str(skill.kind)),
        "from_risk": words.plain(str(skill.from_risk)),
        "holders": [
            {"id": held.user.public_id, "label": held.user.label, "given": held}
            for held in skill.holdings.all()
            if held.user.is_active
        ],
        "queues": [
            {"key": asked.queue.key, "title": asked.queue.title, "given": asked}
            for asked in skill.queues.all()
        ],
    }
