"""An access review as its page places it: lines, filters, the rail, and what a revocation does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.access_reviews import selectors
from governance.access_reviews.consequences import Consequence, read_consequence
from governance.access_reviews.models import AccessReview, AccessReviewItem
from governance.access_reviews.rules import matches, stands
from governance.access_reviews.types import (
    HeldGrant,
    Holdings,
    ItemFilter,
    ItemState,
    Present,
    ReviewState,
)
from governance.admin import access_words as words
from governance.admin.visit import Visit
from orchestra.core.numbers import read_whole

PAGE = 25
_FILTERS: Mapping[ItemFilter, Promise] = {
    ItemFilter.LEFT: gettext_lazy("Left to decide"),
    ItemFilter.ALL: gettext_lazy("All"),
    ItemFilter.CONFLICTS: gettext_lazy("Conflicts"),
    ItemFilter.UNUSED: gettext_lazy("Unused 60 days"),
    ItemFilter.AGENTS: gettext_lazy("Agents"),
    ItemFilter.CHANGED: gettext_lazy("Changed since last review"),
}
_STATES: Mapping[str, tuple[str, Promise]] = {
    ItemState.CONFIRMED: ("is-ok", gettext_lazy("confirmed")),
    ItemState.REVOKED: ("is-bad", gettext_lazy("revoked")),
}
_PRESENT: Mapping[Present, Promise | str] = {
    Present.SAME: "",
    Present.CHANGED: gettext_lazy(
        "Changed since the list was frozen: it was given again, or ends at another time. You "
        "decide on what stands now."
    ),
    Present.GONE: gettext_lazy(
        "Gone since the list was frozen: somebody took it, or it ended. Nothing is left to decide."
    ),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the page asks for.

    Attributes:
        only: The filter.
        page: Number of the page of lines, from 1.
        at: Public id of the line decided last: the cursor goes to the next one.
        revoke: Public id of the line whose revocation is looked at.
    """

    only: ItemFilter = ItemFilter.ALL
    page: int = 1
    at: str = ""
    revoke: str = ""

    def link(self, **changes: str | int) -> str:
        """Return the query of the address, with some of it changed."""
        asked = {"show": self.only.value, "page": self.page} | changes
        return f"?{urlencode({key: value for key, value in asked.items() if value})}"


def read_asked(values: Mapping[str, str]) -> Asked:
    """Return what was asked for; what cannot be read is the default."""
    only, page = values.get("show", ""), values.get("page", "")
    return Asked(
        only=ItemFilter(only) if only in set(ItemFilter) else ItemFilter.ALL,
        page=read_whole(page, most_digits=5) or 1,
        at=values.get("at", ""),
        revoke=values.get("revoke", ""),
    )


