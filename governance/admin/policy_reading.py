"""What the page of a policy shows beside its text, read in one statement."""

from dataclasses import dataclass

from django.db.models import QuerySet

from governance.access.types import Capability
from governance.admin.visit import Visit
from governance.policies.loading import DOCUMENT_KIND
from governance.policies.models import Policy, PolicyVersion, Rehearsal
from governance.policies.selectors import list_rehearsals
from governance.reviews.models import ChangeRequest
from governance.reviews.selectors import list_changes_of
from orchestra.core.together import read_together

#: Rehearsals shown beside a policy.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class PolicyRead:
    """A policy with what its page shows beside the text.

    Attributes:
        found: The policy, none where no policy has the key.
        versions: Its versions, newest first.
        titles: Number of a version and what its change says it changed.
        changes: Its open changes, for who may read them.
        rehearsals: The newest rehearsals of its drafts.
    """

    found: QuerySet[Policy]
    versions: QuerySet[PolicyVersion]
    titles: QuerySet[ChangeRequest, tuple[int | None, str]]
    changes: QuerySet[ChangeRequest]
    rehearsals: QuerySet[Rehearsal]


def read_policy(key: str, visit: Visit) -> PolicyRead:
    """Return a policy with what stands beside it: one statement.

    Args:
        key: Key of the policy, as asked for.
        visit: Who looks.
    """
    published = ChangeRequest.objects.filter(
        kind=DOCUMENT_KIND, document_key=key, published_number__isnull=False
    )
    changes = list_changes_of(kind=DOCUMENT_KIND, key=key)
    read = PolicyRead(
        found=Policy.objects.filter(key=key),
        versions=PolicyVersion.objects.filter(policy__key=key)
        .select_related("policy")
        .order_by("-number"),
        titles=published.values_list("published_number", "title"),
        changes=changes if visit.may(Capability.CHANGE_READ) else changes.none(),
        rehearsals=list_rehearsals(policy_key=key)[:SHOWN],
    )
    read_together(read.found, read.versions, read.titles, read.changes, read.rehearsals)
    return read
