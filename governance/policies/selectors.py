"""Policies in force, decision records, and what replay needs."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from governance.access.voters import list_voting, voters_by_queue
from governance.policies.loading import read_table
from governance.policies.models import (
    DecisionRecord,
    PolicyVersion,
    Rehearsal,
    RehearsedDecision,
)
from governance.policies.records import record_digest
from governance.policies.replay import RecordError, read_record
from governance.policies.types import PolicyTable, RehearsalState
from governance.reviews.models import ChangeRequest
from governance.reviews.types import DocumentState
from orchestra.core.errors import NotFoundError

Json = Any


def list_published() -> QuerySet[PolicyVersion]:
    """Return the versions in force with their policies, by title."""
    return (
        PolicyVersion.objects.filter(state=DocumentState.PUBLISHED)
        .select_related("policy")
        .order_by("policy__title", "pk")
    )


def get_record(decision_id: UUID) -> DecisionRecord:
    """Return one decision record.

    Raises:
        NotFoundError: There is none with this public id.
    """
    record = DecisionRecord.objects.filter(public_id=decision_id).first()
    if record is None:
        raise NotFoundError(_("There is no such decision."))
    return record


def list_records(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    case: UUID | str | None = None,
) -> QuerySet[DecisionRecord]:
    """Return decision records in the order they were made.

    Args:
        since: From this moment on.
        until: Before this moment.
        case: Public id of the case they belong to.
    """
    records = DecisionRecord.objects.order_by("pk")
    if since is not None:
        records = records.filter(at__gte=since)
    if until is not None:
        records = records.filter(at__lt=until)
    if case is not None:
        records = records.filter(stream=f"case:{case}")
    return records


def has_records() -> bool:
    """Return whether anything was ever decided, so that there is something to rehearse on."""
    return any_record().exists()


def any_record() -> QuerySet[DecisionRecord, int]:
    """Return the key of some decision, none where nothing was ever decided."""
    return DecisionRecord.objects.order_by().values_list("pk", flat=True)[:1]


def list_rehearsable(*, since: datetime, until: datetime) -> QuerySet[DecisionRecord]:
    """Return the decisions of a span, each action's verdicts once, in the order they were made.

    An action is decided again before it runs; that it came to the same is no second decision.

    Args:
        since: From this moment on.
        until: Before this moment.
    """
    return list_records(since=since, until=until).filter(~Exists(_earlier()))


def list_newest(*, since: datetime, until: datetime) -> QuerySet[DecisionRecord]:
    """Return the same as ``list_rehearsable``, newest first, to take only some of.

    The span is entered by the index of its moments. Whether a decision was made before is asked
    of one record after the other: an EXISTS becomes a join with every record that there is.

    Args:
        since: From this moment on.
        until: Before this moment.
    """
    rows = list_records(since=since, until=until).alias(
        earlier=Subquery(_earlier().values("pk")[:1])
    )
    return rows.filter(earlier=None).order_by("-at", "-pk")


def _earlier() -> QuerySet[DecisionRecord]:
    return DecisionRecord.objects.filter(
        subject_id=OuterRef("subject_id"), outcome=OuterRef("outcome"), pk__lt=OuterRef("pk")
    )


def list_since(*, at: datetime, after_pk: int, until: datetime) -> QuerySet[DecisionRecord]:
    """Return the decisions of a span by when they were made, each action's verdicts once.

    Args:
        at: From this moment on.
        after_pk: Of those made at that very moment, only the ones after this key.
        until: Before this moment.
    """
    rows = list_rehearsable(since=at, until=until)
    return rows.exclude(at=at, pk__lte=after_pk).order_by("at", "pk")


def get_rehearsal(*, rehearsal_id: UUID, policy_key: str | None = None) -> Rehearsal:
    """Return one rehearsal by its public id.

    Args:
        rehearsal_id: Public id.
        policy_key: The policy it has to be of; None for any.

    Raises:
        NotFoundError: There is none.
    """
    rows = Rehearsal.objects.filter(public_id=rehearsal_id, live=False).select_related("change")
    found = (rows if policy_key is None else rows.filter(policy_key=policy_key)).first()
    if found is None:
        raise NotFoundError(_("There is no such rehearsal."))
    return found


def list_rehearsals(*, policy_key: str) -> QuerySet[Rehearsal]:
    """Return the rehearsals of a policy's drafts, newest first."""
    return Rehearsal.objects.filter(policy_key=policy_key, live=False).order_by("-pk")


