"""What is added up, how it survives as JSON, and that its size is bounded."""

import json

from governance.policies.changes import Change, Compared
from governance.policies.tally import MAX_NAMES, OTHERS, SAMPLES, add, new_tally
from governance.policies.types import Outcome

STRICTER = Change(Outcome.ALLOW, Outcome.APPROVE, gained=("p:large",), votes_after=1)
LOOSER = Change(Outcome.APPROVE, Outcome.ALLOW, lost=("p:night",), votes_before=1)
SAME = Change(Outcome.ALLOW, Outcome.ALLOW)


def compared(change: Change, hour: int = 9, queue: str = "returns") -> Compared:
    return Compared(change, queue, hour, 4000, "USD", moves=True)


def test_matrix_rows_hours_and_exposure() -> None:
    tally = new_tally()
    for found in (compared(STRICTER), compared(STRICTER), compared(LOOSER, 23), compared(SAME)):
        add(tally, compared=found, decision_id="d")
    add(tally, compared=None, decision_id="d")
    add(tally, compared=Compared(Change(lacks=("hour", "total"))), decision_id="d")
    assert json.loads(json.dumps(tally)) == tally
    assert tally == {
        **new_tally(),
        "compared": 4,
        "left_out": 1,
        "lacking": 1,
        "lacks": {"hour": 1, "total": 1},
        "matrix": {"allow>approve": 2, "approve>allow": 1, "allow>allow": 1},
        "rows": {"allow>approve": {"+p:large": 2}, "approve>allow": {"-p:night": 1}},
        "gained": {"p:large": 2},
        "lost": {"p:night": 1},
        "samples": {"allow>allow": ["d"]},
        "hours": {
            "returns": {
                "more": [2 if hour == 9 else 0 for hour in range(24)],
                "fewer": [1 if hour == 23 else 0 for hour in range(24)],
            }
        },
        "exposure": {
            "USD": {"before": 12000, "after": 8000, "newly_alone": 4000, "newly_waits": 8000}
        },
    }


def test_other_votes_and_deciding_again_are_counted() -> None:
    tally = new_tally()
    votes = Change(
        Outcome.APPROVE, Outcome.APPROVE, votes_before=1, votes_after=2, decided_again=True
    )
    add(tally, compared=compared(votes), decision_id="d")
    assert (tally["votes"], tally["decided_again"], tally["hours"]) == (1, 1, {})


def test_the_size_is_bounded() -> None:
    tally = new_tally()
    for number in range(MAX_NAMES + 50):
        change = Change(Outcome.ALLOW, Outcome.APPROVE, gained=(f"p:{number}",))
        add(tally, compared=compared(change, queue=f"q{number}"), decision_id=str(number))
        add(tally, compared=compared(SAME), decision_id=str(number))
    assert len(tally["gained"]) == len(tally["hours"]) == MAX_NAMES + 1
    assert tally["gained"][OTHERS] == 50
    assert len(tally["samples"]["allow>allow"]) == SAMPLES
