"""The units of one case as they are to be, from what happened on it; no query."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from governance.approvals.types import VIGILANCE
from orchestra.core.actors import ActorKind
from qa.population import rules
from qa.population.story import (
    APPROVAL_ENDS,
    HANDOFF_ENDS,
    WENT_WRONG,
    CaseStory,
    Ended,
    Past,
)
from qa.population.types import Act, Flag, HandledBy, Known, Unit

Json = Any
Fields = dict[str, Json]

_REASONS: Final = {
    Flag.TEST: "It is a test of attention.",
    Flag.DUPLICATE: "Its case was merged into another.",
    Flag.ABANDONED: "Nobody answered before it ended.",
}


def compose_units(story: CaseStory, past: Past) -> Iterator[Fields]:
    """Yield every unit of a case that has ended, as the fields of its row.

    Args:
        story: What happened on the case.
        past: What is known of those who worked it, before any of these units.
    """
    yield from _interactions(story, past)
    ended = story.end_after(story.case.opened_at)
    if ended:
        case = story.case
        acts = [one for one in story.done if one.at <= ended.at]
        names = (Unit.CASE, str(case.public_id), case.label)
        yield _row((story, past), names, case.opened_at, ended, acts)
    yield from _handoffs(story, past)
    yield from _approvals(story, past)
    yield from _decisions(story, past)


def _interactions(story: CaseStory, past: Past) -> Iterator[Fields]:
    for place, talk in enumerate(story.interactions):
        ended = story.end_of_contact(talk)
        if ended is None:
            continue
        later = [one.started_at for one in story.interactions[place + 1 :]]
        until = min([*later[:1], ended.at])
        said = [one for one in story.said.get(talk.pk, ()) if one.at <= ended.at]
        others = [one for one in story.done if talk.started_at <= one.at <= ended.at]
        # What was done belongs to the contact that began last before it, words to their own.
        own = [one for one in others if one.at <= until or not one.leads]
        words = {(one.at, one.by) for row in story.said.values() for one in row}
        done = [one for one in own if (one.at, one.by) not in words]
        acts = sorted([*said, *done], key=lambda one: one.at) or others
        names = (Unit.INTERACTION, str(talk.public_id), f"I-{talk.pk}")
        yield _row((story, past), names, talk.started_at, ended, acts, channel=talk.channel)


def _handoffs(story: CaseStory, past: Past) -> Iterator[Fields]:
    for row in story.handoffs:
        subject = str(row.public_id)
        ended = story.end_of(subject, HANDOFF_ENDS) or story.end_after(row.offered_at)
        if ended is None:
            continue
        acts = [
            Act(row.offered_at, ActorKind(row.from_kind), f"{row.from_kind}:{row.from_id}",
                row.from_label)
        ]  # fmt: skip
        if row.accepted_by and row.accepted_at and row.accepted_at <= ended.at:
            by = f"human:{row.accepted_by.public_id}"
            acts.append(
                Act(row.accepted_at, ActorKind.HUMAN, by, row.accepted_by.label, leads=False)
            )
        names = (Unit.HANDOFF, subject, f"H-{row.pk}")
        yield _row((story, past), names, row.offered_at, ended, acts, queue=row.queue.key)


def _approvals(story: CaseStory, past: Past) -> Iterator[Fields]:
    for row in story.approvals:
        subject = str(row.public_id)
        ended = story.end_of(subject, APPROVAL_ENDS)
        if ended is None:
            continue
        asked = Act(row.created_at, ActorKind(row.requester_kind),
                    f"{row.requester_kind}:{row.requester_id}", row.requester_label)  # fmt: skip
        votes = [one for one in story.votes.get(row.pk, ()) if one.at <= ended.at]
        names = (Unit.APPROVAL, subject, row.label)
        more = {"risk": row.risk, "queue": row.queue.key}
        test = row.subject_kind == VIGILANCE
        yield _row((story, past), names, row.created_at, ended, [asked, *votes], test=test, **more)


def _decisions(story: CaseStory, past: Past) -> Iterator[Fields]:
    for record, decided, asked in story.decided:
        at = record.at
        index = max((one.index for one in story.entries if one.at <= at), default=0)
        names = (Unit.DECISION, str(record.public_id), f"D-{record.pk}")
        risk = rules.highest_risk([decided])
        acts = [asked] if asked else []
        yield _row((story, past), names, at, Ended(at, index), acts, risk=risk)


def _row(
    known_of: tuple[CaseStory, Past],
    names: tuple[Unit, str, str],
    started_at: datetime,
    ended: Ended,
    acts: Sequence[Act],
    *,
    test: bool = False,
    **given: Json,
) -> Fields:
    (story, past), (kind, subject, label) = known_of, names
    known = _known(story, kind, started_at, ended.at, acts, test=test)
    main, journey = rules.main_worker(acts), story.journey_at(ended.at)
    version = journey.version if journey else None
    first = past.first_work(by=main.by, before=ended.at) if main else None
    flag, reason = _left_out(story, subject, known, kind)
    opener = ActorKind(story.case.opened_by_kind)
    return {
        "kind": kind,
        "subject": subject,
        "label": label,
        "started_at": started_at,
        "ended_at": ended.at,
        "handled_by": rules.handled_by(
            acts, otherwise=HandledBy.HUMAN if opener is ActorKind.HUMAN else HandledBy.AI
        ),
        "risk": rules.highest_risk(known.decided),
        "queue": story.queue_at(ended.at) or story.case.queue.key,
        "journey": version.cue_sheet.key if version else "",
        "channel": story.case.channel,
        "pattern": version.pattern if version else "",
        "cue_sheet_version": f"{version.cue_sheet.key} {version.number}" if version else "",
        "ai_version": past.version_label(act=_last_agent(acts), at=ended.at),
        "agent": main.by if main else "",
        "agent_label": main.label if main else "",
        "tenure": rules.tenure(first=first or started_at, at=started_at) if main else "",
        "workers": rules.workers(acts),
        "confidence": known.read[-1].confidence if known.read else None,
        "targets": [str(one) for one in rules.targets(known)],
        "left_out": flag or "",
        "left_out_reason": reason,
        "position": ended.index,
        **given,
    }


def _last_agent(acts: Sequence[Act]) -> Act | None:
    return next((one for one in reversed(acts) if one.kind is ActorKind.AGENT), None)


def _known(
    story: CaseStory, kind: Unit, begun: datetime, at: datetime, acts: Sequence[Act], *, test: bool
) -> Known:
    return Known(
        acts=tuple(acts),
        decided=tuple(
            one
            for _row_, one, _asked in story.decided
            if one.at <= at and (kind is Unit.CASE or one.at >= begun)
        ),
        read=tuple(one for one in story.read if one.at <= at),
        went_wrong=any(one.kind in WENT_WRONG and begun <= one.at <= at for one in story.entries),
        came_back=any(rules.comes_back(ended=at, contact=one) for one in story.returns),
        merged=story.is_merged(),
        test=test,
    )


def _left_out(story: CaseStory, subject: str, known: Known, kind: Unit) -> tuple[Flag | None, str]:
    """Return the flag of a unit and its reason; what a person said comes before any rule."""
    said = story.flagged(subject)
    if said is not None:
        return said.flag, said.reason if said.flag else ""
    flag = rules.flag_by_itself(known)
    if flag is Flag.ABANDONED and kind is Unit.DECISION:
        return None, ""
    return flag, _REASONS[flag] if flag else ""
