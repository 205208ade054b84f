"""Effects are taken back once each, the last first, one at a time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cases.journeys.reversing import EffectDone, ReversalNow, in_reverse, next_reversal
from cases.journeys.types import ReversalState

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
EFFECTS = st.lists(
    st.builds(
        lambda number, minutes: EffectDone(number, START + timedelta(minutes=minutes)),
        st.integers(1, 9),
        st.integers(0, 5),
    ),
    unique_by=lambda effect: effect.id,
)


@given(EFFECTS, st.data())
def test_every_effect_is_taken_back_once_and_in_reverse(
    effects: list[EffectDone], data: st.DataObject
) -> None:
    seen_twice = effects + effects[:2]
    order = in_reverse(seen_twice)
    assert sorted(one.id for one in order) == sorted(one.id for one in effects)
    assert [(one.at, one.id) for one in order] == sorted(
        ((one.at, one.id) for one in effects), reverse=True
    )
    begun = []
    standing = [ReversalNow(place, ReversalState.PENDING) for place in range(len(order))]
    while (due := next_reversal(standing)) is not None:
        begun.append(due.position)
        for meanwhile in (ReversalState.PROPOSED, ReversalState.BY_PERSON):
            standing[due.position] = ReversalNow(due.position, meanwhile)
            assert next_reversal(standing) is None
        ended = data.draw(st.sampled_from([ReversalState.DONE, ReversalState.LEFT]))
        standing[due.position] = ReversalNow(due.position, ended)
    assert begun == list(range(len(order)))
