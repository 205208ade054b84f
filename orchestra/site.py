"""The themed admin site: frame, sidebar, start page per role, content policy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import URLPattern, get_script_prefix, path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _lazy
from unfold.sites import UnfoldAdminSite

from governance.access.types import Capability
from governance.admin.visit import Visit, person_zone, render, visit_of
from orchestra import dashboard
from orchestra.core.admin import ReadOnlyAdmin, pages
from orchestra.core.words import environment_label
from orchestra.sign_in.identity import way_out

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the sidebar: its words, the page it opens, and what that page needs."""

    title: "StrOrPromise"
    name: str
    capability: Capability | None = None


MENU: "Sequence[tuple[StrOrPromise, Sequence[Entry]]]" = (
    (
        _lazy("Work"),
        (
            Entry(_lazy("Start"), "index"),
            Entry(_lazy("Approvals"), "approvals", Capability.APPROVAL_READ),
            Entry(_lazy("Cases"), "cases", Capability.CASE_READ),
            Entry(_lazy("Handoffs"), "handoffs", Capability.CASE_READ),
            Entry(_lazy("Questions"), "questions", Capability.CASE_READ),
            Entry(_lazy("Unknown outcomes"), "unknown_outcomes", Capability.CASE_READ),
        ),
    ),
    (
        _lazy("Govern"),
        (
            Entry(_lazy("Change requests"), "changes", Capability.CHANGE_READ),
            Entry(_lazy("Policies"), "policies", Capability.POLICY_READ),
            Entry(_lazy("Cue sheets"), "cue_sheets", Capability.CUE_SHEET_READ),
            Entry(_lazy("Intake"), "intake", Capability.CUE_SHEET_READ),
            Entry(_lazy("Knowledge"), "knowledge", Capability.KNOWLEDGE_READ),
            Entry(_lazy("Tools"), "tools", Capability.TOOL_READ),
            Entry(_lazy("Connections at work"), "connections_at_work", Capability.TOOL_READ),
        ),
    ),
    (
        _lazy("Prove"),
        (
            Entry(_lazy("Ledger"), "ledger", Capability.LEDGER_READ),
            Entry(_lazy("Reports"), "reports", Capability.LEDGER_READ),
            Entry(_lazy("Evidence exports"), "evidence", Capability.LEDGER_READ),
            Entry(_lazy("Completeness"), "reconciliation", Capability.LEDGER_READ),
            Entry(_lazy("Legal holds"), "legal_holds", Capability.LEDGER_VERIFY),
            Entry(_lazy("Erasures"), "erasures", Capability.LEDGER_VERIFY),
            Entry(_lazy("Retention"), "retention", Capability.LEDGER_READ),
            Entry(_lazy("What is held"), "subject_exports", Capability.PRIVACY_MANAGE),
            Entry(_lazy("Decisions"), "decisions", Capability.DECISION_READ),
            Entry(_lazy("Stops"), "stops", Capability.TOOL_READ),
            Entry(_lazy("Access"), "access", Capability.ACCESS_READ),
        ),
    ),
    (
        _lazy("Quality"),
        (
            Entry(_lazy("How good it was"), "quality", Capability.QUALITY_READ),
            Entry(_lazy("Reviews"), "quality_reviews", Capability.QUALITY_REVIEW),
            Entry(_lazy("Findings"), "findings", Capability.QUALITY_READ),
            Entry(_lazy("Disputes"), "disputes", Capability.QUALITY_LEAD),
            Entry(_lazy("Calibration"), "calibrations", Capability.QUALITY_REVIEW),
            Entry(_lazy("Samples"), "samples", Capability.SAMPLING_READ),
            Entry(_lazy("Sampling plans"), "sampling_plans", Capability.SAMPLING_READ),
            Entry(_lazy("Scorecards"), "scorecards", Capability.SCORECARD_READ),
            Entry(_lazy("Approval quality"), "approval_quality", Capability.APPROVAL_OVERSEE),
            Entry(_lazy("Reviews of my work"), "my_reviews", Capability.QUALITY_ANSWER),
        ),
    ),
    (
        _lazy("Measure"),
        (
            Entry(_lazy("Outcomes"), "outcomes", Capability.METRIC_READ),
            Entry(_lazy("Alerts"), "outcome_alerts", Capability.METRIC_READ),
            Entry(_lazy("Journeys"), "journeys", Capability.CASE_READ),
            Entry(_lazy("Operations"), "operations", Capability.ACCESS_READ),
            Entry(_lazy("Metric definitions"), "metric_definitions", Capability.METRIC_READ),
            Entry(_lazy("Targets"), "outcome_targets", Capability.METRIC_READ),
            Entry(_lazy("Business hours"), "business_hours", Capability.METRIC_READ),
            Entry(_lazy("Before"), "baselines", Capability.METRIC_READ),
        ),
    ),
    (
        _lazy("Set up"),
        (
            Entry(_lazy("Start here"), "start_here", Capability.CUE_SHEET_READ),
            Entry(_lazy("Agents"), "agents", Capability.ACCESS_READ),
            Entry(_lazy("Skills"), "skills", Capability.ACCESS_READ),
            Entry(_lazy("Webhooks"), "webhooks", Capability.ACCESS_READ),
            Entry(_lazy("Channels"), "channels", Capability.ACCESS_READ),
            Entry(_lazy("Signing in"), "sign_in_help", Capability.ACCESS_MANAGE),
            Entry(_lazy("Tests of attention"), "vigilance", Capability.VIGILANCE_SWITCH),
        ),
    ),
)

