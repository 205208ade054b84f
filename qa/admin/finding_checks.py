"""The table of checks: what each found, what people made of it, and its licence."""

from collections.abc import Mapping
from typing import Any

from qa.admin import finding_words as say
from qa.estimates.proportions import wilson
from qa.estimates.types import Interval
from qa.findings.judging import RUBRIC
from qa.findings.licensing import LEAST_SHARE, Counts, LicenceState
from qa.findings.models import CheckLicence
from qa.findings.rules import CHECKS
from qa.findings.selectors import Sum
from qa.findings.services.licensing import QUESTIONS

#: Width of an interval's picture, and where its reference line stands.
WIDE = 92


def check_rows(
    sums: Mapping[str, Sum], licences: Mapping[str, CheckLicence], *, judged: bool
) -> list[dict[str, Any]]:
    """Return one row a check, in the order of harm; questions of a model judge stand last.

    Args:
        sums: What each check came to.
        licences: The newest licence of each.
        judged: Whether a model judge is set up.
    """
    known = [check.key for check in CHECKS]
    asked = [one.check_key for one in RUBRIC if judged or one.check_key in sums]
    return [
        _row(key, sums.get(key, Sum(key)), licences.get(key), rule=key in known)
        for key in (*known, *asked)
    ]


def _row(key: str, total: Sum, licence: CheckLicence | None, *, rule: bool) -> dict[str, Any]:
    state = LicenceState(licence.state) if licence else LicenceState.ADVISORY
    counts = (
        Counts(licence.failures, licence.caught, licence.passes, licence.passed)
        if licence
        else Counts()
    )
    return {
        "key": key,
        "title": say.check_title(key),
        "basis": say.check_basis(key),
        "series": total.series,
        "found": total.found,
        "of": total.found + total.fine,
        "not_applicable": total.not_applicable,
        "skipped": total.skipped,
        "unseen": total.unseen,
        "is_queued": rule or state is LicenceState.LICENSED,
        "is_counted": rule or state is not LicenceState.STOPPED,
        "confirmed": total.confirmed,
        "looked_at": total.looked_at,
        "confirmed_span": percent_span(total.confirmed, total.looked_at),
        "state": str(state),
        "state_words": say.LICENCES[state],
        "catches": _rate(counts.caught, counts.failures, counts.catches),
        "passes": _rate(counts.passed, counts.passes, counts.lets_pass),
        "has_question": key in QUESTIONS,
    }


def _rate(hits: int, total: int, found: Interval | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "hits": hits,
        "total": total,
        "percent": round(100 * hits / total),
        "span": percent_span(hits, total),
        "is_low": found.low < LEAST_SHARE,
        "starts": f"{found.low * WIDE:.1f}",
        "to": f"{found.high * WIDE:.1f}",
        "at": f"{hits / total * WIDE:.1f}",
        "ref": f"{LEAST_SHARE * WIDE:.1f}",
    }


def percent_span(hits: int, total: int) -> str:
    """Return Wilson's 95 % interval of a share in whole percent; empty where nothing was seen."""
    if not total:
        return ""
    found = wilson(hits=hits, total=total)
    return f"{round(found.low * 100)} to {round(found.high * 100)} %"
