"""The ledger kinds of calibration."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

OPENED = "calibration.opened"
REMINDED = "calibration.reminded"
CLOSED = "calibration.closed"
DRIFTED = "calibration.drifted"

KINDS = (
    EntryKind(
        OPENED,
        _("{actor} began a calibration by {people} people on {units} units, due {due_at}"),
    ),
    EntryKind(REMINDED, _("{actor} reminded {people} people who are missing in a calibration")),
    EntryKind(CLOSED, _("{actor} closed a calibration; {missing} scores were not in")),
    EntryKind(
        DRIFTED, _("Scores of {person} lie {points} points from the others in a calibration")
    ),
)