#: What the theme's own scripts and styles need, on the theme's own pages only.
THEME_POLICY = {"script-src": ["'unsafe-eval'"], "style-src": ["'unsafe-inline'"]}

View = Callable[..., HttpResponseBase]
#: The pages that the sidebar offers somebody, each with what waits there.
Lines = tuple[tuple[str, int | str], ...]


class OrchestraSite(UnfoldAdminSite):
    """The admin, in the product's words: our pages first, the theme's tables where they serve."""

    index_template = "admin/index.html"
    enable_nav_sidebar = True

    def register(
        self,
        model_or_iterable: Any,
        admin_class: type[Any] | None = None,
        **options: Any,
    ) -> None:
        """Register our own admin classes; no other package's table shows as it is."""
        if admin_class is not None and issubclass(admin_class, ReadOnlyAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def is_registered(self, model: type[Model]) -> bool:
        """Say whether a model has an admin class here."""
        return bool(super().is_registered(model))

    def has_permission(self, request: HttpRequest) -> bool:
        """Let every active person in; capabilities decide the rest, page by page."""
        return request.user.is_active

    def get_urls(self) -> list[URLPattern]:
        """Mount our pages before the theme's."""
        ours = [
            path(item.route, self.admin_view(item.view, own_frame=True), name=item.name)
            for item in (pages.get(name) for name in pages)
        ]
        return [*ours, *super().get_urls()]

    def admin_view(
        self,
        view: View,
        cacheable: bool = False,  # noqa: FBT001, FBT002  Django's signature
        *,
        own_frame: bool = False,
    ) -> View:
        """Guard a view; the theme's own pages get the content policy their scripts need."""
        guarded = super().admin_view(view, cacheable)
        if own_frame or view == self.index:
            return guarded  # type: ignore[no-any-return]  # unfold has no types

        @wraps(guarded)
        def themed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            response: HttpResponseBase = guarded(request, *args, **kwargs)
            response._csp_update = THEME_POLICY  # type: ignore[attr-defined]  # noqa: SLF001  django-csp's documented attribute
            return response

        return themed

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the theme's own pages show around what they say."""
        context: dict[str, Any] = super().each_context(request)
        return {**context, **self.frame_of(request)} if request.user.is_authenticated else context

    def frame_of(self, request: HttpRequest) -> dict[str, Any]:
        """Return what stands around every page of a person: the sidebar, and who they are."""
        visit = visit_of(request)
        lines, here = _lines(visit), _place_of(request.path, _links(get_script_prefix()))
        return {
            "site_title": self.site_title,
            "environment": environment(request),
            "sidebar_navigation": _groups(lines, here),
            "sidebar_lines": _drawn(lines, here, str(get_language()), get_script_prefix()),
            "person_title": dashboard.title_of(visit.authority),
            "person_zone": str(person_zone(request)),
            "asks_factor": bool(visit.authority.withheld),
        }

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Sign out here and, where the identity provider signed in, there."""
        onward = way_out(request) if request.method == "POST" else ""
        response: HttpResponseBase = super().logout(request, extra_context)
        return HttpResponseRedirect(onward) if onward else response

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Show the start page of the person's role."""
        del extra_context
        visit = visit_of(request)
        with timezone.override(person_zone(request)):
            return render(request, "admin/index.html", dashboard.start_page(visit))


def environment(request: HttpRequest) -> list[str]:
    """Return the name of this installation and how loud its label is."""
    del request
    return environment_label(str(settings.ORCHESTRA["ENVIRONMENT"]))


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar: the groups and pages that this person may open, with counts."""
    here = _place_of(request.path, _links(get_script_prefix()))
    return _groups(_lines(visit_of(request)), here)


def _lines(visit: Visit) -> Lines:
    counts = dashboard.badges(visit)
    return tuple(
        (entry.name, counts.get(entry.name, 0))
        for _title, entries in MENU
        for entry in entries
        if entry.capability is None or visit.may(entry.capability)
    )


def _groups(lines: Lines, here: str) -> list[dict[str, Any]]:
    counts, links = dict(lines), _links(get_script_prefix())
    groups = []
    for title, entries in MENU:
        items = [
            {
                "title": entry.title,
                "link": links[entry.name],
                "active": entry.name == here,
                "key": entry.name,
                "count": counts[entry.name],
                "loud": entry.name == "approvals",
            }
            for entry in entries
            if entry.name in counts
        ]
        if items:
            groups.append({"title": title, "items": items})
    return groups


@lru_cache(maxsize=256)
def _drawn(lines: Lines, here: str, language: str, prefix: str) -> str:
    """Draw the sidebar's lines, once for all who may open as much and for whom as much waits."""
    del language, prefix
    return render_to_string("parts/sidebar_lines.html", {"groups": _groups(lines, here)})


@lru_cache(maxsize=4)
def _links(prefix: str) -> dict[str, str]:
    """Return where the sidebar's lines lead, by name, below what the portal is served under."""
    del prefix
    return {entry.name: reverse(f"admin:{entry.name}") for _title, group in MENU for entry in group}


def _place_of(path: str, links: Mapping[str, str]) -> str:
    """Return which line of the sidebar a page belongs to; empty for none.

    A page within another's folder is a place of its own, and the start page has no folder.
    """
    start = links["index"]
    inside = [name for name, link in links.items() if link != start and path.startswith(link)]
    if inside:
        return max(inside, key=lambda name: len(links[name]))
    return "index" if path == start else ""
