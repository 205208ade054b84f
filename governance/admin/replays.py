"""Whether recorded decisions still come out as they did: what the last night's sample says."""

from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from governance.ledger.selectors import list_entries, payload_of
from governance.policies import entries
from orchestra.core.together import Reading, read


def describe_replays() -> Reading[dict[str, Any] | None]:
    """Come to what a start page says of the newest sample; None where nothing differs."""
    rows = list_entries().filter(kind=entries.REPLAY_SAMPLED)
    found = yield from read(rows[:1])
    newest = found[0] if found else None
    payload = payload_of(entry=newest) if newest is not None else None
    if newest is None or payload is None or not payload["differ"]:
        return None
    count = payload["differ"]
    return {
        "at": newest.at,
        "sampled": payload["sampled"],
        "words": ngettext(
            "%(count)d decision does not come out as it was recorded",
            "%(count)d decisions do not come out as they were recorded",
            count,
        )
        % {"count": count},
        "rows": [
            {"link": reverse("admin:decision", args=[decision]) + "?replay", "why": why}
            for decision, why in sorted(payload["findings"].items())
        ],
    }
