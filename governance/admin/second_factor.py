"""A person's own second factor: set up, its recovery codes, removed."""

from collections.abc import Callable
from functools import partial
from typing import Any

from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access import services
from governance.access.factors import find_factor, picture_of
from governance.access.proof import find_proof
from governance.access.services.second_factor import SETTING_UP
from governance.admin.proving import ask_first
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render

_SECRET = "orchestra_new_factor"  # noqa: S105  the session's key for it, no secret
_ROUTE = "account/second-factor/"
_GROUP = 4


@page(_ROUTE, name="second_factor")
def second_factor(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show whether a second factor is set up, and what can be done with it."""
    del visit
    return render(
        request,
        "governance/second_factor.html",
        {
            "title": _("Second factor"),
            "crumbs": [Crumb(_("Your account")), Crumb(_("Second factor"))],
            "factor": find_factor(_person(request)),
        },
    )


@page(f"{_ROUTE}set-up/", name="second_factor_set_up", methods=("GET", "HEAD", "POST"))
def set_up(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what the authenticator app reads, and take its first code."""
    first = ask_first(request, visit, "second_factor_set_up", SETTING_UP)
    if first is not None:
        return first
    person = _person(request)
    secret = request.session.setdefault(_SECRET, generate_totp_secret())
    if request.method == "POST":
        codes = _codes_of(
            request,
            visit,
            "second_factor.set_up",
            partial(services.set_up_factor, secret=secret, code=request.POST.get("code", "")),
        )
        if codes:
            del request.session[_SECRET]
            return _show_codes(request, codes, is_new=True)
    if find_factor(person) is not None:
        return HttpResponseRedirect(reverse("admin:second_factor"))
    return render(
        request,
        "governance/second_factor_set_up.html",
        {
            "title": _("Set up an authenticator app"),
            "crumbs": _crumbs(_("Set up")),
            "picture": picture_of(person, secret),
            "secret": " ".join(secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP)),
        },
    )


@page(f"{_ROUTE}codes/", name="recovery_codes", methods=("POST",))
def recovery_codes(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Make new recovery codes and show them once."""
    first = ask_first(request, visit, "second_factor")
    if first is not None:
        return first
    codes = _codes_of(request, visit, "second_factor.recovery_codes", services.make_recovery_codes)
    if not codes:
        return HttpResponseRedirect(reverse("admin:second_factor"))
    return _show_codes(request, codes, is_new=False)


@page(f"{_ROUTE}remove/", name="second_factor_remove", methods=("POST",))
def remove(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Remove the second factor."""
    first = ask_first(request, visit, "second_factor")
    if first is not None:
        return first
    error = attempt(
        request,
        lambda: services.remove_factor(**_given(request, visit)),
        refusal=as_refusal("second_factor.remove", visit.actor.id),
    )
    if error is None:
        messages.success(request, _("Removed. From now on your password alone signs you in."))
    return HttpResponseRedirect(reverse("admin:second_factor"))


def _codes_of(
    request: HttpRequest, visit: Visit, act: str, service: Callable[..., list[str]]
) -> list[str]:
    codes: list[str] = []
    attempt(
        request,
        lambda: codes.extend(service(**_given(request, visit))),
        refusal=as_refusal(act, visit.actor.id),
    )
    return codes


def _show_codes(request: HttpRequest, codes: list[str], *, is_new: bool) -> HttpResponse:
    return render(
        request,
        "governance/recovery_codes.html",
        {
            "title": _("Recovery codes"),
            "crumbs": _crumbs(_("Recovery codes")),
            "codes": [f"{code[:_GROUP]} {code[_GROUP:]}" for code in codes],
            "copied": "\n".join(codes),
            "is_new": is_new,
        },
    )


def _given(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    return {
        "actor": visit.actor,
        "now": visit.now,
        "person": _person(request),
        "proof": find_proof(request),
    }


def _person(request: HttpRequest) -> Any:
    return request.user


def _crumbs(last: str) -> list[Crumb]:
    return [
        Crumb(_("Your account")),
        Crumb(_("Second factor"), reverse("admin:second_factor")),
        Crumb(last),
    ]
