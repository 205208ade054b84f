"""The ledger kinds of skills."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.types import EntryKind

SKILL_LISTED = "skill.listed"
SKILL_RETIRED = "skill.retired"
SKILL_GIVEN = "skill.given"
SKILL_TAKEN = "skill.taken"
SKILL_ASKED = "skill.asked"
SKILL_NOT_ASKED = "skill.not_asked"

KINDS = (
    EntryKind(SKILL_LISTED, _("{actor} put the skill {skill} on the list: {reason}")),
    EntryKind(SKILL_RETIRED, _("{actor} took the skill {skill} off the list: {reason}")),
    EntryKind(SKILL_GIVEN, _("{actor} noted that {person} has the skill {skill}: {reason}")),
    EntryKind(SKILL_TAKEN, _("{actor} noted that {person} lacks the skill {skill}: {reason}")),
    EntryKind(SKILL_ASKED, _("{actor} let the queue {queue} ask for the skill {skill}: {reason}")),
    EntryKind(
        SKILL_NOT_ASKED,
        _("{actor} let the queue {queue} no longer ask for the skill {skill}: {reason}"),
    ),
)
