"""The slope of memory: found where there is one, not where there is only noise."""

import os
import random
import subprocess
import sys

import pytest

from tests.soaking import HOUR, STRETCHES, growth_of, held_by

MEGABYTE = 1 << 20


def samples(*, per_hour: float, noise: float, seed: int) -> list[tuple[float, int]]:
    drawn = random.Random(seed)  # noqa: S311  noise to be repeated
    return [
        (float(at), int(200 * MEGABYTE + per_hour * at / HOUR + drawn.gauss(0, noise)))
        for at in range(0, 1800, 2)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_a_leak_is_found_and_noise_is_not(seed: int) -> None:
    leak = growth_of(samples(per_hour=60 * MEGABYTE, noise=3 * MEGABYTE, seed=seed))
    assert leak.low < 60 * MEGABYTE < leak.high
    assert leak.low > 50 * MEGABYTE
    assert leak.last > leak.first
    flat = growth_of(samples(per_hour=0, noise=3 * MEGABYTE, seed=seed))
    assert flat.low < 10 * MEGABYTE


def test_what_comes_while_a_process_warms_up_does_not_count() -> None:
    warming = [(float(at), min(at, 400) * MEGABYTE) for at in range(1800)]
    assert growth_of(warming).per_hour == 0


def test_too_few_samples_tell_nothing() -> None:
    with pytest.raises(ValueError, match="too few"):
        growth_of([(float(at), 1) for at in range(2 * STRETCHES - 1)])


def test_what_a_process_started_counts_with_it() -> None:
    alone = held_by(os.getpid())
    block = f"held = bytearray({64 * MEGABYTE}); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", block], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert held_by(child.pid) > 64 * MEGABYTE
        assert held_by(os.getpid()) > alone + 60 * MEGABYTE
        child.communicate(b"\n")
    assert held_by(child.pid) == 0
