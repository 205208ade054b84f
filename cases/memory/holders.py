"""What a case's memory holds of a customer: who they are, what was said, what was attached."""

from typing import Final

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat, Replace
from django.utils.translation import gettext_lazy as _

from cases.memory.models import Case, Customer, Evidence, Message, Verification
from governance.privacy.rows import Rows, of_cases, of_customer

#: What the reference of an erased customer begins with; the public id in hex follows.
ERASED: Final = "erased:"

_REFERENCE = Concat(Value(ERASED), Replace(Cast("public_id", CharField()), Value("-"), Value("")))

HOLDERS = (
    Rows(
        code="customers",
        title=_("The customer's name, reference and ways of contact"),
        model=Customer,
        reach=of_customer(),
        blank={"ref": _REFERENCE, "name": "", "contact_points": []},
        at="created_at",
        is_last=True,
    ),
    Rows(
        code="cases",
        title=_("What each case says of its matter and its outcome"),
        model=Case,
        reach=of_cases("public_id"),
        blank={"claimed_name": "", "subject": "", "external_ref": None, "outcome": ""},
        at="opened_at",
        told=("channel", "intent", "status"),
    ),
    Rows(
        code="messages",
        title=_("Messages"),
        model=Message,
        reach=of_cases(),
        blank={"text": ""},
        at="at",
        told=("speaker",),
    ),
    Rows(
        code="verifications",
        title=_("How the customer's identity was checked"),
        model=Verification,
        reach=of_cases(),
        blank={"method": ""},
        at="at",
        told=("level",),
    ),
    Rows(
        code="attachments",
        title=_("Evidence attached to cases"),
        model=Evidence,
        reach=of_cases(),
        blank={"title": "", "proves": "", "reference": "", "digest": ""},
        at="at",
        untold=("digest",),
    ),
)
