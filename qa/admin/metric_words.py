"""Numbers of metrics as people read them."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from orchestra.core import words
from qa.measurement import sentences as say
from qa.measurement.types import LeftOut
from qa.measurement.wording import VERDICTS, amount, change_words, plain, span

Json = Any

__all__ = [
    "VERDICTS",
    "amount",
    "beside",
    "change_words",
    "counted",
    "left_out",
    "plain",
    "reasons",
    "span",
]

_LEFT_OUT: Final = {str(key): text for key, text in say.LEFT_OUT.items()} | {
    "not_by_customer": _lazy("not begun by the customer"),
    "unknown_sender": _lazy("from an unknown sender"),
    "next_issue": _lazy("about a next issue"),
    "thanks": _lazy("thank-you notes"),
    "survey": _lazy("survey answers"),
    "auto_reply": _lazy("automatic replies"),
    "promised_call": _lazy("calls we had promised"),
    "not_handled": _lazy("handled by nobody"),
    "not_applicable": _lazy("without wrap-up: does not apply"),
    "nothing_required": _lazy("of which nothing is required: a fault of the cue sheet's set-up"),
}
_BESIDE: Final = {
    "reopened": _lazy("reopened"),
    "withdrawn": _lazy("withdrawn"),
    "without_contact": _lazy("closed again without a word to the customer"),
    "waited": _lazy("waited for the customer or a third party"),
    "migrated": _lazy("moved to another version while they ran"),
    "assumed": _lazy("resolved as assumed, told apart"),
    "chasers": _lazy("called before we did as promised"),
    "full_windows": _lazy("seen for the whole window"),
    "attempts": _lazy("offers that nobody took"),
    "zeros": _lazy("needed none"),
    "consequences": _lazy("consequences of another exception"),
    "late": _lazy("records that came late and count"),
    "retention_over": _lazy("records past their time of retention"),
    "unconfigured": _lazy("cases of which nothing is required"),
    "strict_incomplete": _lazy("incomplete at high or critical risk"),
    "strict": _lazy("closed at high or critical risk"),
    "steps": _lazy("steps started"),
    "steps_with": _lazy("steps that ended in an exception nobody recovered"),
}


def counted(figure: Mapping[str, Json]) -> str:
    """Return of how many a figure is, how many of them, and how many are open."""
    count: str = number_format(figure["n"], force_grouping=True)
    parts = [count]
    if figure["hits"] is not None:
        hits = number_format(figure["hits"], force_grouping=True)
        parts.append(_("%(hits)s of them counted") % {"hits": hits})
    if figure["open"]:
        left = number_format(figure["open"], force_grouping=True)
        parts.append(_("%(open)s not over yet, counted as long as seen") % {"open": left})
    return "; ".join(parts)


def left_out(figure: Mapping[str, Json]) -> str:
    """Return how many were left out for each reason."""
    return ", ".join(
        f"{number_format(count, force_grouping=True)} {_LEFT_OUT.get(reason, words.plain(reason))}"
        for reason, count in figure["left_out"].items()
    )


def beside(figure: Mapping[str, Json]) -> list[tuple[str, str]]:
    """Return the further counts that stand beside a figure."""
    found = [
        (str(_BESIDE[name]), number_format(value, decimal_pos=0, force_grouping=True))
        for name, value in figure["beside"].items()
        if name in _BESIDE and value is not None
    ]
    percent = {
        "timed_out": _("ended by the time-out"),
        "capped": _("held at the cap"),
        "recovered": _("recovered by a retry"),
        "with_planned": _("with planned steps counted too"),
    }
    for name, text in percent.items():
        value = figure["beside"].get(name)
        if value is not None:
            found.append((text, f"{value:.1f} %"))
    matched = figure["beside"].get("matched_share")
    if matched is not None:
        found.append((_("of contacts with a matched identity"), f"{100 * matched:.1f} %"))
    return found


def reasons() -> frozenset[str]:
    """Return every reason that has words."""
    return frozenset(_LEFT_OUT) | {str(one) for one in LeftOut}
