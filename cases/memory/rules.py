"""What may be said, seen, joined and raised in a case's memory; pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from cases.memory.types import (
    CaseAct,
    CaseDraft,
    CaseFilters,
    CaseStatus,
    Channel,
    Conversation,
    EvidenceDraft,
    Masking,
    OpenCase,
    Speaker,
    Trust,
    VerificationLevel,
)
from governance.access.types import Role
from orchestra.core.actors import ActorKind
from orchestra.core.clock import parse_rfc3339
from orchestra.core.errors import FieldError

#: Longest utterance in characters; a mebibyte of text is an attack or a mistake.
MAX_TEXT = 20_000
#: Most messages and pieces of evidence that one act cites.
MAX_CITED = 50
#: How far a caller's clock may run ahead of ours.
CLOCK_SKEW = timedelta(minutes=1)
_SUBJECT_LENGTH = 120

#: Roles whose work needs the words as they were said; everybody else sees them masked.
_UNMASKED_ROLES = frozenset(
    {
        Role.AI_AGENT,
        Role.HUMAN_AGENT,
        Role.SPECIALIST,
        Role.SUPERVISOR,
        Role.COMPLIANCE_OFFICER,
    }
)
_SPEAKERS = {
    ActorKind.AGENT: frozenset({Speaker.CUSTOMER, Speaker.AI}),
    ActorKind.HUMAN: frozenset({Speaker.CUSTOMER, Speaker.HUMAN}),
    ActorKind.SYSTEM: frozenset(Speaker),
}
_RUNNING = frozenset({CaseStatus.OPEN, CaseStatus.HANDED_OFF})
_POSSIBLE_IN = {
    CaseAct.TALK: _RUNNING | {CaseStatus.RESOLVED},
    CaseAct.VERIFY: _RUNNING,
    CaseAct.MOVE: _RUNNING | {CaseStatus.RESOLVED},
    CaseAct.HOLD: _RUNNING,
    CaseAct.RESOLVE: _RUNNING,
    CaseAct.CLOSE: frozenset({CaseStatus.RESOLVED}),
    CaseAct.REOPEN: frozenset({CaseStatus.RESOLVED, CaseStatus.CLOSED}),
    CaseAct.TAKE_IN: _RUNNING,
    CaseAct.MERGE: _RUNNING | {CaseStatus.RESOLVED},
}
_CONFIRMED = frozenset({VerificationLevel.BASIC, VerificationLevel.STRONG})
_HEX = frozenset("0123456789abcdef")


def may_see_unmasked(roles: Iterable[Role]) -> bool:
    """Whether one of the roles may see a case's personal data as it was recorded."""
    return not _UNMASKED_ROLES.isdisjoint(roles)


def masking_for(*, roles: Iterable[Role], is_system: bool, unmasked: bool) -> Masking:
    """Return how much is hidden from a reader.

    Args:
        roles: Roles of the reader.
        is_system: Whether a part of the system reads.
        unmasked: Whether the reader asked for the words as recorded; the caller then
            records the reading.
    """
    if unmasked and (is_system or may_see_unmasked(roles)):
        return Masking.NONE
    return Masking.PERSONAL


def may_speak(*, actor_kind: ActorKind, speaker: Speaker) -> bool:
    """Whether such an actor may record words of such a speaker.

    An AI agent relays the customer and speaks for itself; only a person's own act (or the
    system, importing) records what a person said.
    """
    return speaker in _SPEAKERS[actor_kind]


def is_possible(*, act: CaseAct, status: CaseStatus) -> bool:
    """Whether an act can be done to a case that stands so."""
    return status in _POSSIBLE_IN[act]


def status_after_reopening(*, has_holder: bool) -> CaseStatus:
    """Return where a reopened case stands: with the person who held it, or open to all."""
    return CaseStatus.HANDED_OFF if has_holder else CaseStatus.OPEN