def find_rehearsal(*, policy_key: str, document_digest: str) -> Rehearsal | None:
    """Return the newest finished rehearsal of exactly this document, or None."""
    rows = list_rehearsals(policy_key=policy_key).filter(document_digest=document_digest)
    return rows.filter(state=RehearsalState.DONE).first()


def rehearsed_digest(*, policy_key: str, document_digest: str) -> str | None:
    """Return the digest of the newest finished rehearsal of exactly this document, or None."""
    found = find_rehearsal(policy_key=policy_key, document_digest=document_digest)
    return found.result_digest if found else None


def find_bound_rehearsal(
    *, change: ChangeRequest, latest: Rehearsal | None = None
) -> Rehearsal | None:
    """Return the rehearsal that a change is bound to, of whatever text, or None.

    Args:
        change: The change.
        latest: Its newest rehearsal, if that was read just now: it is most often this one.
    """
    if not change.report_digest:
        return None
    wanted = (change.rehearsal_digest, change.report_digest)
    if latest is not None and (latest.document_digest, latest.result_digest) == wanted:
        return latest
    rows = change.rehearsals.filter(live=False).filter(
        document_digest=change.rehearsal_digest, result_digest=change.report_digest
    )
    return rows.order_by("-pk").first()


def find_latest_rehearsal(*, change: ChangeRequest) -> Rehearsal | None:
    """Return the newest rehearsal of a change, at its end or not, or None."""
    return rehearsals_of(change).first()


def rehearsals_of(change: ChangeRequest) -> QuerySet[Rehearsal]:
    """Return the rehearsals of a change, newest first."""
    return Rehearsal.objects.filter(change=change, live=False).order_by("-pk")


def list_rehearsed(*, rehearsal: Rehearsal, cell: str) -> QuerySet[RehearsedDecision]:
    """Return the decisions behind a cell that changes, newest first.

    Args:
        rehearsal: Which rehearsal.
        cell: Such as ``allow>approve``; ``lacking`` for what could not be decided.
    """
    rows = RehearsedDecision.objects.filter(rehearsal=rehearsal, cell=cell)
    return rows.select_related("record").order_by("-record_id")


def find_shadow(*, change: ChangeRequest) -> Rehearsal | None:
    """Return the newest run of a change beside the version in force, ended or not, or None."""
    return shadows_of(change).first()


def shadows_of(change: ChangeRequest) -> QuerySet[Rehearsal]:
    """Return the runs of a change beside the version in force, newest first."""
    return Rehearsal.objects.filter(change=change, live=True).order_by("-pk")


def list_rehearsed_keys(*, rehearsal: Rehearsal, cell: str) -> list[int]:
    """Return the keys of the decisions behind a cell, newest decision first."""
    return list(list_rehearsed(rehearsal=rehearsal, cell=cell).values_list("pk", flat=True))


def list_rehearsed_by_keys(keys: Collection[int]) -> QuerySet[RehearsedDecision]:
    """Return rehearsed decisions with their records, newest decision first."""
    rows = RehearsedDecision.objects.filter(pk__in=keys).select_related("record")
    return rows.order_by("-record_id")


def list_by_ids(decision_ids: Collection[str]) -> QuerySet[DecisionRecord]:
    """Return decisions by public id, newest first."""
    return DecisionRecord.objects.filter(public_id__in=decision_ids).order_by("-pk")


