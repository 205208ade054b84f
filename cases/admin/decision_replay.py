"""A decision then, decided again, and under today's text: three answers side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.admin import reads as governed
from governance.policies.decision import ENGINE, compile_tables, decide
from governance.policies.models import DecisionRecord
from governance.policies.records import obligations_value, record_body, record_digest
from governance.policies.replay import RecordRead, Replay, replay
from governance.policies.selectors import is_intact
from governance.policies.types import Decision, FiredRow, PolicyTable
from orchestra.core import words
from orchestra.core.canonical import digest
from orchestra.core.errors import InvalidInputError

Json = Any

_FACTS_DOMAIN = "orchestra.facts.v1"


@dataclass(frozen=True, slots=True)
class Answers:
    """What deciding again, and today's text, say of one decision.

    Attributes:
        headline: The answer in one line.
        again: Sign, word and text of the replay.
        today: The verdict under today's text; None where it is not shown.
        why_not_today: Why it is not shown.
        proof: What must agree: name, recorded, replayed, and whether they do.
        lacks: What is missing to decide again.
        means: What a difference says, and what it does not: a sign and a sentence each.
    """

    headline: str
    again: dict[str, str]
    today: dict[str, Any] | None
    why_not_today: str
    proof: list[dict[str, Any]]
    lacks: tuple[str, ...]
    means: list[tuple[str, str]]


def describe_duties(obligations: Mapping[str, Json]) -> str:
    """Return what a verdict asks for, such as ``1 vote, supervisor``; empty for nothing."""
    votes = obligations.get("votes", 0)
    parts = []
    if votes:
        parts.append(ngettext("%(count)d vote", "%(count)d votes", votes) % {"count": votes})
    parts += [words.plain(role) for role in obligations.get("roles", [])]
    if obligations.get("step_up"):
        parts.append(_("password again"))
    return ", ".join(parts)


def describe_then(record: DecisionRecord, read: RecordRead) -> str:
    """Return what was decided, in one line."""
    return _("Decided: %(verdict)s.") % {
        "verdict": _verdict(record.outcome, read.value.get("obligations", {}))
    }


def answer(record: DecisionRecord, read: RecordRead, tables: dict[str, PolicyTable]) -> Answers:
    """Decide a recorded decision again, and the same facts under today's text; stores nothing.

    Args:
        record: The row.
        read: What stands in it.
        tables: The tables that judged, as far as they are still here.
    """
    found = replay(body=bytes(record.body), tables=tables)
    altered = not is_intact(record) or record.outcome != read.value.get("outcome")
    if found.lacks:
        return _cannot(record, read, found)
    if altered or not found.agrees:
        return _differs(record, read, tables, found)
    today = _today(read)
    then = _verdict(record.outcome, read.value.get("obligations", {}))
    now = f"{today['outcome']}, {today['duties']}" if today["duties"] else today["outcome"]
    return Answers(
        headline=_("Decided: %(verdict)s. Today it would be the same.") % {"verdict": then}
        if then == now
        else _("Decided: %(verdict)s. Today it would be %(now)s.") % {"verdict": then, "now": now},
        again={
            "sign": "is-ok",
            "word": _("Equal"),
            "text": _(
                "Same facts, same text, same engine, decided again now: outcome, rows, duties "
                "and digest agree bit for bit."
            ),
        },
        today=today,
        why_not_today="",
        proof=_proof(record, read, tables, found),
        lacks=(),
        means=[],
    )


def _verdict(outcome: str, obligations: Mapping[str, Json]) -> str:
    duties = describe_duties(obligations)
    return f"{outcome}, {duties}" if duties else str(outcome)


def _cannot(record: DecisionRecord, read: RecordRead, found: Replay) -> Answers:
    stands = [
        _("The record holds %(count)d facts, the outcome, the rows that fired and the duties.")
        % {"count": len(read.facts.values)},
        _("The digest of the record agrees with its bytes.")
        if is_intact(record)
        else _("The bytes of the record do not have the digest stored beside them."),
    ]
    signs = ["is-ok", "is-ok" if is_intact(record) else "is-bad"]
    return Answers(
        headline=_("This decision cannot be replayed any more"),
        again={
            "sign": "is-q",
            "word": _("Cannot replay"),
            "text": _("Missing: %(what)s. The result is “cannot”, never a guess.")
            % {"what": ", ".join(found.lacks)},
        },
        today=_today(read),
        why_not_today="",
        proof=[],
        lacks=found.lacks,
        means=[
            *zip(signs, stands, strict=True),
            ("is-q", _("It counts as “cannot” in replay figures: neither equal nor different.")),
        ],
    )


def _differs(
    record: DecisionRecord, read: RecordRead, tables: dict[str, PolicyTable], found: Replay
) -> Answers:
    proof = _proof(record, read, tables, found)
    parting = next((row["name"] for row in proof if not row["same"]), _("the stored bytes"))
    intact = is_intact(record)
    return Answers(
        headline=_("Replay does not agree with the record"),
        again={
            "sign": "is-bad",
            "word": _("Not equal"),
            "text": _(
                "First difference: %(part)s. Equal means all of it. The record stands as it is."
            )
            % {"part": parting},
        },
        today=None,
        why_not_today=_("The text of today is compared once the replay of the old one agrees."),
        proof=proof,
        lacks=(),
        means=[
            ("is-ok", _("The bytes of the record have the digest stored beside them."))
            if intact
            else ("is-bad", _("The record was altered: its bytes no longer have their digest.")),
            (
                "is-ok",
                _("The action is not in doubt: it has entries of its own in the ledger."),
            ),
            ("is-bad", _reason(found, intact=intact)),
        ],
    )


def _reason(found: Replay, *, intact: bool) -> str:
    if not intact:
        return _("What the record says now is not what was decided; the ledger holds that.")
    if found.agrees:
        return _(
            "Another outcome stands beside the record than in it; the record holds the true one."
        )
    return _("This engine does not come to what was recorded. Tell whoever runs it.")


def _proof(
    record: DecisionRecord, read: RecordRead, tables: dict[str, PolicyTable], found: Replay
) -> list[dict[str, Any]]:
    facts = digest(
        _FACTS_DOMAIN,
        {"values": dict(read.facts.values), "unknown": sorted(read.facts.unknown)},
    )
    rows = [_line(_("Facts"), facts, facts, is_digest=True)]
    for key, (version, held) in sorted(read.policies.items()):
        name = _("Text: %(policy)s %(version)s") % {
            "policy": tables[key].title if key in tables else words.plain(key),
            "version": version,
        }
        rows.append(_line(name, held, tables[key].digest if key in tables else "", is_digest=True))
    rows.append(_line(_("Engine"), read.engine, ENGINE))
    verdict = found.decision
    if verdict is None:
        return rows
    if not found.agrees or record.outcome != verdict.outcome:
        rows += _verdict_lines(record, read, verdict)
    rows.append(_line(_("Result"), record.digest, _again(read, verdict), is_digest=True))
    return rows


def _verdict_lines(
    record: DecisionRecord, read: RecordRead, verdict: Decision
) -> list[dict[str, Any]]:
    fired = [f"{words.plain(row[0])}, {row[2]}" for row in read.value.get("fired", [])]
    now = [f"{words.plain(row.policy)}, {row.rule}" for row in verdict.fired]
    duties = obligations_value(verdict.obligations)
    return [
        _line(_("Outcome"), record.outcome, str(verdict.outcome)),
        _line(_("Rows"), "; ".join(fired), "; ".join(now)),
        _line(
            _("Duties"),
            describe_duties(read.value.get("obligations", {})) or _("none"),
            describe_duties(duties) or _("none"),
        ),
    ]


def _again(read: RecordRead, verdict: Decision) -> str:
    try:
        body = record_body(at=read.at, facts=read.facts, sources=read.sources, decision=verdict)
    except InvalidInputError:
        return ""
    return record_digest(body)


def _line(name: str, recorded: str, replayed: str, *, is_digest: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "recorded": recorded,
        "replayed": replayed,
        "same": recorded == replayed,
        "is_digest": is_digest,
    }


def _today(read: RecordRead) -> dict[str, Any]:
    """Decide the same facts under today's text; it changes nothing."""
    tables = governed.published_tables()
    verdict = decide(facts=read.facts, policies=compile_tables(tables.values()))
    return {
        "outcome": str(verdict.outcome),
        "duties": describe_duties(obligations_value(verdict.obligations)),
        "fired": [_fired(row, tables) for row in verdict.fired],
        "policies": _versions(verdict),
    }


def _versions(verdict: Decision) -> str:
    return ", ".join(
        _("%(policy)s %(version)s") % {"policy": words.plain(key), "version": version}
        for key, (version, _digest) in sorted(verdict.policies.items())
    )


def _fired(row: FiredRow, tables: Mapping[str, PolicyTable]) -> dict[str, Any]:
    return {
        "number": row_number(tables.get(row.policy), row.rule),
        "rule": row.rule,
        "policy": words.plain(row.policy),
        "version": row.version,
        "outcome": str(row.outcome),
        "reason": row.reason,
    }


def row_number(table: PolicyTable | None, rule: str) -> int | None:
    """Return the place of a row in its table, from 1; None for a floor, or a row not there."""
    if table is None:
        return None
    names = [*(row.id for row in table.rules), *(limit.key for limit in table.limits)]
    return names.index(rule) + 1 if rule in names else None
