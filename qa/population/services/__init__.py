"""Fill the population from the ledger; flag what is to be left out of it."""

from qa.population.services.flagging import leave_out, take_back
from qa.population.services.following import POPULATION, follow_ledger
from qa.population.services.marking import day_of, mark_days

__all__ = ["POPULATION", "day_of", "follow_ledger", "leave_out", "mark_days", "take_back"]