def record_as_value(record: DecisionRecord) -> dict[str, Json]:
    """Return what stands in a record as JSON; empty where its bytes are no record."""
    try:
        return dict(read_record(bytes(record.body)).value)
    except RecordError:
        return {}


def is_intact(record: DecisionRecord) -> bool:
    """Return whether a record's bytes still have the digest stored beside them."""
    return record_digest(bytes(record.body)) == record.digest


class TableShelf:
    """Reads the tables of records and keeps them, for going through many records."""

    def __init__(self) -> None:
        self._tables: dict[tuple[str, int], PolicyTable | None] = {}

    def fetch(self, records: Iterable[DecisionRecord]) -> None:
        """Read the tables of several records at once, those that are not kept yet: one query."""
        versions = self.missing(records)
        if versions is not None:
            self.keep(versions)

    def missing(self, records: Iterable[DecisionRecord]) -> QuerySet[PolicyVersion] | None:
        """Return the versions that records name and that are not kept yet, for ``keep``.

        There may be others among them. None where nothing is missing; what is asked for once
        counts as kept, whether it is there or not.
        """
        named = {name for record in records for name in self._named(record)}
        missing = {name for name in named if name not in self._tables}
        self._tables.update(dict.fromkeys(missing))
        if not missing:
            return None
        return PolicyVersion.objects.select_related("policy").filter(
            policy__key__in={key for key, _number in missing},
            number__in={number for _key, number in missing},
        )

    def keep(self, versions: Iterable[PolicyVersion]) -> None:
        """Keep the tables of versions that ``missing`` returned."""
        for version in versions:
            name = (version.policy.key, version.number)
            if name in self._tables and self._tables[name] is None:
                self._tables[name] = read_table(version)

    @staticmethod
    def _named(record: DecisionRecord) -> set[tuple[str, int]]:
        try:
            policies = read_record(bytes(record.body)).policies
        except RecordError:
            return set()
        return {(key, version) for key, (version, _digest) in policies.items()}

    def tables_of(self, record: DecisionRecord) -> dict[str, PolicyTable]:
        """Return policy key to the table of the version that judged, as far as it is there."""
        self.fetch([record])
        named = self._named(record)
        found = ((key, self._tables[key, version]) for key, version in named)
        return {key: table for key, table in found if table is not None}


def find_document(*, policy_key: str, number: int) -> dict[str, Json] | None:
    """Return the text of one version of a policy, or None."""
    rows = PolicyVersion.objects.filter(policy__key=policy_key, number=number)
    return rows.values_list("document", flat=True).first()


def load_record_tables(record: DecisionRecord) -> dict[str, PolicyTable]:
    """Return the tables that a record names, by policy key, as far as they can be read.

    A version whose stored text is no longer what was published is left out, and replay then
    says that it lacks it.
    """
    return TableShelf().tables_of(record)


def has_eligible_voter(roles: Collection[str], queue_keys: Collection[str]) -> bool:
    """Return whether somebody may give an approval asked for by a policy, in one query.

    Args:
        roles: Roles asked for; empty for any role that votes.
        queue_keys: Queues of the policy's scope, each of which needs somebody; empty for
            every queue, of which one needs somebody.
    """
    voters = voters_by_queue(roles=roles)
    return set(queue_keys) <= voters.keys() if queue_keys else bool(voters)


def eligible_voters() -> Callable[[Collection[str], Collection[str]], bool]:
    """Return ``has_eligible_voter`` for many questions: all are answered by one query."""

    @cache
    def voting() -> list[tuple[str, int, str]]:
        return list(list_voting())

    def has_eligible(roles: Collection[str], queue_keys: Collection[str]) -> bool:
        named = {str(role) for role in roles}
        queues = {queue for queue, _person, role in voting() if not named or role in named}
        return set(queue_keys) <= queues if queue_keys else bool(queues)

    return has_eligible