def rejoins(*, draft: CaseDraft, queue_id: int, candidates: Iterable[OpenCase]) -> OpenCase | None:
    """Return the case that a new contact belongs to, or None for a new one.

    The same external reference is the same case, whatever else differs. A draft that has
    one never rejoins a case that has another. Otherwise a contact rejoins the newest open
    case of the same customer in the same queue, unless both intents are known and differ.

    Args:
        draft: The contact.
        queue_id: Queue the contact would open its case in.
        candidates: Cases with the draft's external reference, and open ones of its customer.
    """
    newest_first = sorted(candidates, key=lambda case: case.pk, reverse=True)
    if draft.external_ref:
        for case in newest_first:
            if case.external_ref == draft.external_ref:
                return case
    for case in newest_first:
        if _same_matter(draft, queue_id, case):
            return case
    return None


def _same_matter(draft: CaseDraft, queue_id: int, case: OpenCase) -> bool:
    return (
        bool(draft.customer_ref)
        and case.customer_ref == draft.customer_ref
        and case.status in _RUNNING
        and case.queue_id == queue_id
        and not (draft.external_ref and case.external_ref)
        and not (draft.intent and case.intent and draft.intent != case.intent)
    )


def trust_of(*, actor_kind: ActorKind, asserted: Trust) -> Trust:
    """Return the trust that a verification really has, whatever its poster says of it.

    An AI agent only ever claims. A person confirms as a person or relays a claim. Only the
    system, settling a tool that verifies, confirms by tool.
    """
    if actor_kind is ActorKind.AGENT:
        return Trust.CLAIMED
    if actor_kind is ActorKind.HUMAN and asserted is Trust.TOOL_CONFIRMED:
        return Trust.CLAIMED
    return asserted


def recorded_level(*, trust: Trust, asserted: VerificationLevel) -> VerificationLevel:
    """Return the level that a verification is stored with: a claim is never more than one."""
    return VerificationLevel.CLAIMED if trust is Trust.CLAIMED else asserted


def level_after(*, present: VerificationLevel, recorded: VerificationLevel) -> VerificationLevel:
    """Return the stronger of two levels: a verification never falls by being recorded."""
    return max(present, recorded, key=lambda level: level.strength)


def satisfies(*, present: VerificationLevel, needed: VerificationLevel) -> bool:
    """Whether a level meets a requirement; a claim meets none but ``none``."""
    if needed is VerificationLevel.NONE:
        return True
    return present in _CONFIRMED and present.strength >= needed.strength


def subject_of(draft: CaseDraft) -> str:
    """Return the one line that names the matter: as given, or the first words."""
    if draft.subject:
        return draft.subject
    line = " ".join(draft.text.split())
    if len(line) <= _SUBJECT_LENGTH:
        return line
    return line[: _SUBJECT_LENGTH - 1].rsplit(" ", 1)[0] + "…"


def text_errors(text: str, field: str = "text") -> list[FieldError]:
    """Return what is wrong with the text of a message."""
    if not text.strip():
        return [FieldError(field, "blank", "Say something: the text is empty.")]
    return length_errors({field: (text, MAX_TEXT)})


def length_errors(fields: Mapping[str, tuple[str, int]]) -> list[FieldError]:
    """Return an error for each text that is longer than it may be.

    Args:
        fields: Field name to its text and its largest number of characters.
    """
    return [
        FieldError(
            name,
            "too_long",
            f"{name} has {len(text):,} characters; at most {most:,} are allowed.",
        )
        for name, (text, most) in fields.items()
        if len(text) > most
    ]


def draft_errors(draft: CaseDraft) -> list[FieldError]:
    """Return everything that is wrong with a contact, by field."""
    errors = text_errors(draft.text)
    errors += length_errors(
        {
            "customer.ref": (draft.customer_ref, 200),
            "customer.name": (draft.customer_name, 200),
            "external_ref": (draft.external_ref, 200),
            "subject": (draft.subject, 300),
        }
    )
    for index, point in enumerate(draft.contact_points):
        where = f"customer.contact_points[{index}]"
        if set(point) != {"kind", "value"}:
            errors.append(FieldError(where, "shape", f"{where} needs kind and value, no more."))
        else:
            errors += length_errors(
                {f"{where}.kind": (point["kind"], 40), f"{where}.value": (point["value"], 200)}
            )
    return errors


