"""A sample in words: why something was left out or lost, and what its reviews say of the whole."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _lazy

from orchestra.core.together import Reading
from qa.admin import figure_words as say
from qa.figures.assembling import assemble
from qa.figures.selectors import reading_period
from qa.population.types import Flag
from qa.sampling.models import SamplePeriod
from qa.sampling.types import PlanKind, ReplacedFor

LOST_FOR = {
    ReplacedFor.TEXT_ERASED: _lazy("its text was erased as the customer asked"),
    ReplacedFor.UNREADABLE: _lazy("it cannot be read"),
    ReplacedFor.CONFLICT_OF_INTEREST: _lazy("everybody who may review it had a hand in it"),
    ReplacedFor.LANGUAGE: _lazy("nobody here reads its language"),
}
FLAGS = {
    Flag.TEST: _lazy("tests"),
    Flag.SPAM: _lazy("spam"),
    Flag.DUPLICATE: _lazy("duplicates"),
    Flag.INTERNAL: _lazy("internal"),
    Flag.ABANDONED: _lazy("abandoned"),
}


def reading_words(period: SamplePeriod, *, now: datetime) -> Reading[dict[str, Any] | None]:
    """Come to the estimate of one period with its interval, or why there is none.

    None for what is not drawn, and for a plan whose reviews estimate
    nothing.
    """
    if not period.drawn_at or period.version.kind != PlanKind.PROBABILITY:
        return None
    rows = yield from reading_period(period=period.pk, as_of=now)
    found = assemble(rows)
    return {
        "estimate": say.say_estimate(found.used),
        "target": say.say_target(found),
        "why": say.why_none(rows, found),
        "link": f"{reverse('admin:quality_estimate')}?plan={rows.plan}",
    }
