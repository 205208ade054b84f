"""Suggest as the customer speaks, and record what a person made of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from django.utils.translation import gettext as _

from cases.assist import endpoint, entries, rules, selectors
from cases.assist.models import AssistPause, SuggestionRecord
from cases.assist.types import Cue, Rests, Suggestion, SuggestionKind, SuggestionState
from cases.intake.words import stem_of
from cases.journeys import services as journeys
from cases.journeys.models import StepRun
from cases.memory.models import Case, Message
from cases.memory.selectors import find_latest_message, lock_case
from cases.memory.types import Speaker
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.knowledge.selectors import search_articles
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, system
from orchestra.core.errors import ConflictError, NotPermittedError, UpstreamError

log = structlog.get_logger(__name__)

ASSIST: Final = system("live_assist")
_REACTIONS: Final = {
    SuggestionState.ACCEPTED: "used",
    SuggestionState.EDITED: "changed and used",
    SuggestionState.DISMISSED: "found of no use",
}


def suggest(*, message_pk: int, now: datetime) -> int:
    """Suggest to a customer's message what a person may use; again is nothing.

    Reads first, outside of the transaction: a search holds no row. Nothing is suggested where
    no person leads, where assist is paused, or where the customer spoke on meanwhile.

    Args:
        message_pk: Internal key of the message.
        now: When, UTC.

    Returns:
        How many suggestions were made.
    """
    message = Message.objects.select_related("case__customer").filter(pk=message_pk).first()
    if message is None or message.speaker != Speaker.CUSTOMER:
        return 0
    case = message.case
    steps = selectors.steps_of(case)
    if not selectors.is_beside_a_person(case, steps):
        return 0
    return _write(message=message, found=list(_found(message, steps, now)), now=now)


def _found(message: Message, steps: list[StepRun], now: datetime) -> Iterable[Suggestion]:
    case, text = message.case, message.text
    cue = selectors.due_cue(steps)
    yield from _drafts(text, cue, rules.draft_of(cue, selectors.known_of(case)))
    yield from rules.next_cue(cue)
    yield from _articles(text, now)
    yield from rules.similar_cases(text, selectors.past_cases(case))


def _drafts(text: str, cue: Cue | None, own: list[Suggestion]) -> Iterable[Suggestion]:
    """Yield the model's draft where one is set up, else the cue sheet's own, with why."""
    if not endpoint.is_configured():
        yield from own
        return
    try:
        reply = endpoint.ask(text, cue=cue, wording=own[0].text if own else "")
    except UpstreamError as error:
        log.warning("assist.model_failed", code=error.error_code)
        note = error.message[: rules.NOTE_LENGTH]
        yield from (replace(one, note=note) for one in own)
        return
    yield rules.drafted(cue, reply=reply, model=endpoint.name())


def _articles(text: str, now: datetime) -> Iterable[Suggestion]:
    answer = search_articles(
        authority=selectors.at_the_desk(ASSIST),
        now=now,
        text=rules.question_of(text),
        limit=rules.MOST_ARTICLES,
    )
    for hit in answer.hits:
        marked = {
            stem_of(word.lower())
            for segment in (*hit.title, *hit.excerpt)
            if segment.marked
            for word in segment.text.split()
        }
        yield Suggestion(
            kind=SuggestionKind.ARTICLE,
            source_key=hit.key,
            source_label="".join(segment.text for segment in hit.title),
            source_number=hit.number,
            text="".join(segment.text for segment in hit.excerpt),
            heard=rules.heard_in(text, stems=marked),
        )


@one_act()
def _write(*, message: Message, found: list[Suggestion], now: datetime) -> int:
    case = lock_case(message.case.public_id)
    latest = find_latest_message(case=case)
    if latest is None or latest.pk != message.pk or selectors.find_pause(case=case):
        return 0
    if SuggestionRecord.objects.filter(message=message).exists():
        return 0
    selectors.list_offered(case=case).update(state=SuggestionState.PASSED, reacted_at=now)
    rows = SuggestionRecord.objects.bulk_create(
        SuggestionRecord(
            case=case,
            message=message,
            kind=one.kind,
            source_key=one.source_key,
            source_label=one.source_label,
            source_number=one.source_number,
            text=one.text,
            heard=one.heard,
            rests=one.rests,
            drafted_by=one.drafted_by,
            note=one.note,
            at=now,
        )
        for one in found
    )
    if rows:
        _record(
            ASSIST,
            now,
            case,
            entries.SUGGESTED,
            ("message", str(message.public_id)),
            count=len(rows),
            suggested=[
                {
                    "id": str(row.public_id),
                    "kind": str(row.kind),
                    "source": row.source_key,
                    "drafted_by": row.drafted_by,
                }
                for row in rows
            ],
        )
    return len(rows)


@one_act()
def react(
    *, actor: Actor, now: datetime, case: Case, suggestion_id: UUID, useful: bool
) -> SuggestionRecord:
    """Record that a suggestion was used as it is, or was of no use.

    Raises:
        NotPermittedError: The actor may not work the case.
        NotFoundError: The case has no such suggestion.
        ConflictError: Somebody reacted already, or the customer spoke on.
    """
    row = _offered(actor, case, suggestion_id)
    state = SuggestionState.ACCEPTED if useful else SuggestionState.DISMISSED
    return _settle(actor, now, row, state)


@one_act()
def say(
    *, actor: Actor, now: datetime, case: Case, suggestion_id: UUID, text: str
) -> SuggestionRecord:
    """Say a draft to the customer, as it is or changed; recorded as the person's own words.

    Raises:
        NotPermittedError: The actor may not work the case.
        InvalidInputError: The words are empty or too long.
        ConflictError: Somebody reacted already, the customer spoke on, or the case is closed.
    """
    row = _offered(actor, case, suggestion_id)
    if row.kind != SuggestionKind.DRAFT:
        raise ConflictError(_("Only a draft is said; use the others as they are."))
    journeys.add_message(actor=actor, now=now, case=case, speaker=Speaker.HUMAN, text=text.strip())
    edited = rules.is_edited(offered=row.text, sent=text)
    state = SuggestionState.EDITED if edited else SuggestionState.ACCEPTED
    return _settle(actor, now, row, state)


@one_act()
def pause(*, actor: Actor, now: datetime, case: Case) -> None:
    """Suggest nothing on a case until somebody goes on; what is offered goes away."""
    row = _worked(actor, case)
    _found_pause, made = AssistPause.objects.get_or_create(
        case=row, defaults={"by_label": actor.label, "at": now}
    )
    if made:
        selectors.list_offered(case=row).update(state=SuggestionState.PASSED, reacted_at=now)
        _record(actor, now, row, entries.PAUSED, ("case", str(row.public_id)), did="paused")


@one_act()
def go_on(*, actor: Actor, now: datetime, case: Case) -> None:
    """Suggest again on a case, from the customer's next words on."""
    row = _worked(actor, case)
    gone, _kinds = AssistPause.objects.filter(case=row).delete()
    if gone:
        _record(actor, now, row, entries.PAUSED, ("case", str(row.public_id)), did="resumed")


