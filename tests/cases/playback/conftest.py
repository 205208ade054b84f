"""The retail world on a simulated store, as the journeys' tests have it."""

from tests.cases.journeys.conftest import case, centre, journal  # noqa: F401  fixtures are used by name
