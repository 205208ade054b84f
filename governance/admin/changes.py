"""Change requests: those that wait for me and all others, and one with what it would change."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import yaml
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.access.proof import find_proof, is_fresh
from governance.access.types import Capability
from governance.admin.article_edit import is_article
from governance.admin.change_checks import describe_checks, find_checked
from governance.admin.change_rail import describe_end, describe_track, describe_votes
from governance.admin.change_reading import ChangeRead, read_change
from governance.admin.change_rehearsal import describe_change_rehearsal
from governance.admin.change_shadow import describe_change_shadow
from governance.admin.change_shown import describe_comments, describe_difference
from governance.admin.change_table import editor_name, is_table
from governance.admin.change_texts import describe_texts
from governance.admin.in_ledger import in_ledger
from governance.admin.visit import Crumb, Visit, page, render
from governance.policies.examining import errors_among
from governance.reviews import rules, selectors, voting
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import documents
from governance.reviews.types import ChangePurpose, ChangeState, ReviewChoice, Standing, Verdict
from orchestra.core.errors import FieldError, NotFoundError
from orchestra.templatetags.parts import role as role_name

SHOWN = 200
_MINE = "mine"
_WRITTEN = "written"
_ALL = "all"
_CHIPS = {
    _MINE: gettext_lazy("mine to review"),
    _WRITTEN: gettext_lazy("written by me"),
    _ALL: gettext_lazy("all"),
    ChangeState.DRAFT: gettext_lazy("drafts"),
    ChangeState.SUBMITTED: gettext_lazy("in review"),
    ChangeState.CHANGES_ASKED: gettext_lazy("changes asked"),
    ChangeState.APPROVED: gettext_lazy("approved"),
    ChangeState.SCHEDULED: gettext_lazy("planned"),
    ChangeState.PUBLISHED: gettext_lazy("in force"),
    ChangeState.REFUSED: gettext_lazy("refused"),
}
#: How the differences may be read.
_VIEWS = ("words", "facts")


@page("change-requests/", name="changes", capability=Capability.CHANGE_READ)
def changes(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the change requests: those I may approve first, all, or those of one state."""
    may_review = visit.may(Capability.CHANGE_REVIEW)
    mine = selectors.list_to_review(authority=visit.authority, now=visit.now)
    counts = selectors.count_by_state(authority=visit.authority)
    shown = request.GET.get("show", _MINE if may_review else _ALL)
    if shown not in _CHIPS:
        raise NotFoundError(_("There is no such list."))
    rows = mine if shown == _MINE else _listed(visit, shown)
    written = selectors.count_written(authority=visit.authority)
    totals = {_MINE: len(mine), _WRITTEN: written, _ALL: sum(counts.values()), **counts}
    return render(
        request,
        "governance/changes.html",
        {
            "title": _("Change requests"),
            "crumbs": [Crumb(_("Govern")), Crumb(_("Change requests"))],
            "headline": ngettext(
                "%(count)d change waits for your vote",
                "%(count)d changes wait for your vote",
                len(mine),
            )
            % {"count": len(mine)}
            if mine
            else _("No change waits for your vote"),
            "chips": [
                {
                    "title": title,
                    "count": totals.get(code, 0),
                    "is_on": code == shown,
                    "link": f"{reverse('admin:changes')}?show={code}",
                }
                for code, title in _CHIPS.items()
                if code != _MINE or may_review
            ],
            "rows": [_row(change) for change in rows],
            "shown": shown,
        },
    )


def _listed(visit: Visit, shown: str) -> list[ChangeRequest]:
    states = [] if shown in {_ALL, _WRITTEN} else [ChangeState(shown)]
    found = selectors.list_changes(authority=visit.authority, states=states)
    if shown == _WRITTEN:
        found = found.filter(author_id=visit.actor.id)
    return selectors.with_delegations(found[:SHOWN])


def _row(change: ChangeRequest) -> dict[str, Any]:
    standing = selectors.standing_of(change)
    return {
        "change": change,
        "kind": selectors.kind_of(change).title,
        "document_title": _title(getattr(change, "document_title", None)),
        "link": reverse("admin:change", args=[change.public_id]),
        "votes": _votes(standing),
        "lapses_at": change.expires_at if change.state in rules.LAPSES else None,
    }


