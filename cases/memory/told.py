"""When the customer of a case was last told something."""

from datetime import datetime

from django.db.models import Max, Q

from cases.memory.facts import CUSTOMER_TOLD
from cases.memory.models import Case, CaseFact, Message
from cases.memory.types import Speaker
from orchestra.core.actors import ActorKind


def last_told_at(*, case: Case) -> datetime | None:
    """Return when the customer was last told something, or a person said how: two queries.

    A message to the customer counts when it was said; a person's word, when it was given.

    Returns:
        None where neither stands in the case.
    """
    cases = Case.objects.filter(Q(pk=case.pk) | Q(merged_into=case)).values("pk")
    said = Message.objects.filter(case__in=cases).exclude(speaker=Speaker.CUSTOMER)
    stated = CaseFact.objects.filter(case__in=cases, name=CUSTOMER_TOLD, by_kind=ActorKind.HUMAN)
    moments = [
        said.aggregate(at=Max("at"))["at"],
        stated.aggregate(at=Max("at"))["at"],
    ]
    return max((at for at in moments if at is not None), default=None)
