"""What a scope comes to: its title, the entries it selects, and its report of gaps."""

from dataclasses import dataclass, replace
from typing import NoReturn

from django.utils.translation import gettext as _

from governance.access.types import Authority
from governance.evidence import registry, rules
from governance.evidence.reach import may_read_case
from governance.evidence.types import ExportScope, Gap, ScopeKind
from governance.ledger.envelope import CASE_PREFIX, MAX_ID_LENGTH
from governance.ledger.selection import EntrySelection, select
from orchestra.core.canonical import check_text
from orchestra.core.errors import FieldError, InvalidInputError, NotFoundError
from orchestra.core.words import in_words


@dataclass(frozen=True, slots=True)
class Resolved:
    """A scope with what it stands for.

    Attributes:
        title: What it is evidence of, in words.
        selection: The entries.
        gaps: The report of gaps as it is now; empty for a scope that is no control.
        requirements: References of what it is evidence for.
    """

    title: str
    selection: EntrySelection
    gaps: tuple[Gap, ...] = ()
    requirements: tuple[str, ...] = ()


def resolve(*, authority: Authority, scope: ExportScope) -> Resolved:
    """Return what a scope stands for.

    Args:
        authority: Of whoever asks; a case that may not be read is not found.
        scope: What is asked for, with both ends of its span set for a control.

    Raises:
        NotFoundError: There is no such case, control or saved search.
        InvalidInputError: The scope makes no sense.
    """
    check_text(scope.key, "scope.key")
    if scope.since and scope.until and scope.since >= scope.until:
        _refuse("since", _("The span holds no time: it ends before it begins."))
    if scope.kind is ScopeKind.CASE:
        return _case(authority, scope)
    if scope.kind is ScopeKind.CONTROL:
        return _control(scope)
    if scope.kind is ScopeKind.SEARCH:
        raise NotFoundError(_("There is no such saved search."))
    if scope.key:
        _refuse("key", _("A span has no key."))
    if scope.kind is ScopeKind.SPAN and not (scope.since and scope.until):
        _refuse("since", _("Give both ends of the span."))
    title = _("The ledger") if scope.kind is ScopeKind.LEDGER else _("A period of the ledger")
    return Resolved(title=title, selection=_in_span(scope))


def _in_span(scope: ExportScope, streams: tuple[str, ...] = ()) -> EntrySelection:
    return EntrySelection(streams=streams, since=scope.since, until=scope.until)


def _case(authority: Authority, scope: ExportScope) -> Resolved:
    stream = f"{CASE_PREFIX}{scope.key}"
    known = (
        0 < len(scope.key) <= MAX_ID_LENGTH
        and may_read_case(authority, scope.key)
        and select(EntrySelection(streams=(stream,))).exists()
    )
    if not known:
        raise NotFoundError(
            _("There is no such case, or it is not yours to see."), code="evidence.no_case"
        )
    title = _("Case %(case)s") % {"case": scope.key}
    return Resolved(title=title, selection=_in_span(scope, (stream,)))


def _control(scope: ExportScope) -> Resolved:
    control = registry.controls.find(scope.key)
    if control is None:
        raise NotFoundError(_("There is no such control."), code="evidence.no_control")
    if scope.since is None or scope.until is None:
        _refuse("since", _("Give both ends of the span."))
    since, until = scope.since, scope.until
    selection: EntrySelection = control.select(since=since, until=until)
    return Resolved(
        title=str(control.title)[:200],
        selection=selection,
        gaps=tuple(
            replace(rules.gap_of(line), title=in_words(line.title))
            for line in control.gaps(since=since, until=until)
        ),
        requirements=tuple(control.requirements),
    )


def _refuse(field: str, message: str) -> NoReturn:
    raise InvalidInputError(
        message, code="evidence.scope", errors=[FieldError(f"scope.{field}", "scope", message)]
    )