def _votes(standing: Standing) -> str:
    return _("%(votes)d of %(needed)d") % {
        "votes": voting.count_votes(standing),
        "needed": standing.quorum.votes,
    }


@page("change-requests/<uuid:change_id>/", name="change", capability=Capability.CHANGE_READ)
def change_page(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Show one change: what it changes in words, who may approve it, and what was said."""
    return show_change(request, visit, change_id)


def show_change(
    request: HttpRequest,
    visit: Visit,
    change_id: UUID,
    *,
    text: str | None = None,
    problems: tuple[FieldError, ...] = (),
) -> HttpResponse:
    """Return the page of a change.

    Args:
        request: The request.
        visit: Who looks.
        change_id: Public id of the change.
        text: A text that could not be saved, kept in the editor; None for the one saved.
        problems: Why it could not be saved.
    """
    found = selectors.get_without_reviews(authority=visit.authority, change_id=change_id)
    context = _describe(request, visit, found, read_change(found))
    if text is not None:
        context["text"] = text
    context["problems"] = problems
    return render(request, "governance/change.html", context, status=422 if problems else 200)


def _describe(
    request: HttpRequest, visit: Visit, found: ChangeRequest, read: ChangeRead
) -> dict[str, Any]:
    kind = selectors.kind_of(found)
    standing = selectors.standing_of(found)
    verdict = voting.may_review(standing=standing, authority=visit.authority, now=visit.now)
    number, digest, document = selectors.as_present(next(iter(read.present), None), kind=found.kind)
    is_open = found.state in rules.OPEN
    may_draft = visit.may_on(kind.drafting, kind=found.kind, key=found.document_key) and is_open
    checked = find_checked(found)
    # What stops a policy is among what is found of it.
    findings = errors_among(checked[0]) if checked else _findings(found) if is_open else ()
    comments = list(read.comments)
    texts = selectors.drafts_among(read.history)
    view = request.GET.get("view", "")
    return {
        "title": f"{found.label}: {found.title}",
        "crumbs": [
            Crumb(_("Govern")),
            Crumb(_("Change requests"), reverse("admin:changes")),
            Crumb(found.label),
        ],
        "change": found,
        "kind": kind.title,
        "document_title": _title(found.document.get("title")),
        "document_link": document_link(found.kind, found.document_key),
        "ledger_link": in_ledger(visit, subject=found.public_id),
        "page_link": request.build_absolute_uri(request.path),
        "next_number": found.published_number or (found.base_number and found.base_number + 1),
        "difference": describe_difference(found, present=(number, document), comments=comments),
        "view": view if view in _VIEWS else _VIEWS[0],
        "findings": findings,
        "is_stale": is_open and digest != found.base_digest,
        "present_number": number,
        "is_rehearsal_stale": found.rehearsal_digest not in {"", found.digest},
        "end": describe_end(found, standing, number),
        "quorum": _quorum(standing),
        "voters": [role_name(role) for role in sorted(standing.quorum.roles)],
        "votes": voting.count_votes(standing),
        "votes_words": _votes(standing),
        "vote_lines": describe_votes(found, standing, verdict, visit.authority, read.reviews),
        "track": describe_track(found, standing, errors=len(findings)),
        "consequence": kind.consequence if is_open else "",
        "bar": _bar(request, visit, standing, verdict),
        "comments": describe_comments(found, comments, texts, me=visit.actor.id),
        "comments_open": sum(one.resolved_at is None for one in comments),
        "about": request.GET.get("about", "")[:200],
        "drafts": describe_texts(found, texts),
        "may_edit": may_draft and found.purpose == ChangePurpose.EDIT,
        "table_link": table_link(found),
        "article_link": article_link(found),
        "text": _dump(found.document),
        "rehearsing": describe_change_rehearsal(request, visit, found, read),
        "shadowing": describe_change_shadow(visit, found, read),
        "checks": describe_checks(checked),
        "acts": _acts(visit, found, may_draft=may_draft),
    }


def table_link(change: ChangeRequest) -> str:
    """Return the page where a change is edited in fields, empty where it is edited as text."""
    name = "change_table" if is_table(change) else editor_name(change)
    return reverse(f"admin:{name}", args=[change.public_id]) if name else ""


def article_link(change: ChangeRequest) -> str:
    """Return the page where a change is read and edited as an article, empty where it is none."""
    return reverse("admin:change_article", args=[change.public_id]) if is_article(change) else ""


def document_link(kind: str, key: str) -> str:
    """Return the page of a governed document, empty where its kind has none."""
    found = documents.find(kind)
    return reverse(f"admin:{found.page}", args=[key]) if found and found.page else ""


def _title(value: object) -> str:
    """Return the title of a draft's document, empty where the text has none that can be read."""
    return value.strip() if isinstance(value, str) else ""


def _findings(change: ChangeRequest) -> tuple[FieldError, ...]:
    if change.purpose == ChangePurpose.RETIREMENT:
        return ()
    return documents.get(change.kind).validate(change.document)


def _dump(document: Any) -> str:
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100))


