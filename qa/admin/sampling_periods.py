"""Samples: what each period drew, the proof that anybody can repeat it, and what it would cost."""

from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core import words
from orchestra.core.errors import InvalidInputError, NotFoundError
from orchestra.core.together import Reading, all_of, answer, read_count
from qa.admin.sample_words import FLAGS, LOST_FOR, reading_words
from qa.admin.sampling_chart import chart_of
from qa.population.types import Flag
from qa.sampling import entries, proofs, redraw, services, showing
from qa.sampling import sentences as say
from qa.sampling.acceptance import CAVEAT
from qa.sampling.models import FrameUnit, SamplePeriod
from qa.sampling.selectors import spec_of
from qa.sampling.types import Explanation, Period, PeriodState, PlanKind, PlanSpec, ReplacedFor

STATES = {
    PeriodState.COMMITTED: _lazy("Seed committed, not revealed"),
    PeriodState.OPEN: _lazy("Running"),
    PeriodState.DRAWN: _lazy("Drawn"),
    PeriodState.HELD: _lazy("Held"),
    PeriodState.CANCELLED: _lazy("Cancelled"),
}
_SAMPLE = "samples/<uuid:sample_id>/"


@page("samples/", name="samples", capability=Capability.SAMPLING_READ)
def samples(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the newest periods of every plan."""
    del visit
    rows = [_list_row(one) for one in showing.list_periods()[: showing.PAGE]]
    crumbs = [Crumb(_("Quality")), Crumb(_("Samples"))]
    context = {"title": _("Samples"), "crumbs": crumbs, "rows": rows}
    return render(request, "qa/samples.html", context)


@page(_SAMPLE, name="sample", capability=Capability.SAMPLING_READ)
def sample(request: HttpRequest, visit: Visit, sample_id: UUID) -> HttpResponse:
    """Show one period: population, strata and draw, replacements, proof, planner."""
    period = _get(sample_id)
    plan = spec_of(period.version)
    name = f"{plan.title}, {period_words(period, plan)}"
    parts = {
        "says": reading_words(period, now=visit.now),
        "placed": showing.reading_placed(period),
        "beside": _beside(request, period, plan),
    }
    told = answer(all_of(parts))
    context = {
        "title": name,
        "crumbs": [
            Crumb(_("Quality")),
            Crumb(_("Samples"), reverse("admin:samples")),
            Crumb(name),
        ],
        "name": name,
        "period": period,
        "plan": plan,
        "plan_link": reverse("admin:sampling_plan", args=[plan.key]),
        "state": STATES[PeriodState(period.state)],
        "headline": _headline(period, plan, name),
        "counts": say.plan_words(plan),
        "left_out": [(FLAGS[Flag(flag)], count) for flag, count in period.left_out.items()],
        "strata": [],
        "says": told["says"],
        **_links(period, visit),
        **told["beside"],
        "proof": _proof(period, told["placed"]),
    }
    return render(request, "qa/sample.html", context)


@page(
    f"{_SAMPLE}redraw/",
    name="sample_redraw",
    capability=Capability.SAMPLING_READ,
    methods=("POST",),
)
def sample_redraw(request: HttpRequest, visit: Visit, sample_id: UUID) -> HttpResponse:
    """Draw a period again and compare."""
    _get(sample_id)
    outcome: list[bool] = []
    error = attempt(
        request,
        lambda: outcome.append(
            services.redraw_period(actor=visit.actor, now=visit.now, period_id=sample_id)
        ),
        refusal=as_refusal("sample.redraw", sample_id),
    )
    if error is None and outcome == [True]:
        messages.success(request, _("Drawn again: the same."))
    elif error is None:
        messages.error(request, _("Drawn again: not the same. The numbers are held."))
    return _back(sample_id)


@page(
    f"{_SAMPLE}explain/",
    name="sample_explain",
    capability=Capability.QUALITY_LEAD,
    methods=("POST",),
)
def sample_explain(request: HttpRequest, visit: Visit, sample_id: UUID) -> HttpResponse:
    """Say why a frame changed, and ask for the second signature."""
    _get(sample_id)
    error = attempt(
        request,
        lambda: services.explain(
            actor=visit.actor,
            now=visit.now,
            period_id=sample_id,
            explanation=_explanation(request),
            reason=request.POST.get("reason", ""),
        ),
        refusal=as_refusal("sample.explain", sample_id),
    )
    if error is None:
        messages.success(request, _("Written down. A second person has to agree now."))
    return _back(sample_id)


@page(
    f"{_SAMPLE}agree/", name="sample_agree", capability=Capability.QUALITY_LEAD, methods=("POST",)
)
def sample_agree(request: HttpRequest, visit: Visit, sample_id: UUID) -> HttpResponse:
    """Agree with what another person said, and so end the hold."""
    _get(sample_id)
    error = attempt(
        request,
        lambda: services.agree(actor=visit.actor, now=visit.now, period_id=sample_id),
        refusal=as_refusal("sample.agree", sample_id),
    )
    if error is None:
        messages.success(request, _("Agreed; the hold has ended."))
    return _back(sample_id)


@page(f"{_SAMPLE}frame.csv", name="sample_frame", capability=Capability.SAMPLING_READ)
def sample_frame(request: HttpRequest, visit: Visit, sample_id: UUID) -> HttpResponse:
    """Give the frame as it was closed, as a file."""
    del request, visit
    text = proofs.frame_csv(proofs.stored_frame(_get_drawn(sample_id)))
    return _file(text, "frame.csv", "text/csv; charset=utf-8")


@page(f"{_SAMPLE}proof.json", name="sample_proof", capability=Capability.SAMPLING_READ)
def sample_proof(request: HttpRequest, visit: Visit, sample_id: UUID) -> HttpResponse:
    """Give the proof of a draw, as a file."""
    del request, visit
    text = proofs.proof_json(proofs.proof_of(_get_drawn(sample_id)))
    return _file(text, "proof.json", "application/json")


@page("samples/redraw.py", name="sample_command", capability=Capability.SAMPLING_READ)
def sample_command(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Give the command that draws a sample again from those two files."""
    del request, visit
    text = Path(redraw.__file__).read_text(encoding="utf-8")
    return _file(text, "redraw.py", "text/x-python; charset=utf-8")


def period_words(period: SamplePeriod, plan: PlanSpec) -> str:
    """Return a period as people call it, in the plan's own zone."""
    begins = period.starts_at.astimezone(ZoneInfo(plan.schedule.time_zone)).date()
    if plan.schedule.every is Period.WEEK:
        return _("week %(week)d") % {"week": begins.isocalendar().week}
    return date_format(begins, "F Y" if plan.schedule.every is Period.MONTH else "j M Y")


def _get(sample_id: UUID) -> SamplePeriod:
    found = showing.list_periods().filter(public_id=sample_id).first()
    if found is None:
        raise NotFoundError(_("There is no such sample."))
    return found


def _get_drawn(sample_id: UUID) -> SamplePeriod:
    """Return a period whose seed may be shown."""
    found = _get(sample_id)
    if found.drawn_at is None:
        raise NotFoundError(_("There is no such sample."))
    return found


def _list_row(period: SamplePeriod) -> dict[str, Any]:
    plan = spec_of(period.version)
    return {
        "row": period,
        "title": plan.title,
        "name": period_words(period, plan),
        "kind": say.KINDS[plan.kind],
        "state": STATES[PeriodState(period.state)],
        "held": period.state == PeriodState.HELD,
        "drawn": period.count if period.drawn_at or period.count else None,  # type: ignore[attr-defined]
        "lost": period.lost,  # type: ignore[attr-defined]
        "link": reverse("admin:sample", args=[period.public_id]),
    }


def _headline(period: SamplePeriod, plan: PlanSpec, name: str) -> str:
    told = {"name": name, "drawn": f"{period.count:,}", "size": f"{period.frame_size:,}"}  # type: ignore[attr-defined]
    if period.state == PeriodState.HELD:
        return _("%(name)s cannot be re-drawn: %(why)s") % {
            **told,
            "why": _("the frame has changed") if period.drawn_at else _("its seed is not the one"),
        }
    if period.state == PeriodState.CANCELLED:
        return _("%(name)s: the draw was cancelled") % told
    if not period.drawn_at:
        return _("%(name)s: %(state)s") % {**told, "state": STATES[PeriodState(period.state)]}
    if plan.kind is PlanKind.TARGETED:
        return _("%(name)s: %(drawn)s of %(size)s picked, which stand for nothing else") % told
    return _("%(name)s: %(drawn)s of %(size)s drawn, and the draw can be repeated") % told


def _links(period: SamplePeriod, visit: Visit) -> dict[str, Any]:
    def to(name: str) -> str:
        return reverse(f"admin:{name}", args=[period.public_id])

    by_chance = period.version.kind != PlanKind.TARGETED
    can_redraw = by_chance and period.state in {PeriodState.DRAWN, PeriodState.HELD}
    is_lead = visit.may(Capability.QUALITY_LEAD)
    leads = is_lead and period.state == PeriodState.HELD
    explained = bool(period.explanation)
    is_other = period.explained_by is None or str(period.explained_by.public_id) != visit.actor.id
    return {
        "redraw_link": to("sample_redraw") if can_redraw and period.drawn_at else "",
        "frame_link": to("sample_frame") if period.drawn_at else "",
        "proof_link": to("sample_proof") if period.drawn_at else "",
        "units_link": to("sample_units") if is_lead and period.state == "drawn" else "",
        "command_link": reverse("admin:sample_command"),
        "explain_link": to("sample_explain") if leads else "",
        "agree_link": to("sample_agree") if leads and explained and is_other else "",
        "is_held": period.state == PeriodState.HELD,
        "by_chance": by_chance,
    }


def _beside(request: HttpRequest, period: SamplePeriod, plan: PlanSpec) -> Reading[dict[str, Any]]:
    """Come to what was drawn, or to how many may be until the frame is closed."""
    if period.drawn_at:
        return (yield from _drawn(request, period, plan))
    if period.state in {PeriodState.OPEN, PeriodState.COMMITTED}:
        units = FrameUnit.objects.filter(period=period)
        return {"so_far": (yield from read_count(units))}
    return {}


def _drawn(request: HttpRequest, period: SamplePeriod, plan: PlanSpec) -> Reading[dict[str, Any]]:
    asked = request.GET.get("reviews", "")
    number = int(asked) if asked.isdecimal() and len(asked) <= 6 else None  # noqa: PLR2004  digits
    parts: dict[str, Reading[Any]] = {
        "strata": showing.reading_strata(period, plan),
        "offers": showing.reading_offers(period, plan, asked=number),
        "replaced": showing.reading_replaced(period),
    }
    most = max(period.shares, key=lambda one: one["drawn"], default=None)
    if most:
        parts["order"] = showing.reading_order(period, most["name"], most["drawn"])
    told = yield from all_of(parts)
    strata, (offers, minutes) = told["strata"], told["offers"]
    largest = max(strata, key=lambda one: one.drawn, default=None)
    return {
        "strata": [
            (one, [words.plain(value) or _("none") for value in one.values.values()])
            for one in strata
        ],
        "total": sum(one.size for one in strata),
        "reviewed": sum(one.reviewed for one in strata),
        "drawn": sum(one.drawn for one in strata),
        "by_lots": plan.kind is PlanKind.ACCEPTANCE,
        "caveat": CAVEAT,
        "fewer": plan.allocation is not None
        and plan.allocation.total is not None
        and period.frame_size < plan.allocation.total,
        "replaced": [(row, LOST_FOR[ReplacedFor(row.lost_for)]) for row in told["replaced"]],
        "missing": period.redrawn.get("missing", []) if period.state == PeriodState.HELD else [],
        "differences": period.redrawn.get("differences", []),
        "order": told.get("order", []),
        "order_of": largest.values.values() if largest else [],
        "offers": offers if plan.kind is PlanKind.PROBABILITY else [],
        "chart": chart_of(offers) if plan.kind is PlanKind.PROBABILITY else None,
        "minutes": minutes,
        "asked": number or sum(one.drawn for one in strata),
    }


def _proof(period: SamplePeriod, placed: dict[str, int | None]) -> list[dict[str, Any]]:
    """Return the steps of the proof, in order, each with what it rests on."""
    return [
        {
            "title": _("Rule in force"),
            "text": _("Version %(number)d, published by %(who)s")
            % {"number": period.version.number, "who": period.version.author_label},
            "at": period.version.published_at,
        },
        {
            "title": _("Seed committed before the period"),
            "at": period.committed_at,
            "digest": period.commitment,
            "entry": placed.get(entries.COMMITTED),
        },
        *_drawn_steps(period, placed),
        *_redrawn_steps(period),
    ]


def _drawn_steps(period: SamplePeriod, placed: dict[str, int | None]) -> list[dict[str, Any]]:
    if not period.drawn_at:
        return []
    return [
        {
            "title": _("Frame closed"),
            "text": _("%(size)d units") % {"size": period.frame_size},
            "at": period.closed_at,
            "digest": period.frame_digest,
            "entry": placed.get(entries.CLOSED),
        },
        {
            "title": _("Seed revealed, hash agrees"),
            "at": period.drawn_at,
            "mono": period.seed,
        },
        {
            "title": _("%(drawn)d drawn") % {"drawn": period.count},  # type: ignore[attr-defined]
            "at": period.drawn_at,
            "digest": period.draw_digest,
            "entry": placed.get(entries.DRAWN),
        },
    ]


def _redrawn_steps(period: SamplePeriod) -> list[dict[str, Any]]:
    steps = []
    told = period.redrawn
    if period.redrawn_at:
        same = told["same"]
        steps.append(
            {
                "title": _("Drawn again: the same") if same else _("Drawn again: not the same"),
                "text": _("By %(who)s; the frame has %(size)d units now")
                % {"who": period.redrawn_by, "size": told["frame_size"]},
                "at": period.redrawn_at,
                "digest": told["frame_digest"],
                "bad": not same,
            }
        )
    if period.state == PeriodState.HELD:
        steps.append(
            {
                "title": _("Estimates are held"),
                "text": _("Reviewing goes on. No number is shown until this is explained."),
                "hold": True,
            }
        )
    if period.agreed_at and period.explained_by and period.agreed_by:
        steps.append(
            {
                "title": _("Explained by two people"),
                "text": _("%(one)s and %(two)s: %(reason)s")
                % {
                    "one": period.explained_by.label,
                    "two": period.agreed_by.label,
                    "reason": period.explained_reason,
                },
                "at": period.agreed_at,
            }
        )
    return steps


def _explanation(request: HttpRequest) -> Explanation:
    try:
        return Explanation(request.POST.get("explanation", ""))
    except ValueError:
        raise InvalidInputError(_("Choose what happened.")) from None


def _back(sample_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:sample", args=[sample_id]))


def _file(text: str, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(text, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
