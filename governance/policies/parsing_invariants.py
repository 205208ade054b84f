"""What an owner wants of every version, read from a policy document, and back; pure."""

from typing import Any, Final

from governance.policies.catalogue import Catalogue
from governance.policies.parsing_rows import (
    MAX_VOTES,
    condition_document,
    read_conditions,
    read_roles,
)
from governance.policies.reading import KEY, Report
from governance.policies.types import Invariant, Outcome
from orchestra.core.said import said as _

Json = Any

_FIELDS: Final = ("id", "title", "when", "then")
_THEN_FIELDS: Final = ("outcome", "votes", "roles", "step_up")
_OF_AN_APPROVAL: Final = ("votes", "roles", "step_up")
#: An invariant that allows everything demands nothing.
_OUTCOMES: Final = tuple(outcome.value for outcome in Outcome if outcome is not Outcome.ALLOW)


def read_invariant(
    report: Report, value: Json, path: str, catalogue: Catalogue | None
) -> Invariant:
    """Return an invariant as it stands in a document.

    Args:
        report: Takes every error.
        value: ``id``, ``title``, ``when`` as in a row, and ``then``: the mildest ``outcome``,
            and of an approval its ``votes``, the only ``roles`` and ``step_up``.
        path: Where it stands.
        catalogue: What names are checked against; None for no check of names.
    """
    fields = report.mapping(value, path, _FIELDS)
    then = report.mapping(fields.get("then"), f"{path}.then", _THEN_FIELDS)
    votes = then.get("votes")
    return Invariant(
        id=report.text(fields.get("id"), f"{path}.id", KEY),
        title=report.text(fields.get("title"), f"{path}.title"),
        when=read_conditions(report, fields.get("when"), f"{path}.when", catalogue),
        outcome=_outcome(report, then, f"{path}.then"),
        votes=0 if votes is None else report.whole(votes, f"{path}.then.votes", 1, MAX_VOTES),
        roles=read_roles(report, then, f"{path}.then"),
        step_up=report.flag(then.get("step_up", False), f"{path}.then.step_up"),
    )


def _outcome(report: Report, then: dict[str, Json], path: str) -> Outcome:
    asked = [name for name in _OF_AN_APPROVAL if then.get(name)]
    if "outcome" not in then:
        if not asked:
            report.add(path, "required", _("needs at least one of %(fields)s", fields=_THEN_FIELDS))
        return Outcome.APPROVE
    outcome = Outcome(report.choice(then["outcome"], f"{path}.outcome", _OUTCOMES))
    if asked and outcome is not Outcome.APPROVE:
        message = _("%(fields)s can only be asked of an approval", fields=tuple(asked))
        report.add(f"{path}.outcome", "unused", message)
    return outcome


def invariant_document(invariant: Invariant) -> dict[str, Json]:
    """Return an invariant as it stands in a document, without what it does not ask."""
    then: dict[str, Json] = {
        "outcome": invariant.outcome.value,
        "votes": invariant.votes,
        "roles": list(invariant.roles),
        "step_up": invariant.step_up,
    }
    return {
        "id": invariant.id,
        "title": invariant.title,
        "when": [condition_document(condition) for condition in invariant.when],
        "then": {name: value for name, value in then.items() if value},
    }
