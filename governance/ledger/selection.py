"""Which entries are meant: a value that says it, as JSON too, and the rows it names."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NoReturn

from django.db.models import Exists, OuterRef, Q, QuerySet

from governance.ledger.facets import Facet
from governance.ledger.indexing import word_digests
from governance.ledger.models import EntryFacet, EntryWord, LedgerEntry
from orchestra.core.actors import ActorKind
from orchestra.core.canonical import check_text
from orchestra.core.clock import parse_rfc3339, rfc3339
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.text_query import parse_query

#: A longer text is no search; a longer id names nothing here.
LONGEST_TEXT = 200
LONGEST_ID = 120
MOST_VALUES = 100
_TIMES = ("since", "until")


@dataclass(frozen=True, slots=True)
class EntrySelection:
    """Entries by what they are about; every field that is given narrows, none means all.

    Attributes:
        streams: Names of streams, such as ``case:<uuid>``.
        kinds: Kinds, such as ``approval.granted``; one that ends in a dot is a beginning, such
            as ``approval.``.
        actor_ids: Ids of who acted.
        subject_ids: Public ids of what was acted on.
        since: Recorded at or after this moment, UTC.
        until: Recorded before this moment, UTC.
        actor_kinds: ``agent``, ``human`` or ``system``.
        tools: Names of tools.
        risks: Levels of risk, such as ``high``.
        outcomes: Verdicts of a decision, such as ``deny``.
        policies: Lower-case hex SHA-256 of policy versions that decided.
        customers: Public ids of customers: entries about them, and all of their cases.
        text: Words that stand in the payload as it is shown masked; empty for any.
    """

    streams: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    actor_ids: tuple[str, ...] = ()
    subject_ids: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    actor_kinds: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    text: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether some entries are left out."""
        return self != EntrySelection()

    def to_json(self) -> dict[str, Any]:
        """Return what narrows, by name: lists of texts, a text, and RFC 3339 times."""
        return {
            one.name: _written(getattr(self, one.name))
            for one in fields(self)
            if getattr(self, one.name)
        }

    @classmethod
    def from_json(cls, value: Any) -> "EntrySelection":
        """Return the selection that a JSON object says, and refuse one that says more.

        Args:
            value: What ``to_json`` returns; anything else is refused.

        Raises:
            InvalidInputError: With every finding by field.
        """
        if not isinstance(value, Mapping):
            _refuse([FieldError("selection", "type", "Give an object.")])
        known = {one.name for one in fields(cls)}
        findings = [
            FieldError(f"selection.{str(name)[:LONGEST_ID]}", "unknown", "There is no such field.")
            for name in value
            if name not in known
        ]
        read: dict[str, Any] = {}
        for name in sorted(known & set(value)):
            try:
                read[name] = _read(name, value[name])
            except InvalidInputError as error:
                findings.extend(error.errors)
        if not findings and _ends_before_it_begins(read):
            findings.append(FieldError("selection.until", "span", "The span holds no time."))
        if findings:
            _refuse(findings)
        return cls(**read)


def select(selection: EntrySelection) -> QuerySet[LedgerEntry]:
    """Return the entries that a selection names, in no order yet.

    What is told by tool, risk, outcome, policy version and text is found as far as the index
    of the ledger has come.
    """
    rows = LedgerEntry.objects.all()
    for name, column in _COLUMNS.items():
        wanted = getattr(selection, name)
        if wanted:
            rows = rows.filter(**{f"{column}__in": wanted})
    if selection.kinds:
        rows = rows.filter(_of_kinds(selection.kinds))
    if selection.customers:
        rows = rows.filter(_of_customers(selection.customers))
    if selection.since is not None:
        rows = rows.filter(at__gte=selection.since)
    if selection.until is not None:
        rows = rows.filter(at__lt=selection.until)
    return _of_index(rows, selection)


