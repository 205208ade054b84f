"""The words of one digest: six outcomes with intervals and targets, and what is not kept.

No personal data and no text of a case: numbers of many cases, titles of targets, and links.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.notifications.mail import absolute
from qa.digest.models import OutcomeDigest
from qa.measurement import sentences as say
from qa.measurement.showing import SIX, Shown
from qa.measurement.standing import change, main_reading, standings
from qa.measurement.wording import VERDICTS, amount, change_words, span
from qa.targets.models import OutcomeAlert
from qa.targets.selectors import spec_of
from qa.targets.sentences import goal_words, scope_words

Line = Mapping[str, Any]


def build(
    digest: OutcomeDigest, shown: Sequence[Shown], alerts: Sequence[OutcomeAlert]
) -> EmailMultiAlternatives:
    """Return the message; its id stays the same at every attempt.

    Args:
        digest: For whom, and of which week; the person is at hand.
        shown: Every metric in force with its cells.
        alerts: Those that are not closed, their targets at hand.
    """
    lines = [_line(one) for one in shown if one.spec.key in SIX]
    units = {one.spec.key: one.spec.measure for one in shown}
    week = _("%(first)s to %(last)s") % {
        "first": f"{digest.week:%-d %b}",
        "last": f"{digest.week + timedelta(days=6):%-d %b %Y}",
    }
    told = {
        "lines": lines,
        "alerts": [_alert(one, units) for one in alerts],
        "week": week,
        "outcomes": absolute(reverse("admin:outcomes")),
        "alerts_link": absolute(reverse("admin:outcome_alerts")),
        "settings_link": absolute(reverse("admin:notice_settings")),
    }
    host = settings.ORCHESTRA["PUBLIC_URL"].partition("//")[2].partition(":")[0]
    message = EmailMultiAlternatives(
        subject=_subject(week, len(alerts)),
        body=_text(told),
        to=[digest.person.email],
        headers={
            "Message-ID": f"<{digest.public_id}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string("qa/digest.html", told), "text/html")
    return message


def _subject(week: str, alerts: int) -> str:
    if not alerts:
        return _("Outcomes, %(week)s") % {"week": week}
    return ngettext(
        "Outcomes, %(week)s: %(count)d target is not kept",
        "Outcomes, %(week)s: %(count)d targets are not kept",
        alerts,
    ) % {"week": week, "count": alerts}


def _line(one: Shown) -> Line:
    spec = one.spec
    line = {
        "title": spec.title,
        "link": absolute(reverse("admin:outcome", args=[spec.key])),
        "value": _("not yet"),
        "span": "",
        "targets": [],
        "change": "",
    }
    if one.now is None:
        return line
    figure = one.now.body["figure"]
    reading = main_reading(spec, figure)
    if figure["n"] < spec.minimum_cases:
        few = _("fewer than %(count)d, interval only") % {"count": spec.minimum_cases}
        return {**line, "value": few, "span": span(reading, spec)}
    before = main_reading(spec, one.before.body["figure"]) if one.before else None
    return {
        **line,
        "value": amount(reading.value, spec),
        "span": span(reading, spec),
        "targets": [
            f"{say.goal_words(each.goal, spec)}: {VERDICTS[each.verdict][0]}"
            for each in standings(spec, figure)
        ],
        "change": change_words(change(reading, before) if before else None, spec),
    }


def _alert(one: OutcomeAlert, units: Mapping[str, Any]) -> Line:
    spec = spec_of(one.version)
    return {
        "title": one.target.title,
        "goal": goal_words(spec, units.get(spec.metric)),
        "scope": scope_words(spec),
        "link": absolute(reverse("admin:outcome_alert", args=[one.public_id])),
    }


def _text(told: Mapping[str, Any]) -> str:
    parts = [_("The outcomes of the last four weeks, up to %(week)s.") % {"week": told["week"]}]
    parts += [_metric(line) for line in told["lines"]]
    if told["alerts"]:
        rows = [
            f"- {one['title']}: {one['goal']}, {one['scope']}\n  {one['link']}"
            for one in told["alerts"]
        ]
        parts.append("\n".join([_("Not kept:"), *rows]))
    parts.append(_("All outcomes: %(link)s") % {"link": told["outcomes"]})
    change_it = _("Change how you are told: %(link)s") % {"link": told["settings_link"]}
    return "\n\n".join([*parts, f"{change_it}\n"])


def _metric(line: Line) -> str:
    rows = [f"{line['title']}: {line['value']}"]
    if line["span"]:
        rows.append(_("  95 %%: %(span)s") % {"span": line["span"]})
    rows += [_("  Target %(target)s") % {"target": one} for one in line["targets"]]
    if line["change"]:
        rows.append(f"  {line['change']}")
    return "\n".join([*rows, f"  {line['link']}"])
