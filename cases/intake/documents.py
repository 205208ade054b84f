"""Reads the document of a classifier's version, and says in words how two differ; pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from cases.intake.learning import Measured, Tally
from cases.intake.types import Bands
from governance.policies.reading import KEY, Report
from governance.reviews.describing import describe_heads
from governance.reviews.types import Change
from orchestra.core.errors import InvalidInputError

Json = Any
Document = Mapping[str, Json]

KEY_OF_INTAKE: Final = "intake"
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class VersionSpec:
    """What a version says.

    Attributes:
        weights: Digest of its weights.
        examples: How many examples each intent had; the empty key is "none of ours".
        corrections: How many of them people gave on cases.
        measured: How good it is on examples it has not seen.
        against: What it was compared with on the same examples.
        before: How good that is.
    """

    key: str
    title: str
    weights: str
    examples: Mapping[str, int]
    corrections: int
    measured: Measured
    against: str
    before: Measured
    bands: Bands


def write_document(spec: VersionSpec) -> dict[str, Json]:
    """Return the document of a version."""
    return {
        "key": spec.key,
        "title": spec.title,
        "weights": spec.weights,
        "examples": dict(spec.examples),
        "corrections": spec.corrections,
        "measured": _measured_json(spec.measured),
        "against": spec.against,
        "before": _measured_json(spec.before),
        "bands": {
            "act_from": spec.bands.act_from,
            "verify_from": spec.bands.verify_from,
            "least_margin": spec.bands.least_margin,
        },
    }


def _measured_json(measured: Measured) -> Json:
    return {
        "in_scope": [measured.in_scope.right, measured.in_scope.of],
        "out_of_scope": [measured.out_of_scope.right, measured.out_of_scope.of],
        "calibration_error": measured.calibration_error,
        "by_intent": {key: [one.right, one.of] for key, one in measured.by_intent.items()},
    }


def read_document(document: Document) -> VersionSpec:
    """Return what a document says.

    Raises:
        InvalidInputError: With every error, each with its path.
    """
    report = Report()
    key = report.text(document.get("key"), "key", KEY)
    title = report.text(document.get("title"), "title")
    weights = report.text(document.get("weights"), "weights")
    if not _DIGEST.fullmatch(weights):
        report.add("weights", "digest", _("must be the digest of learnt weights"))
    counts = document.get("examples")
    examples = {
        str(name): report.whole(count, f"examples.{name}", 0, 1_000_000)
        for name, count in (counts.items() if isinstance(counts, Mapping) else ())
    }
    corrections = report.whole(document.get("corrections"), "corrections", 0, 1_000_000)
    measured = _read_measured(report, document.get("measured"), "measured")
    against = report.text(document.get("against"), "against")
    before = _read_measured(report, document.get("before"), "before")
    bands = _read_bands(report, document.get("bands"))
    if report.errors:
        raise InvalidInputError(
            _("The version has errors; correct them and try again."),
            code="classifier.invalid",
            errors=report.errors,
        )
    return VersionSpec(key, title, weights, examples, corrections, measured, against, before, bands)


def _read_measured(report: Report, value: Json, path: str) -> Measured:
    found = value if isinstance(value, Mapping) else {}
    if not found:
        report.add(path, "required", _("must say how many of how many were right"))
    by_intent = found.get("by_intent")
    error = found.get("calibration_error", 0)
    return Measured(
        in_scope=_tally(report, found.get("in_scope", [0, 0]), f"{path}.in_scope"),
        out_of_scope=_tally(report, found.get("out_of_scope", [0, 0]), f"{path}.out_of_scope"),
        calibration_error=_share(report, error, f"{path}.calibration_error"),
        by_intent={
            str(key): _tally(report, one, f"{path}.by_intent.{key}")
            for key, one in (by_intent.items() if isinstance(by_intent, Mapping) else ())
        },
    )


def _tally(report: Report, value: Json, path: str) -> Tally:
    right = isinstance(value, list) and [type(one) for one in value] == [int, int]
    if not right or not 0 <= value[0] <= value[1]:
        report.add(path, "tally", _("must be how many were right, and of how many"))
        return Tally(0, 0)
    return Tally(*value)


def _read_bands(report: Report, value: Json) -> Bands:
    found = value if isinstance(value, Mapping) else {}
    bands = Bands(
        act_from=_share(report, found.get("act_from"), "bands.act_from"),
        verify_from=_share(report, found.get("verify_from"), "bands.verify_from"),
        least_margin=_share(report, found.get("least_margin"), "bands.least_margin"),
    )
    if bands.verify_from > bands.act_from:
        report.add("bands.verify_from", "order", _("must not be above what is acted on"))
    return bands


def _share(report: Report, value: Json, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        report.add(path, "share", _("must be a number from 0 to 1"))
        return 0.0
    return float(value)


def describe_changes(before: Document | None, after: Document) -> tuple[Change, ...]:
    """Return in words what a version says and how it reads, beside the one in force.

    Args:
        before: The document in force; None for none.
        after: The document that would be.

    Raises:
        InvalidInputError: A document says no version.
    """
    new = read_document(after)
    old = read_document(before) if before is not None else None
    return (
        *describe_heads(_head(old) if old else {}, _head(new)),
        # Both were read on the same examples, each by weights that had not seen them.
        *describe_heads(dict(_figures(new.before)), dict(_figures(new.measured))),
        *describe_heads(dict(_intents(new.before)), dict(_intents(new.measured))),
    )


def _head(spec: VersionSpec) -> dict[str, str]:
    return {
        _("Title"): spec.title,
        _("Weights"): spec.weights[:12],
        _("Learnt from"): _("%(count)d examples, %(own)d of them from cases")
        % {"count": sum(spec.examples.values()), "own": spec.corrections},
        _("Compared with"): spec.against,
        _("Acts by itself from"): _("%(act)d %% sure, %(margin)d %% ahead of the second")
        % {"act": percent(spec.bands.act_from), "margin": percent(spec.bands.least_margin)},
        _("Asks a person to confirm from"): _("%(verify)d %% sure")
        % {"verify": percent(spec.bands.verify_from)},
    }


def percent(share: float) -> int:
    """Return a share as a whole number of percent."""
    return round(100 * share)


def tally_words(tally: Tally) -> str:
    """Return a share with its interval: ``78 % (170 of 217; 72 to 83 %)``."""
    low, high = tally.interval
    return _("%(share)d %% (%(right)d of %(of)d; %(low)d to %(high)d %%)") % {
        "share": percent(tally.share),
        "right": tally.right,
        "of": tally.of,
        "low": percent(low),
        "high": percent(high),
    }


def _figures(measured: Measured) -> Iterator[tuple[str, str]]:
    yield _("Needs found, on unseen examples"), tally_words(measured.in_scope)
    yield _("Told apart from what is no need of ours"), tally_words(measured.out_of_scope)
    yield (
        _("Confidence and truth lie apart by"),
        _("%(error).1f %%") % {"error": 100 * measured.calibration_error},
    )


def _intents(measured: Measured) -> Iterator[tuple[str, str]]:
    for key, tally in measured.by_intent.items():
        yield (
            _("Intent %(key)s") % {"key": key},
            _("%(right)d of %(of)d") % {"right": tally.right, "of": tally.of},
        )
