"""Proving again who one is before one's own sign-in, or that of others, is changed."""

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.proof import find_proof, is_fresh, lacks_password, method_of, prove
from governance.access.rules import METHODS
from governance.admin.step_up import wrong_words
from governance.admin.visit import Crumb, Visit, page, render

#: The pages that lead here, and are returned to.
_FROM: Final = ("second_factor", "second_factor_set_up", "sign_in_help", "legal_holds", "erasures")


@page("account/prove/", name="prove", methods=("GET", "HEAD", "POST"))
def prove_page(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for the password or the code, then lead back."""
    name = request.GET.get("to", "")
    back = reverse(f"admin:{name if name in _FROM else 'second_factor'}")
    asks, problem = method_of(request), ""
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in ("password", "code")}
        if prove(request, now=visit.now, **given):
            return HttpResponseRedirect(back)
        problem = wrong_words(asks, _("Nothing was changed."))
    return render(
        request,
        "governance/prove.html",
        {
            "title": _("Show that it is you"),
            "crumbs": [Crumb(_("Your account")), Crumb(_("Show that it is you"))],
            "asks": asks,
            "problem": problem,
            "no_password": lacks_password(request),
            "back_link": back,
        },
    )


def ask_first(
    request: HttpRequest, visit: Visit, name: str, methods: frozenset[str] = METHODS
) -> HttpResponseRedirect | None:
    """Return the way to the proof where the last one is too old, else None.

    Args:
        request: The request.
        visit: The visit.
        name: The page to come back to, one of those that lead here.
        methods: What proves enough.
    """
    if is_fresh(find_proof(request), now=visit.now, methods=methods):
        return None
    return HttpResponseRedirect(f"{reverse('admin:prove')}?to={name}")
