"""Fill the population from the ledger; flag what is to be left out of it."""

from qa.population.services.flagging import leave_out, take_back
from qa.population.services.following import POPULATION, follow_ledger

__all__ = ["POPULATION", "follow_ledger", "leave_out", "take_back"]
