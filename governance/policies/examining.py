"""A document examined as if it were in force now: every finding, and the proofs of its floors."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from governance.policies import registry
from governance.policies.catalogue import Catalogue, FactSpec
from governance.policies.checking.checks import (
    HasEligible,
    check_promises,
    check_table,
    find_voters,
    in_order,
)
from governance.policies.checking.findings import Finding, Severity
from governance.policies.checking.floor_proofs import prove_floors
from governance.policies.checking.proofs import Proof
from governance.policies.compiled import CompiledPolicies
from governance.policies.loading import DOCUMENT_KIND, policies_in_force
from governance.policies.parsing import parse_policy
from governance.policies.partial import is_of_a_row, readable_part
from governance.policies.types import PolicyTable
from governance.reviews.rules import document_digest
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.said import said as _
from orchestra.core.words import in_words, worded

Json = Any
Document = Mapping[str, Json]

#: Texts looked at again while they are written, reviewed and published.
MAX_KEPT: Final = 64
#: A text, what else is in force, and what may be named.
_Key = tuple[str, frozenset[tuple[str, str]], frozenset[FactSpec], frozenset[str] | None]
_kept: dict[_Key, tuple[Finding, ...]] = {}


def find_findings(
    *,
    document: Document,
    has_eligible: HasEligible | None = None,
    catalogue: Catalogue | None = None,
    present: CompiledPolicies | None = None,
) -> tuple[Finding, ...]:
    """Return all that is found in a document, errors first, in the reader's language.

    What cannot be read is an error at its place; the rows that can be read are checked beside
    it, so that everything is said at once.

    Args:
        document: The decision table as a document.
        has_eligible: Says whether anybody may give an approval; None not to ask.
        catalogue: Facts and tools that may be named; None for all that are registered.
        present: The policies in force, where they were read already.
    """
    known = catalogue or registry.present_catalogue()
    unread = _find_unread(document, known)
    seen = examine_readable(
        document=document,
        unread=[one.path for one in unread],
        has_eligible=has_eligible,
        catalogue=known,
        present=present,
    )
    return (*map(_worded, unread), *seen)


def examine_readable(
    *,
    document: Document,
    unread: Collection[str],
    has_eligible: HasEligible | None = None,
    catalogue: Catalogue | None = None,
    present: CompiledPolicies | None = None,
) -> tuple[Finding, ...]:
    """Return what is found in what can be read of a document, in the reader's language.

    Nothing is said of the table as a whole once rows of it are left aside.

    Args:
        document: The decision table as a document.
        unread: Paths of what cannot be read, such as ``rules[3].when[0].fact``.
        has_eligible: Says whether anybody may give an approval; None not to ask.
        catalogue: Facts and tools that may be named; None for all that are registered.
        present: The policies in force, where they were read already.
    """
    part = readable_part(document, unread)
    table = _read(part.document) if part.has_rows else None
    if table is None:
        return ()
    spoken = {_row_of(path) for path in unread}
    found = (
        replace(one, path=part.place(one.path), others=tuple(map(part.place, one.others)))
        for one in examine_table(
            table=table, has_eligible=has_eligible, catalogue=catalogue, present=present
        )
    )
    return tuple(
        one
        for one in found
        if _row_of(one.path) not in spoken and (part.is_whole or is_of_a_row(one.path))
    )


def find_errors(
    *, document: Document, has_eligible: HasEligible | None = None
) -> tuple[FieldError, ...]:
    """Return everything that stops a document from being published under its own key.

    Args:
        document: The decision table as a document.
        has_eligible: Says whether anybody may give an approval; None not to ask.
    """
    return errors_among(find_findings(document=document, has_eligible=has_eligible))


def errors_among(findings: Iterable[Finding]) -> tuple[FieldError, ...]:
    """Return the findings that stop a document, each at its place."""
    return tuple(
        FieldError(one.path, one.code, one.message)
        for one in findings
        if one.severity is Severity.ERROR
    )


def read_document(
    *, document: Document, version: int, digest: str, catalogue: Catalogue | None = None
) -> PolicyTable:
    """Return the table of a document that is to come into force.

    Args:
        document: The decision table as a document.
        version: Number it would have.
        digest: Digest of the document.
        catalogue: Facts and tools that may be named; None for all that are registered.

    Raises:
        InvalidInputError: It cannot be read, said in the reader's language.
    """
    known = catalogue or registry.present_catalogue()
    try:
        return parse_policy(document=document, version=version, digest=digest, catalogue=known)
    except InvalidInputError as error:
        raise InvalidInputError(
            in_words(error.message), code=error.error_code, errors=worded(error.errors)
        ) from error


def examine_table(
    *,
    table: PolicyTable,
    has_eligible: HasEligible | None = None,
    catalogue: Catalogue | None = None,
    present: CompiledPolicies | None = None,
) -> tuple[Finding, ...]:
    """Return what is found in a table beside all else in force, in the reader's language.

    Args:
        table: The table, with the digest of its document.
        has_eligible: Says whether anybody may give an approval; None not to ask.
        catalogue: Facts and tools that may be named; None for all that are registered.
        present: The policies in force, where they were read already.
    """
    known = catalogue or registry.present_catalogue()
    others = (present or policies_in_force()).tables
    found = [
        *_taken_limits(table, others),
        *_checked(table, others, known),
        *(find_voters(table, has_eligible) if has_eligible else ()),
    ]
    return in_order(map(_worded, found))


def find_promises_broken_without(*, policy_key: str) -> tuple[FieldError, ...]:
    """Return what other policies demand and would no longer have without one.

    Args:
        policy_key: Key of the policy that would be taken out of force.
    """
    left = [table for table in policies_in_force().tables if table.key != policy_key]
    facts = Catalogue(facts=registry.present_catalogue().facts)
    return errors_among(map(_worded, check_promises(left, facts)))


def prove_document(
    *,
    document: Document,
    catalogue: Catalogue | None = None,
    present: CompiledPolicies | None = None,
) -> tuple[Proof, ...]:
    """Return a proof of each risk level's floor under a document, none where it is no table.

    Args:
        document: The decision table as a document.
        catalogue: Facts and tools that may be named; None for all that are registered.
        present: The policies in force, where they were read already.
    """
    known = catalogue or registry.present_catalogue()
    table = _read(document)
    if table is None:
        return ()
    others = (present or policies_in_force()).tables
    proofs = prove_floors(table=table, others=others, catalogue=known)
    return tuple(replace(proof, words=in_words(proof.words)) for proof in proofs)


def _find_unread(document: Document, known: Catalogue) -> list[Finding]:
    """Return what cannot be read, each at its place."""
    try:
        parse_policy(document=document, version=0, digest="", catalogue=known)
    except InvalidInputError as error:
        return [
            Finding("", one.field, Severity.ERROR, one.code, one.message)
            for one in error.errors or (FieldError("", error.error_code, error.message),)
        ]
    return []


def _read(document: Document) -> PolicyTable | None:
    """Return the table of a document whatever it names, None where it is none."""
    try:
        digest = document_digest(kind=DOCUMENT_KIND, document=document)
        return parse_policy(document=document, version=0, digest=digest)
    except InvalidInputError:
        return None


def _row_of(path: str) -> str:
    return path.partition(".")[0]


def _worded(finding: Finding) -> Finding:
    return replace(finding, message=in_words(finding.message))


def _taken_limits(table: PolicyTable, present: Sequence[PolicyTable]) -> Iterator[Finding]:
    """Yield the limits whose key another policy in force uses: totals would be mixed."""
    taken = {
        limit.key: other.title
        for other in present
        if other.key != table.key
        for limit in other.limits
    }
    for index, limit in enumerate(table.limits):
        if limit.key in taken:
            text = _(
                "the policy %(policy)s already has a limit %(limit)s",
                policy=taken[limit.key],
                limit=limit.key,
            )
            yield Finding(limit.key, f"limits[{index}].key", Severity.ERROR, "taken", text)


def _checked(
    table: PolicyTable, present: Sequence[PolicyTable], known: Catalogue
) -> tuple[Finding, ...]:
    """Return what checks and proofs find; kept, since a text is looked at more than once."""
    held = frozenset((one.key, one.digest) for one in present)
    key = (table.digest, held, frozenset(known.facts.values()), known.tools)
    found = _kept.get(key)
    if found is None:
        others = [one for one in present if one.key != table.key]
        before = next((one for one in present if one.key == table.key), None)
        found = check_table(table=table, others=others, before=before, catalogue=known)
        if len(_kept) >= MAX_KEPT:
            _kept.clear()
        _kept[key] = found
    return found
