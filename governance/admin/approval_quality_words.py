"""What the page of approval quality says: figures as words. Words only, no rule."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.approvals.agreement import FEW_CASES, Agreement
from governance.approvals.figures import FEW, Bar, Figures, Measure, Share, Vote
from governance.approvals.types import VigilanceResult, VoteChoice
from governance.approvals.vigilance_rows import Attention
from orchestra.core import words

Json = Any

NOTHING = "\N{EN DASH}"
_MINUTE, _HOUR = 60, 3600
_TENTHS = 10


def headline(found: Figures, days: int, *, mine: bool) -> str:
    """Return the answer in one line: how many, how fast, how many in haste."""
    if not found.decided:
        return _("No decision in %(days)d days") % {"days": days}
    who = (
        ngettext("You took %(count)d decision", "You took %(count)d decisions", found.decided)
        if mine
        else ngettext("%(count)d decision", "%(count)d decisions", found.decided)
    )
    first = (who + _(" in %(days)d days")) % {"count": found.decided, "days": days}
    if found.times.median is None:
        return first
    return _("%(first)s: median %(median)s, %(hasty)d under three seconds") % {
        "first": first,
        "median": seconds(found.times.median),
        "hasty": found.hasty.hits,
    }


def lead(*, mine: bool) -> str:
    """Return whose votes these are and what they do not say."""
    if mine:
        return _(
            "Your own votes, for you. A fast vote is not a wrong one, and a slow one not a careful "
            "one; look at the rows behind a number before you make something of it."
        )
    return _(
        "All votes in the queues you may read, of everybody together. Nothing here ranks people, "
        "and no figure sums the others up; look at the rows behind a number."
    )


def seconds(value: float | None) -> str:
    """Return a time in words: ``4.2 s``, ``41 s``, ``6 min``, ``1.5 h``."""
    if value is None:
        return NOTHING
    if value < _TENTHS:
        return _("%(value).1f s") % {"value": value}
    if value < 2 * _MINUTE:
        return _("%(value).0f s") % {"value": value}
    if value < 2 * _HOUR:
        return _("%(value).0f min") % {"value": value / _MINUTE}
    return _("%(value).1f h") % {"value": value / _HOUR}


def time_figure(label: str, value: float | None, count: int, link: str) -> Json:
    """Return a time, with how many votes it rests on."""
    if value is None:
        return _figure(label, NOTHING, "", _("no vote from its page"), "")
    note = ngettext("of %(count)d vote from its page", "of %(count)d votes from their page", count)
    number, _space, unit = seconds(value).partition(" ")
    return _figure(label, number, unit, note % {"count": count}, link)


def share_figure(label: str, found: Share, link: str) -> Json:
    """Return a share as a rate with its interval, or as a count where there are few."""
    if not found.total:
        return _figure(label, NOTHING, "", _("nothing to count"), "")
    count = _("%(hits)d of %(total)d") % {"hits": found.hits, "total": found.total}
    if not found.is_rate:
        return _figure(label, count, "", few(found.total), link)
    note = _("%(count)s; 95%% interval %(low).1f to %(high).1f") % {
        "count": count,
        "low": 100 * found.low,
        "high": 100 * found.high,
    }
    return _figure(label, f"{100 * found.rate:.1f}", "%", note, link)


def few(total: int) -> str:
    """Return that there are too few to speak of a rate."""
    return ngettext(
        "%(count)d decision: too few for a rate", "%(count)d decisions: too few for a rate", total
    ) % {"count": total}


def short_share(found: Share) -> str:
    """Return a share for a cell: its count, and the rate where there are enough."""
    if not found.total:
        return NOTHING
    count = _("%(hits)d of %(total)d") % {"hits": found.hits, "total": found.total}
    return f"{count} ({100 * found.rate:.0f} %)" if found.is_rate else count


def agreement_figures(found: Agreement, link: str) -> list[Json]:
    """Return agreement, plain and beyond chance, or that there is too little to say."""
    raw, corrected = _("Agreed on like cases"), _("Agreement beyond chance")
    counts = ngettext(
        "%(alike)d of %(pairs)d pair of votes, on %(cases)d like cases",
        "%(alike)d of %(pairs)d pairs of votes, on %(cases)d like cases",
        found.pairs,
    ) % {"alike": found.alike, "pairs": found.pairs, "cases": found.cases}
    if not found.cases:
        return [_figure(raw, NOTHING, "", _("no like case was decided by two people"), "")]
    if not found.is_enough:
        return [_figure(raw, _("too few to say"), "", counts, link)]
    low, high = found.raw_span
    note = _("%(counts)s; 95%% interval %(low).0f to %(high).0f") % {
        "counts": counts,
        "low": 100 * low,
        "high": 100 * high,
    }
    beyond = _("95%% interval %(low).2f to %(high).2f") % {
        "low": found.corrected_span[0],
        "high": found.corrected_span[1],
    }
    return [
        _figure(raw, f"{100 * found.raw:.0f}", "%", note, link),
        _figure(corrected, f"{found.corrected:.2f}", "", beyond, ""),
    ]


def agreement_note(found: Agreement) -> str:
    """Return what is compared and how chance is taken out."""
    text = _(
        "Like cases: the same tool, the same rows of policy fired, and an amount of the same size "
        "(within a factor of two). Only votes of different people are compared, and each like case "
        "counts once. Beyond chance is Gwet's AC1: 1 is always alike, 0 is what chance would do. "
        "The interval draws the like cases again a thousand times from a fixed seed."
    )
    if found.is_enough:
        return text
    return f"{text} " + _("Below %(few)d like cases nothing is said.") % {"few": FEW_CASES}


def attention_figures(found: Attention, link: str) -> list[Json]:
    """Return how tests of attention went; nothing where none was judged."""
    if not found.caught.total and not found.expired:
        return []
    caught = share_figure(_("Caught, of the tests somebody voted on"), found.caught, link)
    if 0 < found.caught.total < FEW:
        caught["note"] = ngettext(
            "%(count)d test: too few for a rate",
            "%(count)d tests: too few for a rate",
            found.caught.total,
        ) % {"count": found.caught.total}
    return [caught, _figure(_("Expired without a vote"), str(found.expired), "", "", link)]


def result(code: str) -> str:
    """Return how a test went, in a word."""
    words_of = {
        VigilanceResult.CAUGHT: _("caught"),
        VigilanceResult.MISSED: _("missed"),
        VigilanceResult.EXPIRED: _("nobody voted"),
        VigilanceResult.OPEN: _("open"),
    }
    return words_of[VigilanceResult(code)]


def bar_words(bar: Bar) -> str:
    """Return the bounds of a bar, short: ``<3 s``, ``30 s``, ``>1 h``."""
    if bar.below is None:
        return f">{_edge(bar.above)}"
    return f"<{_edge(bar.below)}"


def _edge(value: int) -> str:
    if value < _MINUTE:
        return _("%(value)d s") % {"value": value}
    if value < _HOUR:
        return _("%(value)d min") % {"value": value // _MINUTE}
    return _("%(value)d h") % {"value": value // _HOUR}


def counted(measure: str, count: int) -> str:
    """Return the title of the list behind a number."""
    titles = {
        Measure.DECIDED: _("%(count)d decided"),
        Measure.TIMED: _("%(count)d decided from their page"),
        Measure.HASTY: _("%(count)d decided under three seconds"),
        Measure.UNOPENED: _("%(count)d voted on without opening the page"),
        Measure.UNSEEN: _("%(count)d opened, but not all evidence on screen"),
        Measure.REJECTED: _("%(count)d rejected"),
        Measure.REVERSED: _("%(count)d undone after they ran"),
    }
    title = titles.get(Measure(measure)) if measure in set(Measure) else None
    if measure == "tests":
        title = _("%(count)d tests of attention")
    if measure == "edits":
        title = _("%(count)d changed by an edit")
    return (title or _("%(count)d votes on like cases")) % {"count": count}


def rows_lead(measure: str, days: int) -> str:
    """Return what the list holds."""
    text = _("Votes of the last %(days)d days, newest first.") % {"days": days}
    if measure == Measure.UNOPENED:
        return f"{text} " + _("They came through the API, or in a batch.")
    if measure == "tests":
        return _("Judged in the last %(days)d days. None could have run.") % {"days": days}
    if measure == "edits":
        return _("Asked for in the last %(days)d days, and changed by a person.") % {"days": days}
    if measure in set(Measure):
        return text
    return _("Votes of different people on like cases of the last %(days)d days.") % {"days": days}


def choice(cast: VoteChoice) -> str:
    """Return a vote in one word."""
    return _("approved") if cast is VoteChoice.APPROVE else _("rejected")


def opened(vote: Vote) -> str:
    """Return what of the page was on screen before the vote."""
    if vote.took is None:
        return _("not opened")
    return _("all evidence") if vote.saw_all else _("opened")


def slice_title(name: str, key: str) -> str:
    """Return the name of a slice: a week as ``week 48, 2026``, others in plain words."""
    if name == "week":
        year, _dash, week = key.partition("-W")
        return _("week %(week)s, %(year)s") % {"week": week, "year": year}
    return words.plain(key)


def _figure(label: str, value: str, unit: str, note: str, link: str) -> Json:
    return {"label": label, "value": value, "unit": unit, "note": note, "link": link}
