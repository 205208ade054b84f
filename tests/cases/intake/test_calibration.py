"""From a share to a probability, fitted to readings."""

import pytest

from cases.intake.calibration import fit_calibration, logistic, odds


def test_a_share_is_kept_from_both_ends() -> None:
    assert odds(0.5) == 0
    assert odds(0) == odds(0.005) == pytest.approx(-odds(1))
    assert logistic(odds(0.8)) == pytest.approx(0.8)
    assert logistic(1e9) < 1


def test_the_fitted_curve_says_what_was_seen() -> None:
    seen = [(odds(0.6), hit < 9) for hit in range(10)] + [(odds(0.3), hit < 2) for hit in range(10)]
    slope, offset = fit_calibration(seen)
    assert logistic(slope * odds(0.6) + offset) == pytest.approx(0.9, abs=0.07)
    assert logistic(slope * odds(0.3) + offset) == pytest.approx(0.2, abs=0.07)


def test_a_perfect_record_is_not_certainty() -> None:
    slope, offset = fit_calibration([(odds(0.9), True)] * 50)
    assert 0.9 < logistic(slope * odds(0.9) + offset) < 1
