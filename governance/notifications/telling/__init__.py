"""What each kind of entry that governance writes means to people.

Kinds are named as text: a kind that nobody writes yet, or no more, is simply never met.
"""

from collections.abc import Callable, Mapping
from typing import Final

from governance.notifications.registry import NoticeRule
from governance.notifications.telling import access, approvals, changes, record

RULES: Final[Mapping[str, NoticeRule]] = {
    **approvals.RULES,
    **changes.RULES,
    **access.RULES,
    **record.RULES,
}

STILL_OPEN: Final[Mapping[str, Callable[[str], bool]]] = {
    approvals.SUBJECT: approvals.is_open,
    changes.SUBJECT: changes.is_open,
}

__all__ = ["RULES", "STILL_OPEN"]
