"""The policies in force, read with one query and compiled once for each set of versions."""

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import QuerySet

from governance.policies.compiled import CompiledPolicies, compile_tables
from governance.policies.models import PolicyVersion
from governance.policies.parsing import parse_policy
from governance.policies.types import PolicyTable
from governance.reviews.rules import document_digest
from governance.reviews.types import DocumentState
from orchestra.core.canonical import digest
from orchestra.core.errors import InvalidInputError
from orchestra.core.prepared import Prepared

DOCUMENT_KIND = "policy"
MAX_SETS = 8

Held = frozenset[tuple[int, int, str]]
_compiled: dict[Held, CompiledPolicies] = {}


_IN_FORCE: Prepared[tuple[int, int, str]] = Prepared(
    lambda: (
        PolicyVersion.objects.filter(state=DocumentState.PUBLISHED)
        .order_by()
        .values_list("pk", "number", "digest")
    )
)


def policies_in_force() -> CompiledPolicies:
    """Return the published policies, ready to decide.

    The one query of every call learns which versions are in force, so that publishing takes
    effect at once and in every process; the tables are read again only when the set changed.
    A version that cannot be read, or whose text is not what was published, is named as
    unreadable, and then every action is denied.
    """
    held: Held = frozenset(_IN_FORCE.rows())
    found = _compiled.get(held)
    if found is None:
        rows = PolicyVersion.objects.filter(pk__in=[pk for pk, _number, _digest in held])
        found = replace(_compile(rows), name=_name(held))
        if len(_compiled) >= MAX_SETS:
            _compiled.clear()
        _compiled[held] = found
    return found


def versions_in_force() -> dict[str, tuple[int, str]]:
    """Return policy key to (version, digest) of what is in force."""
    return versions_among(published())


def published() -> QuerySet[PolicyVersion, tuple[str, int, str]]:
    """Return key of the policy, number and digest of every version in force."""
    rows = PolicyVersion.objects.filter(state=DocumentState.PUBLISHED).order_by("policy__key")
    return rows.values_list("policy__key", "number", "digest")


def versions_among(rows: Iterable[tuple[str, int, str]]) -> dict[str, tuple[int, str]]:
    """Return what ``versions_in_force`` does, of the rows of ``published``."""
    return {key: (number, held) for key, number, held in rows}


def _name(held: Held) -> str:
    """Return the digest that names a set of versions."""
    return digest("orchestra.policy_set.v1", [list(version) for version in sorted(held)])


def _compile(versions: Iterable[PolicyVersion]) -> CompiledPolicies:
    tables: list[PolicyTable] = []
    unreadable: dict[str, tuple[int, str]] = {}
    for version in versions:
        table = read_table(version)
        if table is None:
            key = version.document.get("key") if isinstance(version.document, dict) else None
            unreadable[str(key or version.public_id)] = (version.number, version.digest)
        else:
            tables.append(table)
    return compile_tables(tables, unreadable=unreadable)


def read_table(version: PolicyVersion) -> PolicyTable | None:
    """Return the decision table of a version, None where its text is not what was published."""
    try:
        if document_digest(kind=DOCUMENT_KIND, document=version.document) != version.digest:
            return None
        return parse_policy(
            document=version.document, version=version.number, digest=version.digest
        )
    except InvalidInputError:
        return None
