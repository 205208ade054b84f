"""Say how one wants to be told, and try whether it arrives."""

import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from django.utils.translation import gettext as _

from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.notifications import entries, rules
from governance.notifications.models import NoticePreference
from governance.notifications.types import Manner, QuietHours, Topic
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotPermittedError

MOST_DIGESTS: Final = 6


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person chose.

    Attributes:
        manners: Topic and risk to manner; what is left out follows from the role.
        digest_times: When digests go out.
        quiet: The quiet hours; the same time twice is none.
        zone: Time zone; empty for that of the pages.
        revision: What the person saw, 0 where nothing was chosen yet.
    """

    manners: Mapping[tuple[Topic, str], Manner]
    digest_times: tuple[time, ...]
    quiet: QuietHours
    zone: str
    revision: int


@one_act()
def save_preferences(*, actor: Actor, now: datetime, wanted: Wanted) -> NoticePreference:
    """Keep how the actor wants to be told; what is planned already leaves as it was planned.

    Args:
        actor: Whose choice; always a person's own.
        now: When, UTC.
        wanted: The choice.

    Raises:
        NotPermittedError: The actor is no person.
        InvalidInputError: A time or the zone is missing or wrong; all at once.
        ConflictError: It was changed since it was read.
    """
    if not actor.is_human or actor.pk is None:
        raise NotPermittedError(_("Only people are told of news."), code="notice.not_a_person")
    errors = list(_check(wanted))
    if errors:
        raise InvalidInputError(_("Nothing was saved."), code="notice.invalid", errors=errors)
    values = {
        "manners": _as_json(wanted.manners),
        "digest_times": sorted({f"{one:%H:%M}" for one in wanted.digest_times}),
        "quiet_begins": wanted.quiet.begins,
        "quiet_ends": wanted.quiet.ends,
        "zone": wanted.zone,
        "revision": wanted.revision + 1,
        "saved_at": now,
    }
    _write(actor.pk, wanted.revision, values)
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=f"user:{actor.id}",
            kind=entries.SETTINGS_SAVED,
            payload={"manners": values["manners"], "digest_times": values["digest_times"]},
            subject_kind="user",
            subject_id=actor.id,
        ),
    )
    return NoticePreference.objects.get(person_id=actor.pk)


@one_act()
def send_test(*, actor: Actor, now: datetime) -> None:
    """Send the actor a test message, by the way that every message takes.

    Raises:
        NotPermittedError: The actor is no person.
    """
    if not actor.is_human:
        raise NotPermittedError(_("Only people are told of news."), code="notice.not_a_person")
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=f"user:{actor.id}",
            kind=entries.TESTED,
            payload={},
            subject_kind="user",
            subject_id=actor.id,
        ),
    )


def _write(person_pk: int, revision: int, values: dict[str, object]) -> None:
    if revision == 0:
        _row, is_written = NoticePreference.objects.get_or_create(
            person_id=person_pk, defaults=values
        )
    else:
        present = NoticePreference.objects.filter(person_id=person_pk, revision=revision)
        is_written = present.update(**values) == 1
    if not is_written:
        raise ConflictError(
            _("Your settings were changed since you opened them; look again."),
            code="conflict.state_moved_on",
        )


def _check(wanted: Wanted) -> Iterable[FieldError]:
    if not wanted.digest_times:
        yield FieldError("digest_times", "required", _("Name at least one time for the digest."))
    elif len(wanted.digest_times) > MOST_DIGESTS:
        message = _("Name at most %(most)d times for the digest.") % {"most": MOST_DIGESTS}
        yield FieldError("digest_times", "range", message)
    if wanted.zone and not _is_zone(wanted.zone):
        yield FieldError(
            "zone", "unknown", _("There is no such time zone; choose one, such as Europe/Berlin.")
        )
    known = rules.default_manners([])
    if any(place not in known for place in wanted.manners):
        yield FieldError("manners", "unknown", _("There is no such kind of news."))


def _is_zone(name: str) -> bool:
    return name in zoneinfo.available_timezones()


def _as_json(manners: Mapping[tuple[Topic, str], Manner]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for (topic, column), manner in sorted(manners.items()):
        found.setdefault(str(topic), {})[column] = str(manner)
    return found