def _quorum(standing: Standing) -> str:
    quorum = standing.quorum
    words = ngettext("%(count)d vote", "%(count)d votes", quorum.votes) % {"count": quorum.votes}
    if quorum.distinct_roles:
        words += ", " + _("each from another role")
    if quorum.step_up:
        words += ", " + _("each voter proves who they are again")
    return words


def _bar(request: HttpRequest, visit: Visit, standing: Standing, verdict: Verdict) -> Any:
    def allows(choice: ReviewChoice) -> bool:
        return voting.may_review(
            standing=standing, authority=visit.authority, now=visit.now, choice=choice
        ).allowed

    roles = sorted(voting.usable_roles(standing.quorum, visit.authority))
    return {
        "may_approve": verdict.allowed,
        "may_ask": allows(ReviewChoice.ASK_FOR_CHANGES),
        "may_refuse": allows(ReviewChoice.REFUSE),
        "why_not": verdict.sentence,
        "as_role": ", ".join(str(role_name(role)) for role in roles),
        "asks_password": standing.quorum.step_up
        and not is_fresh(find_proof(request), now=visit.now),
    }


def _acts(visit: Visit, change: ChangeRequest, *, may_draft: bool) -> dict[str, bool]:
    """Return which buttons stand here; each service decides again."""
    after = rules.CHANGE_MOVES[ChangeState(change.state)]
    may_publish = visit.may_on(Capability.CHANGE_PUBLISH, kind=change.kind, key=change.document_key)
    acts = {
        "submit": may_draft and ChangeState.SUBMITTED in after,
        "withdraw": may_draft and ChangeState.WITHDRAWN in after,
        "rebase": may_draft,
        "publish": may_publish and ChangeState.PUBLISHED in after,
        "schedule": may_publish and ChangeState.SCHEDULED in after,
        "unschedule": may_publish and change.state == ChangeState.SCHEDULED,
        "retire": visit.may_on(
            documents.get(change.kind).drafting, kind=change.kind, key=change.document_key
        )
        and change.state == ChangeState.PUBLISHED
        and change.purpose != ChangePurpose.RETIREMENT,
    }
    return {**acts, "any": any(acts.values())}


def describe_opening(
    visit: Visit,
    *,
    kind: str,
    key: str,
    number: int | None = None,
    changes: Sequence[ChangeRequest] | None = None,
    in_force: bool | None = None,
) -> dict[str, Any]:
    """Return the open changes of a document, and whether this person may open another.

    What is in force may also be taken out of force, unless that is proposed already.

    Args:
        visit: Who looks.
        kind: Registered kind of document.
        key: Its key.
        number: An older version to go back to; None to edit the one in force.
        changes: Its open changes, where they are at hand.
        in_force: Whether it is in force, where that is known.
    """
    may_read = visit.may(Capability.CHANGE_READ)
    found = documents.get(kind)
    may_open = visit.may_on(found.drafting, kind=kind, key=key)
    if changes is None and may_read:
        changes = list(selectors.list_changes_of(kind=kind, key=key))
    changes = changes if may_read and changes is not None else []
    return {
        "kind": kind,
        "key": key,
        "number": number,
        "may_open": may_open,
        "may_retire": may_open
        and number is None
        and all(one.purpose != ChangePurpose.RETIREMENT for one in changes)
        and (found.rows.present(key) is not None if in_force is None else in_force),
        "changes": changes,
    }
