"""What a scope comes to: its title, the entries it selects, and its report of gaps."""

from dataclasses import dataclass, replace
from typing import NoReturn
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.types import Authority
from governance.evidence import registry, rules
from governance.evidence.reach import may_read_case
from governance.evidence.types import ControlGap, ExportScope, Gap, ScopeKind
from governance.ledger.envelope import CASE_PREFIX, MAX_ID_LENGTH
from governance.ledger.saved import get_search
from governance.ledger.selection import EntrySelection, select
from orchestra.core.actors import Actor
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
        return _search(scope)
    if scope.key:
        _refuse("key", _("A span has no key."))
    if scope.kind is ScopeKind.SPAN and not (scope.since and scope.until):
        _refuse("since", _("Give both ends of the span."))
    title = _("The ledger") if scope.kind is ScopeKind.LEDGER else _("A period of the ledger")
    return Resolved(title=title, selection=_in_span(scope))


def freeze(*, actor: Actor, scope: ExportScope) -> ExportScope:
    """Return a scope with the entries of its saved search instead of a reference to it.

    Whatever becomes of the search, the export goes on being of what it was. Any other scope
    comes back as it is.

    Args:
        actor: Whose search it is.
        scope: What is asked for.

    Raises:
        NotFoundError: They have no such search.
        InvalidInputError: The search can no longer be read.
    """
    if scope.kind is not ScopeKind.SEARCH or scope.selection is not None:
        return scope
    try:
        found = get_search(owner_pk=actor.pk or 0, search_id=UUID(scope.key))
    except ValueError:
        raise NotFoundError(_("You have no such search.")) from None
    selection = EntrySelection.from_json(found.selection)
    return replace(
        scope,
        key="",
        since=scope.since or selection.since,
        until=scope.until or selection.until,
        selection=found.selection,
        name=found.name,
    )


def _search(scope: ExportScope) -> Resolved:
    if scope.selection is None:
        raise NotFoundError(_("You have no such search."))
    selection = EntrySelection.from_json(scope.selection)
    title = _("Search: %(name)s") % {"name": scope.name} if scope.name else _("A search")
    return Resolved(title=title, selection=replace(selection, since=scope.since, until=scope.until))


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
            replace(rules.gap_of(line), title=_title(line))
            for line in control.gaps(since=since, until=until)
        ),
        requirements=tuple(control.requirements),
    )


def _title(line: ControlGap) -> str:
    """Return what a line looks for, in the language of whoever asks."""
    return in_words(line.title) if isinstance(line.title, str) else str(line.title)


def _refuse(field: str, message: str) -> NoReturn:
    raise InvalidInputError(
        message, code="evidence.scope", errors=[FieldError(f"scope.{field}", "scope", message)]
    )
