"""A sampling plan as sentences, the same on its page and in a difference."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from orchestra.core import words
from orchestra.templatetags.parts import role as role_name
from qa.population.types import Dimension, HandledBy, Target, Unit
from qa.sampling.types import (
    Acceptance,
    Allocation,
    Cell,
    Claim,
    Filter,
    Method,
    Moment,
    Period,
    PlanKind,
    PlanSpec,
    ReplacedFor,
    Spread,
)

KINDS = {
    PlanKind.PROBABILITY: _lazy("drawn by chance"),
    PlanKind.TARGETED: _lazy("picked for a reason"),
    PlanKind.DISCOVERY: _lazy("drawn by chance, to show that none fails"),
    PlanKind.ACCEPTANCE: _lazy("drawn by chance, to accept or refuse lots"),
}
CLAIMS = {
    Claim.ESTIMATE: _lazy("An estimate for the whole population, with its interval."),
    Claim.BOUND: _lazy("An upper bound on the share that fails, where none of the drawn fails."),
    Claim.LOT: _lazy(
        "Whether a lot is accepted. Accepting one does not show that its rate is below the limit."
    ),
    Claim.NOTHING: _lazy(
        "Nothing about the whole: these reviews never enter an estimate; each stands for itself."
    ),
}
CLAIM_NAMES = {
    Claim.ESTIMATE: _lazy("an estimate"),
    Claim.BOUND: _lazy("an upper bound"),
    Claim.LOT: _lazy("whether a lot is accepted"),
    Claim.NOTHING: _lazy("nothing about the whole"),
}
UNITS = {
    Unit.INTERACTION: _lazy("interactions"),
    Unit.CASE: _lazy("cases"),
    Unit.HANDOFF: _lazy("handoffs"),
    Unit.APPROVAL: _lazy("approvals"),
    Unit.DECISION: _lazy("decisions"),
}
HANDLED = {
    HandledBy.AI: _lazy("an AI alone"),
    HandledBy.HUMAN: _lazy("a person alone"),
    HandledBy.MIXED: _lazy("an AI and a person"),
}
DIMENSIONS = {
    Dimension.RISK: _lazy("risk of what was done"),
    Dimension.HANDLED_BY: _lazy("who handled it"),
    Dimension.QUEUE: _lazy("queue"),
    Dimension.JOURNEY: _lazy("journey"),
    Dimension.CHANNEL: _lazy("channel"),
    Dimension.PATTERN: _lazy("pattern"),
    Dimension.CUE_SHEET_VERSION: _lazy("version of the cue sheet"),
    Dimension.AI_VERSION: _lazy("version of the AI"),
    Dimension.AGENT: _lazy("agent"),
    Dimension.TENURE: _lazy("time in the job"),
}
TARGETS = {
    Target.LOW_CONFIDENCE: _lazy("the AI was unsure"),
    Target.RECONTACT: _lazy("the customer came back"),
    Target.EXCEPTION: _lazy("a step ended in an exception"),
    Target.POLICY_NEAR_MISS: _lazy("it came close to a limit of a policy"),
    Target.COMPLAINT: _lazy("the customer complained"),
}
REASONS = {
    ReplacedFor.TEXT_ERASED: _lazy("its text was erased"),
    ReplacedFor.UNREADABLE: _lazy("it cannot be read or heard"),
    ReplacedFor.CONFLICT_OF_INTEREST: _lazy("every reviewer has a part in it"),
    ReplacedFor.LANGUAGE: _lazy("no reviewer reads its language"),
}
_SPREADS = {
    Spread.REVIEW_SCORE: _lazy("of review scores"),
    Spread.REVIEW_MINUS_CHECK: _lazy("of review minus automatic check"),
}
_EVERY = {
    Period.DAY: _lazy("every day"),
    Period.WEEK: _lazy("every week from Monday"),
    Period.MONTH: _lazy("every month"),
}


def plan_words(plan: PlanSpec) -> dict[str, str]:
    """Return a plan as sentences, by what each is about; in the order of a page."""
    found = {
        _("Title"): plan.title,
        _("What for"): plan.purpose,
        _("How"): _begin(str(KINDS[plan.kind])) + ".",
        _("What it shows"): str(CLAIMS[plan.claim]),
        _("Target"): _target(plan),
        _("Counts"): _population(plan),
        _("Left out"): _left_out(plan),
        _("Strata"): _strata(plan),
        _("How many"): _how_many(plan),
        _("Picked when"): _targets(plan),
        _("Drawn"): _schedule(plan),
        _("Seed"): _seed(plan),
        _("Bounds per person"): _quotas(plan),
        _("Reviewed with"): _reviewing(plan),
        _("Replaced"): _replacements(plan),
    }
    return {place: text for place, text in found.items() if text}


def filter_words(one: Filter) -> str:
    """Return one filter of the frame."""
    values = _(" or ").join(_value(one.by, value) for value in one.values)
    pattern = _("%(what)s is not %(values)s") if one.is_not else _("%(what)s is %(values)s")
    return pattern % {"what": DIMENSIONS[one.by], "values": values}


def cell_words(cell: Cell) -> str:
    """Return the strata that a cell names."""
    return ", ".join(f"{words.plain(by)} {_value(by, value)}" for by, value in cell.values)


def _value(by: Dimension, value: str) -> str:
    return str(HANDLED[HandledBy(value)]) if by is Dimension.HANDLED_BY else words.plain(value)


def _begin(text: str) -> str:
    return text[:1].upper() + text[1:]


def _population(plan: PlanSpec) -> str:
    unit = _begin(str(UNITS[plan.population.unit]))
    handled = plan.population.handled_by
    if not handled:
        return _("%(unit)s finished in the period.") % {"unit": unit}
    by = _(" or ").join(str(HANDLED[one]) for one in handled)
    return _("%(unit)s closed in the period, handled by %(by)s.") % {"unit": unit, "by": by}


def _left_out(plan: PlanSpec) -> str:
    flags = ", ".join(words.plain(one) for one in plan.population.leave_out)
    return _("What is flagged, with a reason, as %(flags)s.") % {"flags": flags} if flags else ""


def _strata(plan: PlanSpec) -> str:
    if not plan.strata.by:
        return ""
    by = _(" and ").join(str(DIMENSIONS[one]) for one in plan.strata.by)
    found = [
        _("Cut by %(by)s; at least %(count)d of each.") % {"by": by, "count": plan.strata.minimum}
    ]
    found += [
        _("Reviewed completely: %(cell)s.") % {"cell": cell_words(cell)}
        for cell in plan.strata.take_all
    ]
    return " ".join(found)


def _how_many(plan: PlanSpec) -> str:
    if plan.allocation is not None:
        return _allocation(plan.allocation)
    if plan.discovery is not None:
        return _(
            "As many as it takes so that, where none fails, less than %(share)s %% fail of the "
            "whole, with %(confidence)s %% confidence."
        ) % {
            "share": f"{plan.discovery.less_than_percent:g}",
            "confidence": f"{plan.discovery.confidence_percent:g}",
        }
    if plan.acceptance is not None:
        return _acceptance(plan.acceptance)
    if plan.at_most is not None:
        return _("At most %(count)d in a period.") % {"count": plan.at_most}
    return ""


def _allocation(given: Allocation) -> str:
    if given.method is Method.TAKE_ALL:
        return _("All of them.")
    if given.method is Method.FIXED:
        sizes = [
            _("%(count)d of %(cell)s") % {"count": one.size, "cell": cell_words(one.cell)}
            for one in given.sizes
        ]
        if given.otherwise:
            sizes.append(_("%(count)d of every other stratum") % {"count": given.otherwise})
        return _("Fixed: %(sizes)s.") % {"sizes": "; ".join(sizes)}
    if given.method is Method.PROPORTIONAL or given.spread is None:
        return _("%(count)d in a period, shared out by the size of each stratum.") % {
            "count": given.total
        }
    return ngettext(
        "%(count)d in a period, shared out by size and spread of each stratum (Neyman); the "
        "spread %(of)s in the week before.",
        "%(count)d in a period, shared out by size and spread of each stratum (Neyman); the "
        "spread %(of)s over the %(weeks)d weeks before.",
        given.weeks,
    ) % {"count": given.total, "of": _SPREADS[given.spread], "weeks": given.weeks}


def _acceptance(given: Acceptance) -> str:
    lot = _(" and ").join(str(DIMENSIONS[one]) for one in given.lot)
    switching = (
        _("Results switch to tightened or reduced inspection.")
        if given.switching
        else _("Results never switch the inspection.")
    )
    return " ".join(
        (
            _("By ISO 2859-1, level %(level)s, limit %(aql)s %%, %(start)s inspection.")
            % {"level": given.level, "aql": given.aql, "start": words.plain(given.start)},
            _("A lot is one period of one %(lot)s, about %(count)d in size.")
            % {"lot": lot, "count": given.expected_lot_size},
            switching,
        )
    )


def _target(plan: PlanSpec) -> str:
    if plan.target_percent is None:
        return ""
    return _(
        "At least %(share)g %% pass review. It is met or missed only when the whole 95 %% interval "
        "lies on one side."
    ) % {"share": plan.target_percent}


def _targets(plan: PlanSpec) -> str:
    found = _(" or ").join(str(TARGETS[one]) for one in plan.targets)
    return f"{_begin(found)}." if found else ""


def _schedule(plan: PlanSpec) -> str:
    every = _begin(str(_EVERY[plan.schedule.every]))
    zone = plan.schedule.time_zone
    if plan.schedule.draw is Moment.AT_CLOSE:
        return _("%(every)s, as each one closes; days of %(zone)s.") % {
            "every": every,
            "zone": zone,
        }
    return _("%(every)s, at %(at)s on the day after it, %(zone)s.") % {
        "every": every,
        "at": plan.schedule.at,
        "zone": zone,
    }


def _seed(plan: PlanSpec) -> str:
    if plan.seed_hours is None:
        return ""
    return ngettext(
        "Its hash is in the ledger %(count)d hour before the period; the seed itself is shown "
        "once the frame is closed.",
        "Its hash is in the ledger %(count)d hours before the period; the seed itself is shown "
        "once the frame is closed.",
        plan.seed_hours,
    ) % {"count": plan.seed_hours}


def _quotas(plan: PlanSpec) -> str:
    given = plan.quotas
    found = []
    if given.per_agent_at_least is not None:
        found.append(_("At least %(count)d of each agent.") % {"count": given.per_agent_at_least})
    if given.per_agent_at_most is not None:
        found.append(_("At most %(count)d of one agent.") % {"count": given.per_agent_at_most})
    if given.per_reviewer_at_most is not None:
        found.append(
            _("At most %(count)d for one reviewer.") % {"count": given.per_reviewer_at_most}
        )
    return " ".join(found)


def _reviewing(plan: PlanSpec) -> str:
    given = plan.reviewing
    who = _(" or ").join(role_name(one) for one in given.roles)
    found = [
        _("The scorecard “%(card)s” within %(count)d hours, by: %(who)s.")
        % {"card": words.plain(given.scorecard), "who": who, "count": given.due_hours}
    ]
    if given.blind:
        found.append(_("Blind: nobody sees the scores of others first."))
    if given.second_percent:
        found.append(_("%(count)d %% by a second person too.") % {"count": given.second_percent})
    if given.gold_percent:
        found.append(
            _("With %(count)d %% gold items among them, unseen and never counted.")
            % {"count": given.gold_percent}
        )
    return " ".join(found)


def _replacements(plan: PlanSpec) -> str:
    given = plan.replacements
    takes_all = plan.allocation is not None and plan.allocation.method is Method.TAKE_ALL
    if plan.kind is PlanKind.TARGETED or takes_all:
        # Nothing stands for anything else, so nothing has to be replaced.
        return ""
    if not given.reasons:
        return _("Nothing. What cannot be reviewed counts as non-response.")
    return _(
        "Only if %(reasons)s, by the next in line, and at most %(count)d %%; the original stays "
        "counted as non-response."
    ) % {
        "reasons": _(" or ").join(str(REASONS[one]) for one in given.reasons),
        "count": given.at_most_percent,
    }
