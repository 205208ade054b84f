"""Connects the rooms of quality with those below; called once at start-up."""

from importlib import import_module

from governance.ledger.registry import register_kinds
from governance.notifications import registry as notices
from governance.privacy.registry import holders
from governance.reviews.registry import documents
from qa.calibration import telling as calibration_telling
from qa.disputes import telling as dispute_telling
from qa.disputes.selectors import reading_upheld_by_drawn
from qa.figures.drifting import reading_calibration_alerts, reading_licence_alerts
from qa.figures.registry import alerts, upheld
from qa.gold.services import seed_gold
from qa.measurement.governed import METRIC_DEFINITION_KIND
from qa.measurement.selectors import DOCUMENT_KIND as METRIC_DEFINITION
from qa.population import registry as population
from qa.reviewing import telling
from qa.reviewing.registry import skipped
from qa.reviewing.results import reading_results_of_drawn
from qa.reviewing.services import assign_drawn, replace_skipped
from qa.sampling.governed import SAMPLING_PLAN_KIND
from qa.sampling.registry import drawn, results, scorecard_keys
from qa.sampling.selectors import DOCUMENT_KIND as SAMPLING_PLAN
from qa.sampling.services.framing import frozen_units, keep_frames
from qa.scorecards.governed import SCORECARD_KIND
from qa.scorecards.selectors import DOCUMENT_KIND as SCORECARD
from qa.scorecards.selectors import keys_in_force
from qa.targets import telling as target_telling
from qa.targets.governed import OUTCOME_TARGET_KIND
from qa.targets.selectors import DOCUMENT_KIND as OUTCOME_TARGET
from qa.targets.selectors import is_open as alert_is_open

#: Rooms that hold personal data of customers; each has its tables in ``holders.HOLDERS``.
HOLDING = ("disputes", "findings", "reviewing")
#: Rooms that write entries; each has its kinds in ``entries.KINDS``.
ROOMS = (
    "calendars",
    "calibration",
    "disputes",
    "findings",
    "gold",
    "history",
    "measurement",
    "population",
    "reviewing",
    "sampling",
    "scorecards",
    "targets",
)


def connect() -> None:
    """Register what each room needs of the others; a second call changes nothing."""
    for room in ROOMS:
        register_kinds(*import_module(f"qa.{room}.entries").KINDS)
    for room in HOLDING:
        for holder in import_module(f"qa.{room}.holders").HOLDERS:
            holders.register(holder.code, holder)
    alerts.register("calibration", reading_calibration_alerts)
    alerts.register("findings", reading_licence_alerts)
    upheld.register("disputes", reading_upheld_by_drawn)
    documents.register(METRIC_DEFINITION, METRIC_DEFINITION_KIND)
    documents.register(OUTCOME_TARGET, OUTCOME_TARGET_KIND)
    documents.register(SAMPLING_PLAN, SAMPLING_PLAN_KIND)
    documents.register(SCORECARD, SCORECARD_KIND)
    scorecard_keys.register("scorecards", keys_in_force)
    population.written.register("sampling", keep_frames)
    population.frozen.register("sampling", frozen_units)
    results.register("reviewing", reading_results_of_drawn)
    told = {
        **telling.RULES,
        **calibration_telling.RULES,
        **dispute_telling.RULES,
        **target_telling.RULES,
    }
    for kind, rule in told.items():
        notices.rules.register(kind, rule)
    notices.still_open.register(target_telling.SUBJECT, alert_is_open)
    drawn.register("reviewing", assign_drawn)
    skipped.register("sampling", replace_skipped)
    # Told after the ordinary reviews were given out, by name.
    drawn.register("reviewing.gold", seed_gold)
