"""The ledger kinds of business calendars."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

SET = "business_calendar.set"

KINDS = (EntryKind(SET, _("{actor} set version {number} of the business hours, from {since} on")),)
