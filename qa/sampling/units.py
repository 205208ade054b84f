"""A unit of the population as frames see it."""

from qa.population.models import SamplingUnit
from qa.population.types import Dimension, Flag, Target, Unit
from qa.sampling.framing import Candidate


def candidate_of(unit: SamplingUnit) -> Candidate:
    """Return a unit as a frame sees it."""
    return Candidate(
        kind=Unit(unit.kind),
        values={one: str(getattr(unit, one.value)) for one in Dimension},
        left_out=Flag(unit.left_out) if unit.left_out else None,
        targets=[Target(one) for one in unit.targets],
    )
