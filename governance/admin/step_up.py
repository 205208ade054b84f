"""A vote that waits until its voter has proved who they are: asked, kept, and carried on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from governance.access.proof import CODE, lacks_password, method_of, prove
from governance.admin.visit import Crumb, Visit, render

#: What a page posted for a vote, all of it text.
Posted = dict[str, str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a vote is about, and how it goes on.

    Attributes:
        key: Where the session keeps the ballot.
        title: What is voted on.
        crumbs: The way to the page of what is voted on.
        lead: Why a proof is asked for.
        say: What a ballot would do, in words.
        back_link: The page that is returned to without a vote.
        cast: Takes the vote.
        undone: What a wrong proof leaves undone, in words.
    """

    key: str
    title: str
    crumbs: Sequence[Crumb]
    lead: str
    say: Callable[[Mapping[str, str]], str]
    back_link: str
    cast: Callable[[Posted], HttpResponse]
    undone: str = ""


def keep_ballot(request: HttpRequest, key: str, ballot: Mapping[str, str]) -> None:
    """Keep what was posted until the proof is given."""
    request.session[key] = dict(ballot)


def ask_to_prove(request: HttpRequest, visit: Visit, waiting: Waiting) -> HttpResponse:
    """Ask for the password or the code; the vote then goes on by itself, its text kept."""
    ballot: Posted | None = request.session.get(waiting.key)
    if ballot is None:
        return HttpResponseRedirect(waiting.back_link)
    asks, problem = method_of(request), ""
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in ("password", "code")}
        if prove(request, now=visit.now, **given):
            del request.session[waiting.key]
            return waiting.cast(ballot)
        problem = wrong_words(asks, waiting.undone or _("Nothing was voted."))
    return render(
        request,
        "governance/step_up.html",
        {
            "title": _("Show that it is you"),
            "crumbs": [*waiting.crumbs, Crumb(_("Show that it is you"))],
            "vote_title": waiting.title,
            "lead": waiting.lead,
            "vote_words": waiting.say(ballot),
            "reason": ballot["reason"],
            "asks": asks,
            "problem": problem,
            "no_password": lacks_password(request),
            "back_link": waiting.back_link,
        },
    )


def wrong_words(asks: str, after: str) -> str:
    """Return that a proof was wrong, and what did not happen."""
    if asks == CODE:
        return (
            _("That code is not right, or was used already. Wait for the next one.") + f" {after}"
        )
    return _("That is not your password.") + f" {after}"
