"""Knowledge articles: the list with its search, and one article with where it was used."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.access.types import Capability
from governance.admin.changes import describe_opening
from governance.admin.in_ledger import in_ledger
from governance.admin.visit import Crumb, Visit, page, render
from governance.knowledge import selectors
from governance.knowledge.describing import audience_words
from governance.knowledge.loading import DOCUMENT_KIND, read_article
from governance.knowledge.markdown import render_html
from governance.knowledge.models import ArticleVersion
from governance.knowledge.rules import DUE_DAYS, freshness_of
from governance.knowledge.services import open_article
from governance.knowledge.types import ArticleHit, Freshness, SeenSubject, UseWay
from governance.reviews import selectors as reviews
from governance.reviews.models import ChangeRequest
from governance.reviews.rules import OPEN
from governance.reviews.types import DocumentState
from orchestra.core.bounded import COUNTED, in_short
from orchestra.core.errors import NotFoundError, OrchestraError
from orchestra.core.together import Reading, all_of, answer, read

SHOWN = 100
USES_SHOWN = 50
_ALL = "all"
_DRAFTS = "drafts"
_CHIPS = {
    _ALL: gettext_lazy("in force"),
    Freshness.STALE: gettext_lazy("past review"),
    Freshness.DUE: gettext_lazy("due for review"),
    _DRAFTS: gettext_lazy("drafts"),
}
_WAYS = {
    UseWay.READ_BY_AI: gettext_lazy("read by AI"),
    UseWay.OPENED: gettext_lazy("opened"),
    UseWay.CITED: gettext_lazy("cited in a proposal"),
    UseWay.NOTED: gettext_lazy("noted in a finding"),
}


@page("knowledge/", name="knowledge", capability=Capability.KNOWLEDGE_READ)
def knowledge(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the articles in force, searched or narrowed, or the drafts."""
    shown, text = request.GET.get("show", _ALL), request.GET.get("q", "").strip()
    case = _case(request.GET.get("case", ""))
    if shown not in _CHIPS:
        raise NotFoundError(_("There is no such list."))
    drafts = _drafts(visit)
    counts = selectors.count_freshness(authority=visit.authority, now=visit.now)
    totals: dict[str, int] = {_ALL: sum(counts.values()), _DRAFTS: len(drafts)}
    totals |= {str(code): count for code, count in counts.items()}
    rows, has_all_words = _rows(visit, shown, text, case)
    return render(
        request,
        "governance/knowledge.html",
        {
            "title": _("Knowledge"),
            "crumbs": [Crumb(_("Govern")), Crumb(_("Knowledge"))],
            "headline": _headline(counts),
            "chips": [
                {
                    "title": title,
                    "count": totals[code],
                    "is_on": code == shown,
                    "link": _list_link(show=code, q=text, case=case),
                }
                for code, title in _CHIPS.items()
                if code != _DRAFTS or visit.may(Capability.CHANGE_READ)
            ],
            "shown": shown,
            "query": text,
            "case": case,
            "rows": rows,
            "drafts": drafts if shown == _DRAFTS else [],
            "has_all_words": has_all_words,
            "is_cut": len(rows) >= SHOWN,
            "new_link": reverse("admin:change_new", args=[DOCUMENT_KIND])
            if visit.may(Capability.KNOWLEDGE_EDIT)
            else "",
        },
    )


def _headline(counts: dict[Freshness, int]) -> str:
    stale = counts[Freshness.STALE]
    if not stale:
        return _("Knowledge: what people and AI may lean on")
    return ngettext(
        "%(count)d article is past its review date",
        "%(count)d articles are past their review date",
        stale,
    ) % {"count": stale}


def _rows(visit: Visit, shown: str, text: str, case: str) -> tuple[list[dict[str, Any]], bool]:
    if shown == _DRAFTS:
        return [], True
    freshness = Freshness(shown) if shown != _ALL else None
    asked: dict[str, Any] = {
        "authority": visit.authority,
        "now": visit.now,
        "freshness": freshness,
    }
    if text:
        found = selectors.search_articles(**asked, text=text, limit=SHOWN)
        return [_row(hit, case) for hit in found.hits], found.has_all_words
    rows = selectors.list_articles(**asked)[:SHOWN]
    return [_row(selectors.as_hit(row, now=visit.now), case) for row in rows], True


def _row(hit: ArticleHit, case: str) -> dict[str, Any]:
    return {
        "hit": hit,
        "link": article_link(hit.key, case=case),
        "audience": audience_words(hit.audience),
        "is_stale": hit.freshness is Freshness.STALE,
        "is_due": hit.freshness is Freshness.DUE,
    }


def _drafts(visit: Visit) -> list[ChangeRequest]:
    changes = reviews.list_changes(authority=visit.authority, states=OPEN)
    return list(changes.filter(kind=DOCUMENT_KIND)[:SHOWN])


