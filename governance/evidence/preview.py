"""What an export would hold, counted before it is asked for."""

import json
from collections import Counter
from datetime import datetime

from governance.access.selectors import require
from governance.access.types import Authority, Capability
from governance.evidence import leaving_out, rules
from governance.evidence.reach import readable_streams
from governance.evidence.scoping import freeze, resolve
from governance.evidence.types import (
    COVERING,
    ExportScope,
    FieldGroup,
    Preview,
    ScopeKind,
    Withheld,
)
from governance.ledger import packs
from governance.ledger.selection import select
from governance.ledger.selectors import reading_latest_verification
from orchestra.core.together import all_of, answer

#: How many entries are counted at most, and of how many the payloads are looked into.
COUNTED_AT_MOST = 100_000
LOOKED_AT_MOST = 500


def foresee(*, authority: Authority, scope: ExportScope, now: datetime) -> Preview:
    """Return what an export would hold, lack and leave out, as things stand.

    Args:
        authority: Of whoever asks, who may read the ledger.
        scope: What is asked for; a span that has no end ends now.
        now: When, UTC.

    Raises:
        NotPermittedError: They may not read the ledger.
        NotFoundError: There is no such case, control or saved search.
        InvalidInputError: The scope makes no sense.
    """
    require(authority=authority, capability=Capability.LEDGER_READ)
    scope = rules.closed(freeze(actor=authority.actor, scope=scope), now)
    found = resolve(authority=authority, scope=scope)
    entries = select(found.selection)
    told = answer(
        all_of(
            {
                "rows": packs.reading_oldest(entries, most=LOOKED_AT_MOST),
                "count": packs.reading_count_up_to(entries, COUNTED_AT_MOST + 1),
                "checked": reading_latest_verification(),
            }
        )
    )
    rows, checked = told["rows"], told["checked"]
    streams = frozenset(row.stream for row in rows)
    # A case that may not be read was not found.
    readable = streams if scope.kind is ScopeKind.CASE else readable_streams(authority, streams)
    groups, withheld = Counter[FieldGroup](), Counter[Withheld]()
    for row in rows:
        if row.body is None:
            withheld[Withheld.ERASED] += 1
        elif row.stream not in readable:
            withheld[Withheld.NOT_PERMITTED] += 1
        else:
            payload = json.loads(row.body)
            held = leaving_out.groups_in(kind=row.kind, actor_kind=row.actor_kind, payload=payload)
            groups.update(held.keys())
    return Preview(
        title=found.title,
        entries=min(told["count"], COUNTED_AT_MOST),
        is_more=told["count"] > COUNTED_AT_MOST,
        looked_at=len(rows),
        groups=groups,
        withheld=withheld,
        gaps=found.gaps,
        is_covering=scope.kind in COVERING and scope.since is not None,
        altered_at=checked.at if checked is not None and not checked.ok else None,
    )
