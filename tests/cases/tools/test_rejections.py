"""What a requester may do instead."""

from itertools import chain

from cases.tools.rejections import alternatives
from governance.approvals.types import RejectReason


def test_every_reason_has_something_to_do_first_and_a_person_last() -> None:
    found = {code: alternatives(code) for code in RejectReason}
    assert all(len(acts) > 1 for acts in found.values())
    assert {acts[-1].act for acts in found.values()} == {"hand_over"}
    assert len({acts[0].act for acts in found.values()}) == len(RejectReason)
    assert all(one.says.endswith(".") for one in chain(*found.values()))


def test_a_vote_without_a_code_reads_as_any_other_reason() -> None:
    assert alternatives(None) == alternatives(RejectReason.OTHER)
