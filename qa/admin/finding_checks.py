"""The table of checks: what each found, what people made of it, and its licence."""

from collections.abc import Mapping
from typing import Any

from qa.admin import finding_words as say
from qa.estimates.proportions import wilson
from qa.findings.rules import CHECKS
from qa.findings.selectors import Sum


def check_rows(sums: Mapping[str, Sum]) -> list[dict[str, Any]]:
    """Return one row a check, in the order of harm; those of no installed rule stand last."""
    known = [check.key for check in CHECKS]
    others = sorted(key for key in sums if key not in known)
    return [_row(key, sums.get(key, Sum(key))) for key in (*known, *others)]


def _row(key: str, total: Sum) -> dict[str, Any]:
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
        "confirmed": total.confirmed,
        "looked_at": total.looked_at,
        "confirmed_span": percent_span(total.confirmed, total.looked_at),
    }


def percent_span(hits: int, total: int) -> str:
    """Return Wilson's 95 % interval of a share in whole percent; empty where nothing was seen."""
    if not total:
        return ""
    found = wilson(hits=hits, total=total)
    return f"{round(found.low * 100)} to {round(found.high * 100)} %"