def evidence_errors(draft: EvidenceDraft) -> list[FieldError]:
    """Return everything that is wrong with a piece of evidence, by field."""
    errors = length_errors(
        {
            "kind": (draft.kind, 100),
            "title": (draft.title, 300),
            "proves": (draft.proves, 500),
            "reference": (draft.reference, 500),
        }
    )
    for name, text in (("kind", draft.kind), ("title", draft.title), ("proves", draft.proves)):
        if not text.strip():
            errors.append(FieldError(name, "blank", f"{name} is empty; say it in a few words."))
    if draft.digest and (len(draft.digest) != 64 or not set(draft.digest) <= _HEX):  # noqa: PLR2004  hex digits of SHA-256
        errors.append(
            FieldError("digest", "digest", "digest is no SHA-256 in lower-case hexadecimal.")
        )
    if not draft.digest and not draft.reference.strip():
        errors.append(
            FieldError("reference", "blank", "Give a reference, a digest of the file, or both.")
        )
    return errors


def time_errors(*, at: datetime | None, now: datetime, field: str = "at") -> list[FieldError]:
    """Return what is wrong with a time that a caller gives for something said."""
    if at is None:
        return []
    if at.tzinfo is None:
        return [FieldError(field, "time", f"{field} needs an offset, such as Z.")]
    if at > now + CLOCK_SKEW:
        return [FieldError(field, "future", f"{field} lies in the future.")]
    return []


def filter_errors(filters: CaseFilters) -> list[FieldError]:
    """Return which filters of a list of cases are no value of their field."""
    errors = [
        FieldError(name, "text", f"{name} holds the character U+0000, which no text may hold.")
        for name, text in asdict(filters).items()
        if "\x00" in (text or "")
    ]
    if filters.status and filters.status not in set(CaseStatus):
        known = ", ".join(CaseStatus)
        errors.append(FieldError("status", "choice", f"status is one of {known}."))
    if not filters.risk.replace("_", "").isalnum() and filters.risk:
        errors.append(FieldError("risk", "choice", "risk is a flag, such as fraud."))
    if filters.holder_id and not is_uuid(filters.holder_id):
        errors.append(FieldError("holder_id", "id", "holder_id is no id of a person."))
    for name, text in (
        ("opened_after", filters.opened_after),
        ("opened_before", filters.opened_before),
    ):
        if text and not _is_time(text):
            errors.append(FieldError(name, "time", f"{name} is no RFC 3339 time with an offset."))
    return errors


def citation_errors(*, cited: Sequence[str], known: Collection[str]) -> list[FieldError]:
    """Return what is wrong with the ids that an act cites as its evidence.

    Args:
        cited: Public ids of messages and evidence, as given.
        known: Those that the case has.
    """
    if len(cited) > MAX_CITED:
        return [FieldError("evidence", "too_long", f"evidence names over {MAX_CITED} pieces.")]
    return [
        FieldError(
            f"evidence[{index}]",
            "unknown",
            "Name a message or a piece of evidence of this case by its id.",
        )
        for index, one in enumerate(cited)
        if one not in known
    ]


def is_for_channel(*, topics: Collection[str], channel: Channel) -> bool:
    """Whether a text about some topics is for a channel: for all, or for those it names."""
    named = {one for one in Channel if one in topics}
    return not named or channel in named


def carries(*, said: str, text: str) -> bool:
    """Whether words hold a text, however either is broken into lines."""
    return " ".join(text.split()) in " ".join(said.split())


def is_in_time(conversation: Conversation) -> bool:
    """Whether a customer was told that they talk to an AI before its first words, or in them."""
    shown = conversation.shown
    return shown is not None and shown.shown_at <= conversation.first_ai_at


def is_uuid(text: str) -> bool:
    """Whether a text is a public id at all."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    try:
        parse_rfc3339(text)
    except ValueError:
        return False
    return True
