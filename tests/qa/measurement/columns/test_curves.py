"""The test of two curves over columns says what the readable one says."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.measurement.columns.curves import log_rank
from qa.measurement.formulas import survival
from qa.measurement.formulas.survival import Ending, Timed

SAMPLES = st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=25)


@given(SAMPLES, SAMPLES)
def test_the_log_rank_test_is_that_of_the_readable_formula(
    first: Sequence[tuple[int, bool]], second: Sequence[tuple[int, bool]]
) -> None:
    columns = [
        (
            np.array([time for time, _ in sample], dtype=np.float64),
            np.array([over for _, over in sample], dtype=np.bool_),
        )
        for sample in (first, second)
    ]
    rows = [
        [Timed(float(time), Ending.HAPPENED if over else Ending.OPEN) for time, over in sample]
        for sample in (first, second)
    ]

    found, wanted = log_rank(*columns), survival.log_rank(*rows)

    if wanted is None:
        assert found is None
    else:
        assert found is not None
        assert found.statistic == pytest.approx(wanted.statistic)
        assert found.p_value == pytest.approx(wanted.p_value)
