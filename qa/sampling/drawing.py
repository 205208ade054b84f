"""A seeded sample that anybody with the frame can draw again; pure.

Bottom-k by permanent random numbers: every unit has a number of its own from the seed, and the
smallest are drawn. That is simple random sampling without replacement in each stratum, does not
depend on the order of a database, and grows one by one as units arrive.
Source: B. Rosén, "Asymptotic theory for order sampling" (1997); the numbers are our convention.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from orchestra.core.errors import InvalidInputError

_BYTES = 8
#: One more than the largest number of a unit, before it is divided.
SCALE = 1 << (8 * _BYTES)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One unit of a sample.

    Attributes:
        place: 1 for the smallest number of its stratum.
        number: The unit's own number, 0 to below 1, as a whole number of 2**-64.
    """

    unit: str
    stratum: str
    place: int
    number: int


@dataclass(frozen=True, slots=True)
class StratumDraw:
    """What was drawn of one stratum, and who stands next in line.

    Attributes:
        size: Units in the stratum.
        reserve: Units that may replace one, in their order.
    """

    stratum: str
    size: int
    drawn: tuple[Drawn, ...]
    reserve: tuple[Drawn, ...]

    @property
    def inclusion(self) -> float:
        """The probability of each of its units to be drawn."""
        return len(self.drawn) / self.size if self.size else 0.0


def unit_number(*, seed: str, plan: str, version: int, unit: str) -> int:
    """Return a unit's own number: ``SHA-256(seed "|" plan "/v" version "|" unit)``, first 8 bytes.

    Args:
        seed: The seed of the period.
        plan: Key of the plan.
        version: Version of the plan.
        unit: Id of the unit.

    Returns:
        A whole number below ``SCALE``, to be read as a share of it.
    """
    text = f"{seed}|{plan}/v{version}|{unit}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:_BYTES], "big")


def draw(
    *,
    frame: Mapping[str, str],
    sizes: Mapping[str, int],
    seed: str,
    plan: str,
    version: int,
    reserve: int = 0,
) -> tuple[StratumDraw, ...]:
    """Draw a sample.

    Args:
        frame: Unit to its stratum; in any order.
        sizes: Stratum to how many are drawn of it.
        seed: The seed of the period.
        plan: Key of the plan.
        version: Version of the plan.
        reserve: How many of those next in line are named for each stratum.

    Returns:
        One draw for each stratum of ``sizes``, by name.

    Raises:
        InvalidInputError: More are asked for than a stratum holds, or a unit's stratum has no size.
    """
    units: dict[str, list[tuple[int, str]]] = {name: [] for name in sizes}
    for unit, stratum in frame.items():
        if stratum not in units:
            raise InvalidInputError(f"The stratum {stratum!r} of {unit!r} has no size.")
        number = unit_number(seed=seed, plan=plan, version=version, unit=unit)
        units[stratum].append((number, unit))
    return tuple(_of_stratum(name, units[name], sizes[name], reserve) for name in sorted(sizes))


def _of_stratum(name: str, units: list[tuple[int, str]], wanted: int, reserve: int) -> StratumDraw:
    if not 0 <= wanted <= len(units):
        raise InvalidInputError(
            f"{wanted} cannot be drawn of the stratum {name!r}, which holds {len(units)}."
        )
    # Equal numbers are as good as impossible; the id makes even those come out the same.
    units.sort()
    ranked = [
        Drawn(unit=unit, stratum=name, place=place, number=number)
        for place, (number, unit) in enumerate(units[: wanted + reserve], start=1)
    ]
    return StratumDraw(
        stratum=name,
        size=len(units),
        drawn=tuple(ranked[:wanted]),
        reserve=tuple(ranked[wanted:]),
    )


def frame_digest(frame: Mapping[str, str]) -> str:
    """Return the digest that names a frame: SHA-256 over ``unit TAB stratum LF``, by unit."""
    lines = (f"{unit}\t{stratum}\n".encode() for unit, stratum in sorted(frame.items()))
    return hashlib.sha256(b"".join(lines)).hexdigest()


def seed_commitment(seed: str) -> str:
    """Return what is recorded before a period: SHA-256 of the seed, which is shown after it."""
    return hashlib.sha256(f"orchestra.seed.v1\n{seed}".encode()).hexdigest()


def replacements(draw: StratumDraw, *, lost: Sequence[str]) -> tuple[tuple[str, Drawn | None], ...]:
    """Return who takes the place of each unit that could not be reviewed, in the order given.

    The next in line takes it; None where nobody is left. The lost unit stays counted as drawn,
    as one that gave no answer.

    Args:
        draw: The stratum as it was drawn, with its reserve.
        lost: Units that were drawn, or that took a place, and could not be reviewed.
    """
    standing: Iterable[Drawn] = iter(draw.reserve)
    left = iter(standing)
    return tuple((unit, next(left, None)) for unit in lost)
