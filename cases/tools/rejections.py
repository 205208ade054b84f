"""What a requester may do instead of what a person rejected; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from governance.approvals.types import RejectReason


@dataclass(frozen=True, slots=True)
class Alternative:
    """One thing to do instead.

    Attributes:
        act: Stable code.
        says: One sentence for the requester.
    """

    act: str
    says: str


_PROPOSE = Alternative(
    "propose_again",
    "Propose it again with what the reason asks for; the same proposal meets the same answer.",
)
_HAND_OVER = Alternative("hand_over", "Hand the case to a person, with what was refused and why.")
_TELL = Alternative(
    "tell_customer", "Tell the customer that it was not done, and what happens next."
)
_VERIFY = Alternative(
    "verify_customer", "Verify the customer again, and look up whose account and order it is."
)
_ATTACH = Alternative(
    "attach_evidence", "Attach or cite what shows it, and propose it again with that."
)

_INSTEAD: Mapping[RejectReason, tuple[Alternative, ...]] = MappingProxyType(
    {
        RejectReason.WRONG_AMOUNT: (
            Alternative(
                "check_amount", "Read the order again, work the amount out anew, and propose that."
            ),
            _HAND_OVER,
        ),
        RejectReason.WRONG_PERSON: (_VERIFY, _HAND_OVER),
        RejectReason.NOT_ALLOWED: (_TELL, _HAND_OVER),
        RejectReason.MISSING_EVIDENCE: (_ATTACH, _HAND_OVER),
        RejectReason.OTHER: (_PROPOSE, _HAND_OVER),
    }
)


def alternatives(code: RejectReason | None) -> tuple[Alternative, ...]:
    """Return what may be done instead, the first one first; of old votes without a code too."""
    return _INSTEAD[code or RejectReason.OTHER]
