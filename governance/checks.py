"""What can be seen to be wrong before anybody waits in vain: checks that need the database."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import OperationalError, ProgrammingError

from governance.approvals.capacity import list_unmet
from orchestra.core import clock


@checks.register(checks.Tags.database)
def check_approvals_can_be_given(
    databases: Sequence[str] | None = None, **_others: Any
) -> list[checks.CheckMessage]:
    """Warn of each row in force whose approval nobody can give right now.

    Runs where the database is asked for: ``manage.py check --database default``. Before the
    tables are there nothing is in force, and so nothing is warned of.
    """
    if "default" not in (databases or ()):
        return []
    try:
        unmet = list_unmet(now=clock.now())
    except (OperationalError, ProgrammingError):
        return []
    return [
        checks.Warning(
            f"Nobody can give the approval that {one.rule or 'the threshold'} of "
            f"“{one.policy}” asks for, in {', '.join(one.queues)}.",
            hint="Grant the vote on the queue to people with the role, or change the policy.",
            obj=one.key,
            id="governance.W001",
        )
        for one in unmet
    ]