def describe_review(
    review: AccessReview,
    visit: Visit,
    *,
    lines: Sequence[AccessReviewItem],
    asked: Asked,
    holdings: Holdings,
) -> dict[str, Any]:
    """Return the review's lines and all around them.

    Args:
        review: The review with its reviewers fetched.
        visit: Who looks.
        lines: All of the review's, in the order they were frozen in.
        asked: The filter, the page and the line looked at.
        holdings: All that stands now.
    """
    items = _in_order(lines)
    present = {one.key: one for one in holdings.grants}
    counts = selectors.count_by_state(items)
    shown = [one for one in items if matches(asked.only, selectors.facts_of(one))]
    last = max(1, -(-len(shown) // PAGE))
    page = min(asked.page, last)
    rows = shown[(page - 1) * PAGE : page * PAGE]
    is_open = review.state == ReviewState.OPEN
    looked_at = next((one for one in items if str(one.public_id) == asked.revoke), None)
    cursor = _cursor(items, rows, asked.at) if is_open else ""
    left = [
        one for one in items if one.state == ItemState.OPEN and (one.key in present or not is_open)
    ]
    return {
        "rows": [
            _row(one, review, visit, present.get(one.key), asked)
            | {"is_cursor": str(one.public_id) == cursor}
            for one in rows
        ],
        "filters": list(_filters(items, asked)),
        "count": len(items),
        "shown_count": len(shown),
        "first": (page - 1) * PAGE + 1 if rows else 0,
        "last": (page - 1) * PAGE + len(rows),
        "previous_link": asked.link(page=page - 1) if page > 1 else "",
        "next_link": asked.link(page=page + 1) if page < last else "",
        "confirmed": counts[ItemState.CONFIRMED],
        "revoked": counts[ItemState.REVOKED],
        "decided": counts[ItemState.CONFIRMED] + counts[ItemState.REVOKED],
        "left": len(left),
        "left_words": ngettext("%(count)d left", "%(count)d left", len(left))
        % {"count": len(left)},
        "is_open": is_open,
        "mine": _mine_words(items, review, visit),
        "before": _before(looked_at, present, holdings, visit, asked) if is_open else None,
        "asked": asked,
        "conflict_link": asked.link(show=ItemFilter.CONFLICTS.value, page=1),
    }


def _in_order(items: Sequence[AccessReviewItem]) -> list[AccessReviewItem]:
    """Keep the holders' order; within each, conflicts and what is undecided come first."""
    holders = {key: place for place, key in enumerate(dict.fromkeys(_holder(one) for one in items))}
    return sorted(
        items,
        key=lambda one: (
            holders[_holder(one)],
            not one.conflicts,
            one.state != ItemState.OPEN,
            one.pk,
        ),
    )


def _holder(item: AccessReviewItem) -> tuple[str, str]:
    return item.holder_kind, item.holder_id


def _cursor(items: Sequence[AccessReviewItem], rows: Sequence[AccessReviewItem], at: str) -> str:
    """Return the line the cursor stands on: the next undecided one after the one decided last."""
    if not at:
        return ""
    order = {str(one.public_id): place for place, one in enumerate(items)}
    after = order.get(at, -1)
    left = [str(one.public_id) for one in rows if one.state == ItemState.OPEN]
    return next((one for one in left if order[one] > after), left[0] if left else at)


def _filters(items: Sequence[AccessReviewItem], asked: Asked) -> Any:
    facts = [selectors.facts_of(one) for one in items]
    for only, name in _FILTERS.items():
        yield {
            "name": str(name),
            "count": sum(matches(only, one) for one in facts),
            "link": asked.link(show=only.value, page=1),
            "is_on": only is asked.only,
        }


def _row(
    item: AccessReviewItem,
    review: AccessReview,
    visit: Visit,
    present: HeldGrant | None,
    asked: Asked,
) -> dict[str, Any]:
    stand = stands(frozen=item.mark, present=present)
    sign, state = _STATES.get(item.state, ("", ""))
    others = _deciders(item, review, present)
    is_mine = str(visit.actor.id) in others
    undecided = item.state == ItemState.OPEN and review.state == ReviewState.OPEN
    return {
        "id": str(item.public_id),
        "kind": item.holder_kind,
        "who": words.holder_words(item.holder_kind, item.holder_label),
        "what": words.what_words(item.kind, item.code),
        "where": words.where_words(item.kind, item.place_title),
        "given_at": item.given_at,
        "given_by": item.given_by,
        "used": words.used_words(item.used_how, item.used_at, now=review.started_at),
        "until_at": item.until_at,
        "reason": item.reason,
        "conflicts": [words.conflict_words(one) for one in item.conflicts],
        "unused": words.unused_words(item.used_at, now=review.started_at) if item.is_unused else "",
        "stands": "" if item.state == ItemState.REVOKED else str(_PRESENT[stand]),
        "is_gone": stand is Present.GONE,
        "mark": present.mark if present is not None else "",
        "sign": sign,
        "state": str(state),
        "decided_at": item.decided_at,
        "decided_by": item.decided_by,
        "decided_reason": item.decided_reason,
        "may_confirm": undecided and is_mine and stand is not Present.GONE,
        "may_revoke": review.state == ReviewState.OPEN
        and item.state != ItemState.REVOKED
        and is_mine
        and stand is not Present.GONE,
        "revoke_link": f"{asked.link(revoke=str(item.public_id))}#before-revoke",
        "waits_for": _waits_for(others) if undecided and not is_mine else "",
    }


def _deciders(
    item: AccessReviewItem, review: AccessReview, present: HeldGrant | None
) -> dict[str, str]:
    """Return the reviewers who may decide about a line: public id to name."""
    barred = {*item.subject_ids, *(present.subject_ids if present is not None else ())}
    people = {str(one.public_id): one.label for one in review.reviewers.all()}
    return {key: label for key, label in people.items() if key not in barred}


def _waits_for(others: Mapping[str, str]) -> str:
    if not others:
        return _("No reviewer may decide it: nobody reviews themselves. Name another reviewer.")
    return _("%(who)s decides: nobody reviews themselves") % {"who": " / ".join(others.values())}


def _mine_words(items: Sequence[AccessReviewItem], review: AccessReview, visit: Visit) -> str:
    mine = [one for one in items if visit.actor.id in one.subject_ids]
    others = [one.label for one in review.reviewers.all() if str(one.public_id) != visit.actor.id]
    if not mine:
        return ""
    if not others:
        return _("Nobody named may decide your own grants. Name another reviewer.")
    return _("%(who)s decides about what is yours.") % {"who": " / ".join(others)}


def _before(
    item: AccessReviewItem | None,
    present: Mapping[str, HeldGrant],
    holdings: Holdings,
    visit: Visit,
    asked: Asked,
) -> dict[str, Any] | None:
    """Return what is shown before a grant is revoked; None where none is looked at."""
    if item is None or item.key not in present or item.state == ItemState.REVOKED:
        return None
    grant = present[item.key]
    found = read_consequence(holdings=holdings, grant=grant, now=visit.now)
    what = words.what_words(item.kind, item.code)
    return {
        "id": str(item.public_id),
        "who": words.holder_words(item.holder_kind, item.holder_label),
        "what": what,
        "where": item.place_title,
        "mark": grant.mark,
        "sentences": _consequence_words(found, item),
        "refusal": _refusal_words(found),
        "keep_link": asked.link(),
    }


def _consequence_words(found: Consequence, item: AccessReviewItem) -> list[str]:
    told = [_("Takes effect at once.")]
    if found.left:
        told += [
            ngettext(
                "%(count)d approval is claimed by them now.",
                "%(count)d approvals are claimed by them now.",
                found.claims,
            )
            % {"count": found.claims},
            ngettext(
                "%(count)d vote of theirs waits for others and would not count.",
                "%(count)d votes of theirs wait for others and would not count.",
                found.waiting,
            )
            % {"count": found.waiting},
            ngettext(
                "%(count)d approval that waits for execution rests on a vote of theirs and would "
                "be voided.",
                "%(count)d approvals that wait for execution rest on a vote of theirs and would "
                "be voided.",
                found.granted,
            )
            % {"count": found.granted},
        ]
    told += [
        ngettext(
            "%(queue)s keeps %(count)d person who can vote.",
            "%(queue)s keeps %(count)d people who can vote.",
            count,
        )
        % {"queue": queue, "count": count}
        for queue, count in sorted(found.left.items())
        if count
    ]
    if item.holder_kind == "agent":
        told.append(_agent_words(found, item))
    return told


def _agent_words(found: Consequence, item: AccessReviewItem) -> str:
    if item.place_title:
        return _("The agent opens and works no more cases of %(queue)s.") % {
            "queue": item.place_title
        }
    return ngettext(
        "Whoever uses this token is refused from then on. %(count)d other token of the agent "
        "stays live.",
        "Whoever uses this token is refused from then on. %(count)d other tokens of the agent "
        "stay live.",
        found.other_tokens,
    ) % {"count": found.other_tokens}


def _refusal_words(found: Consequence) -> str:
    if found.nobody:
        return _(
            "Revoking would leave %(queues)s with nobody who can vote. Name someone first."
        ) % {"queues": ", ".join(found.nobody)}
    if found.is_last_manager:
        return _("Revoking would leave nobody who manages access. Name someone first.")
    return ""
