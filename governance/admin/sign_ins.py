"""A person's own sign-ins, and their password."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access import services
from governance.access.sessions import key_of, list_sign_ins
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render


@page("account/sign-ins/", name="sign_ins")
def sign_ins(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show where the person is signed in."""
    found = list_sign_ins(person=_person(request), now=visit.now, here=_key(request))
    return render(
        request,
        "governance/sign_ins.html",
        {
            "title": _("Your sign-ins"),
            "crumbs": [Crumb(_("Your account")), Crumb(_("Your sign-ins"))],
            "headline": ngettext(
                "You are signed in once", "You are signed in %(count)d times", len(found)
            )
            % {"count": len(found)},
            "sign_ins": found,
            "has_others": len(found) > 1,
        },
    )


@page("account/sign-ins/<slug:handle>/end/", name="sign_in_end", methods=("POST",))
def end(request: HttpRequest, visit: Visit, handle: str) -> HttpResponse:
    """End one sign-in."""
    person = _person(request)
    error = attempt(
        request,
        lambda: services.end_session(
            actor=visit.actor,
            now=visit.now,
            person=person,
            key=key_of(person=person, handle=handle),
        ),
        refusal=as_refusal("sign_in.end", visit.actor.id),
    )
    if error is None:
        messages.success(request, _("Ended. Whoever used it has to sign in again."))
    return HttpResponseRedirect(reverse("admin:sign_ins"))


@page("account/sign-ins/end-others/", name="sign_ins_end_others", methods=("POST",))
def end_others(request: HttpRequest, visit: Visit) -> HttpResponse:
    """End every sign-in but this one."""
    services.end_sessions(
        actor=visit.actor,
        now=visit.now,
        person=_person(request),
        keep=_key(request),
        reason=_("all others"),
    )
    messages.success(request, _("Every other sign-in is ended."))
    return HttpResponseRedirect(reverse("admin:sign_ins"))


class PasswordForm(PasswordChangeForm):
    """The old password, and the new one twice; a wrong old one counts to the lock-out."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(_person(request), *args, **kwargs)
        self.request = request
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"

    def clean_old_password(self) -> str:
        """Check the old password as a sign-in does.

        Raises:
            ValidationError: It is not the person's.
        """
        old: str = self.cleaned_data["old_password"]
        found = authenticate(self.request, username=self.user.get_username(), password=old)
        if found is None or found.pk != self.user.pk:
            raise ValidationError(_("That is not your password."), code="password_incorrect")
        return old


@page("password_change/", name="password_change", methods=("GET", "HEAD", "POST"))
def password_change(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Change the own password; every other sign-in ends with it."""
    person = _person(request)
    form = PasswordForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.change_password(
            actor=visit.actor,
            now=visit.now,
            person=person,
            password=form.cleaned_data["new_password1"],
            keep=_key(request),
        )
        update_session_auth_hash(request, person)
        messages.success(request, _("Changed. Every other sign-in is ended."))
        return HttpResponseRedirect(reverse("admin:sign_ins"))
    return render(
        request,
        "governance/password.html",
        {
            "title": _("Change password"),
            "crumbs": [Crumb(_("Your account")), Crumb(_("Change password"))],
            "form": form,
            "has_password": person.has_usable_password(),
        },
    )


def _person(request: HttpRequest) -> Any:
    return request.user


def _key(request: HttpRequest) -> str:
    return request.session.session_key or ""
