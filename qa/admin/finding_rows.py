"""One finding as its row shows it: the words on the left, what they are held against on the right.

Everything that came from a case is masked here; no rule decides.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.masking import masked
from cases.memory.models import Message
from cases.memory.types import Speaker
from cases.tools.models import ToolCall
from governance.access.types import Capability
from governance.admin.visit import Visit
from governance.knowledge.models import ArticleVersion
from orchestra.core import words
from qa.admin import finding_words as say
from qa.findings import selectors
from qa.findings.models import Finding
from qa.findings.reading import leaves, sentences
from qa.findings.types import FindingState

#: Characters shown on either side of the words.
AROUND = 160
#: Values of a call that are shown.
MOST_VALUES = 6
_SPEAKERS = {Speaker.AI: "agent", Speaker.HUMAN: "human", Speaker.CUSTOMER: "customer"}


def rows_of(findings: Sequence[Finding], visit: Visit, *, may_settle: bool) -> list[dict[str, Any]]:
    """Return the rows of a page: three queries, however many there are."""
    said = selectors.words_of(findings)
    beside = [one for found in findings for one in found.against]
    calls = _by_id(
        ToolCall.objects.select_related("tool").defer("arguments_bytes", "result_bytes"),
        beside,
        "tool_call",
    )
    articles = _by_id(ArticleVersion.objects.select_related("article"), beside, "article_version")
    return [
        _row(found, said, calls, articles, may_settle and not _is_own(found, visit))
        | {"ask_link": _ask_link(found, visit)}
        for found in findings
    ]


def _by_id(rows: Any, beside: Sequence[Mapping[str, str]], kind: str) -> dict[str, Any]:
    ids = {one["id"] for one in beside if one["kind"] == kind}
    return {str(row.public_id): row for row in rows.filter(public_id__in=ids)}


def _ask_link(found: Finding, visit: Visit) -> str:
    """Return where a review of what the finding is of is asked for; empty for who may not."""
    if not visit.may(Capability.QUALITY_REVIEW):
        return ""
    return reverse("admin:quality_review_ask", args=[found.unit.public_id])


def _is_own(found: Finding, visit: Visit) -> bool:
    return f"{visit.actor.kind}:{visit.actor.id}" in found.unit.workers


def _row(
    found: Finding,
    said: Mapping[str, Message],
    calls: Mapping[str, ToolCall],
    articles: Mapping[str, ArticleVersion],
    may_settle: bool,  # noqa: FBT001  one of five parts of a row
) -> dict[str, Any]:
    unit, case = found.unit, found.unit.case
    key = found.check_row.check_key
    first = found.spans[0]["message"] if found.spans else ""
    return {
        "id": str(found.public_id),
        "harm": found.harm,
        "harm_words": say.HARMS.get(found.harm, ""),
        "check": say.check_title(key),
        "basis": say.check_basis(key),
        "who": masked(case.who),
        "case": case.label,
        "channel": unit.channel,
        "at": unit.started_at,
        "ai": unit.ai_version or unit.agent_label,
        "quotes": [quote_of(span, said) for span in found.spans],
        "beside": _beside(found, calls, articles),
        "detail": say.detail_words(found.detail),
        "state": found.state,
        "is_open": found.state == FindingState.UNSEEN,
        "may_settle": may_settle,
        "settled_by": found.settled_by.label if found.settled_by else "",
        "settled_at": found.settled_at,
        "reason": masked(found.settled_reason),
        "open_link": f"{reverse('admin:case', args=[case.public_id])}#m-{first}",
        "settle_link": reverse("admin:finding_settle", args=[found.public_id]),
        "reopen_link": reverse("admin:finding_reopen", args=[found.public_id]),
    }


def quote_of(span: Mapping[str, Any], said: Mapping[str, Message]) -> dict[str, Any]:
    """Return the words of a span with what stands around them, masked; gone where erased."""
    message = said.get(span["message"])
    start, end = span["start"], span["end"]
    if message is None or len(message.text) < end:
        return {"gone": True}
    text = message.text
    left, right = max(0, start - AROUND), min(len(text), end + AROUND)
    return {
        "gone": False,
        "speaker": _SPEAKERS[Speaker(message.speaker)],
        "label": masked(message.author_label)
        if message.speaker != Speaker.CUSTOMER
        else _("Customer"),
        "is_customer": message.speaker == Speaker.CUSTOMER,
        "at": message.at,
        "start": start,
        "end": end,
        "before": ("…" if left else "") + masked(text[left:start]),
        "words": masked(text[start:end]),
        "after": masked(text[end:right]) + ("…" if right < len(text) else ""),
    }


def _beside(
    found: Finding, calls: Mapping[str, ToolCall], articles: Mapping[str, ArticleVersion]
) -> list[dict[str, Any]]:
    shown = []
    for one in found.against:
        call, article = calls.get(one["id"]), articles.get(one["id"])
        if call is not None:
            shown.append(_call(call))
        elif article is not None:
            shown.append(_article(article, one["label"]))
        else:
            shown.append({"title": one["label"]})
    return shown


def _call(call: ToolCall) -> dict[str, Any]:
    values = [*leaves(call.arguments), *leaves(call.result)]
    return {
        "title": call.tool.title or call.tool.name,
        "state": call.state,
        "at": call.settled_at or call.created_at,
        "confirmed": call.state == "succeeded" and not call.refused,
        "money": words.money(minor=call.amount_minor, currency=call.currency)
        if call.amount_minor is not None and call.currency
        else "",
        "values": [
            (words.plain(key) if key else "", masked(str(value))[:120])
            for key, value in values[:MOST_VALUES]
        ],
        "more": max(0, len(values) - MOST_VALUES),
        "link": "",
    }


def _article(version: ArticleVersion, label: str) -> dict[str, Any]:
    """Return an article with the sentences that name a number, which is what terms are."""
    body = str(version.document.get("body", ""))
    named = [body[start:end] for start, end in sentences(body)]
    return {
        "title": label,
        "link": reverse("admin:article", args=[version.article.key]),
        "lines": [line for line in named if any(char.isdigit() for char in line)][:3],
    }