def _worked(actor: Actor, case: Case) -> Case:
    row = lock_case(case.public_id)
    require(authority=authority_of(actor), capability=Capability.CASE_WORK, queue_id=row.queue_id)
    if not actor.is_human:
        raise NotPermittedError(
            _("Live assist helps a person; an AI agent does not answer for one."),
            code="not_permitted.people_only",
        )
    return row


def _offered(actor: Actor, case: Case, suggestion_id: UUID) -> SuggestionRecord:
    row = selectors.get_suggestion(case=_worked(actor, case), suggestion_id=suggestion_id)
    if row.state == SuggestionState.PASSED:
        raise ConflictError(
            _("The customer spoke on, so this suggestion passed. Nothing was sent."),
            code="assist.passed",
        )
    if row.state != SuggestionState.OFFERED:
        raise ConflictError(
            _("%(who)s answered this suggestion already. Nothing was sent.")
            % {"who": row.by_label},
            code="assist.answered",
        )
    return row


def _settle(
    actor: Actor, now: datetime, row: SuggestionRecord, state: SuggestionState
) -> SuggestionRecord:
    row.state, row.reacted_at, row.by_label = state, now, actor.label
    row.save(update_fields=["state", "reacted_at", "by_label"])
    _record(
        actor,
        now,
        row.case,
        entries.REACTED,
        ("suggestion", str(row.public_id)),
        reaction=_REACTIONS[state],
        state=str(state),
        suggested=str(row.kind),
        source=row.source_label or row.source_key,
        claimed=row.rests == Rests.CLAIMED,
    )
    return row


def _record(
    actor: Actor, now: datetime, case: Case, kind: str, subject: tuple[str, str], **payload: object
) -> None:
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=case.stream,
            kind=kind,
            payload=payload,
            subject_kind=subject[0],
            subject_id=subject[1],
        ),
    )