_COLUMNS = {
    "streams": "stream",
    "actor_ids": "actor_id",
    "actor_kinds": "actor_kind",
    "subject_ids": "subject_id",
}
#: Field of a selection to the fact that the index keeps of an entry.
FACETS = {
    "tools": Facet.TOOL,
    "risks": Facet.RISK,
    "outcomes": Facet.OUTCOME,
    "policies": Facet.POLICY,
}


def _of_index(rows: QuerySet[LedgerEntry], selection: EntrySelection) -> QuerySet[LedgerEntry]:
    for name, facet in FACETS.items():
        wanted = getattr(selection, name)
        if wanted:
            facets = EntryFacet.objects.filter(entry_id=OuterRef("pk"), name=facet)
            rows = rows.filter(Exists(facets.filter(value__in=wanted)))
    if selection.text:
        query = parse_query(selection.text)
        for digests in word_digests(word for term in query.terms for word in term).values():
            rows = rows.filter(Exists(_words(digests)))
        for term in query.banned:
            every = Q()
            for digests in word_digests(term).values():
                every &= Q(Exists(_words(digests)))
            rows = rows.exclude(every)
        if query.is_empty:
            rows = rows.none()
    return rows


def _words(digests: tuple[int, ...]) -> QuerySet[EntryWord]:
    return EntryWord.objects.filter(payload_id=OuterRef("pk"), digest__in=digests)


def _of_kinds(kinds: tuple[str, ...]) -> Q:
    wanted = Q(kind__in=[one for one in kinds if not one.endswith(".")])
    for one in kinds:
        if one.endswith("."):
            wanted |= Q(kind__startswith=one)
    return wanted


def _of_customers(customers: tuple[str, ...]) -> Q:
    about = LedgerEntry.objects.filter(subject_id__in=customers)
    cases = about.filter(stream__startswith="case:").values("stream")
    return Q(subject_id__in=customers) | Q(stream__in=cases)


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    return list(value) if isinstance(value, tuple) else value


def _read(name: str, value: Any) -> Any:
    if name == "text":
        return read_text(value)
    if name in _TIMES:
        return _time(name, value)
    if not isinstance(value, list) or len(value) > MOST_VALUES:
        _wrong(name, "type", f"Give a list of at most {MOST_VALUES} texts.")
    for one in value:
        if not isinstance(one, str) or not 0 < len(one) <= LONGEST_ID:
            _wrong(name, "length", f"Each is a text of 1 to {LONGEST_ID} characters.")
        check_text(one, f"selection.{name}")
    if name == "actor_kinds" and not set(value) <= set(ActorKind):
        _wrong(name, "unknown", f"An actor is one of {', '.join(ActorKind)}.")
    return tuple(value)


def read_text(value: Any) -> str:
    """Return the text to look for, as it is recorded: its ends trimmed, in lower case.

    Raises:
        InvalidInputError: It is no text, too long, or holds what no text may hold.
    """
    if not isinstance(value, str):
        _wrong("text", "type", "Give a text.")
    if len(value) > LONGEST_TEXT:
        message = f"The text has {len(value)} characters; {LONGEST_TEXT} are the most."
        _wrong("text", "length", message)
    check_text(value, "selection.text")
    return value.strip().lower()


def _time(name: str, value: Any) -> datetime:
    try:
        return parse_rfc3339(value)
    except (TypeError, ValueError):
        _wrong(name, "time", "Give an RFC 3339 time with an offset.")


def _ends_before_it_begins(read: dict[str, Any]) -> bool:
    since, until = read.get("since"), read.get("until")
    return since is not None and until is not None and since >= until


def _wrong(name: str, code: str, message: str) -> NoReturn:
    _refuse([FieldError(f"selection.{name}", code, message)])


def _refuse(errors: list[FieldError]) -> NoReturn:
    said = " ".join(f"{error.field}: {error.message}" for error in errors)
    raise InvalidInputError(said[:1000], code="ledger.selection", errors=errors)