def _list_link(**given: str) -> str:
    kept = {name: value for name, value in given.items() if value}
    return f"{reverse('admin:knowledge')}?{urlencode(kept)}"


def article_link(key: str, *, case: str = "", version: int | None = None) -> str:
    """Return the page of an article.

    Args:
        key: Key of the article.
        case: Public id of the case it is opened for; empty for none.
        version: Number of a version; None for the one in force.
    """
    given = {"case": case, "version": str(version or "")}
    kept = urlencode({name: value for name, value in given.items() if value})
    return reverse("admin:article", args=[key]) + (f"?{kept}" if kept else "")


def _case(text: str) -> str:
    """Return a case's public id in its one form; empty where the text is none."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""


@page("knowledge/<str:key>/", name="article", capability=Capability.KNOWLEDGE_READ)
def article(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show one version; opened from a case, that is recorded with the version."""
    case = _case(request.GET.get("case", ""))
    versions = selectors.list_versions(key=key)
    number = _number(request.GET.get("version", ""), versions)
    version = _open(visit, key, number, case)
    # What was altered is not shown, as it is not served; its versions and uses still are.
    try:
        text = read_article(version)
    except OrchestraError:
        text = None
    in_force = version.state == DocumentState.PUBLISHED
    freshness = freshness_of(review_by=text.review_by, today=visit.now.date()) if text else None
    parts: dict[str, Reading[Any]] = {
        "uses": selectors.reading_uses(
            authority=visit.authority, key=key, subject=("case", case) if case else None
        ),
        "counts": selectors.reading_use_counts(key=key),
        "changes": read(reviews.list_changes_of(kind=DOCUMENT_KIND, key=key)),
    }
    told = answer(all_of(parts))
    (uses, subject), counts = told["uses"], told["counts"]
    is_more = max(counts.values(), default=0) >= COUNTED
    return render(
        request,
        "governance/article.html",
        {
            "title": version.article.title,
            "crumbs": [
                Crumb(_("Govern")),
                Crumb(_("Knowledge"), _list_link(case=case)),
                Crumb(version.article.title),
            ],
            "version": version,
            "text": text,
            "html": render_html(text.body) if text else "",
            "audience": audience_words(text.audience) if text else "",
            "in_force": in_force,
            "is_stale": in_force and freshness is Freshness.STALE,
            "is_due": in_force and freshness is Freshness.DUE,
            "due_days": DUE_DAYS,
            "versions": [
                {
                    "version": each,
                    "link": article_link(key, case=case, version=each.number),
                    "is_shown": each.number == version.number,
                    "uses": counts.get(each.pk, 0),
                    "uses_shown": in_short(counts.get(each.pk, 0)),
                }
                for each in versions
            ],
            "uses": [_use(one) for one in uses[:USES_SHOWN]],
            "uses_unseen": "many" if is_more else sum(counts.values()) - len(uses),
            "history_link": reverse("admin:history", args=["article", version.article_id]),
            "ledger_link": in_ledger(visit, subject=version.public_id),
            "case_subject": _subject(subject) if subject else None,
            "opening": _opening(visit, version, told["changes"]),
        },
    )


def _open(visit: Visit, key: str, number: int, case: str) -> ArticleVersion:
    asked: dict[str, Any] = {
        "authority": visit.authority,
        "now": visit.now,
        "key": key,
        "number": number,
    }
    if case:
        return open_article(**asked, subject=("case", case))
    return selectors.get_version(**asked)


def _number(text: str, versions: list[ArticleVersion]) -> int:
    """Return the number asked for; without one that of the version in force, or the newest."""
    if text.isascii() and text.isdigit():
        return int(text[:9])
    in_force = (one for one in versions if one.state == DocumentState.PUBLISHED)
    return next(in_force, versions[0]).number


def _subject(seen: SeenSubject) -> dict[str, str]:
    return {"label": seen.label, "link": _page_link(seen.page, seen.page_id)}


def _use(one: dict[str, Any]) -> dict[str, Any]:
    use, subject = one["use"], one["subject"]
    return {
        "use": use,
        "number": use.version.number,
        "way": _WAYS[UseWay(use.way)],
        "label": subject.label,
        "link": _page_link(subject.page, subject.page_id),
    }


def _page_link(name: str, page_id: str) -> str:
    return reverse(f"admin:{name}", args=[page_id]) if name else ""


def _opening(visit: Visit, version: ArticleVersion, changes: list[ChangeRequest]) -> dict[str, Any]:
    number = version.number if version.state == DocumentState.RETIRED else None
    return describe_opening(
        visit, kind=DOCUMENT_KIND, key=version.article.key, number=number, changes=changes
    )
