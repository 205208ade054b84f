"""Some of the facts: those of some dimensions, and of cases that stayed on one version; pure."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from qa.measurement.columns.cutting import Flags, Keys, groups
from qa.measurement.columns.types import (
    Cases,
    Contacts,
    Episodes,
    Facts,
    Gaps,
    Handovers,
    Steps,
    Waits,
    Works,
    pick,
)
from qa.measurement.rows import Dimensions
from qa.measurement.types import Breakdown


class Narrowed:
    """Facts of which cases and wrap-ups are narrowed; the rest stands whole, as returns need it.

    Which rows of any table count is said by ``counts``.
    """

    def __init__(self, facts: Facts, only: Mapping[Breakdown, str]) -> None:
        """Narrow facts to the one value of each dimension; a version leaves out who moved."""
        self._facts, self._only = facts, only

    @cached_property
    def cases(self) -> Cases:
        """Cases that count."""
        every = self._facts.cases
        return pick(every, self.counts(every.id, every.of))

    @property
    def episodes(self) -> Episodes:
        """All episodes."""
        return self._facts.episodes

    @property
    def contacts(self) -> Contacts:
        """All contacts."""
        return self._facts.contacts

    @property
    def handovers(self) -> Handovers:
        """All changes of owner."""
        return self._facts.handovers

    @cached_property
    def works(self) -> Works:
        """Wrap-ups that count."""
        every = self._facts.works
        return pick(every, self.counts(every.case, every.of))

    @property
    def steps(self) -> Steps:
        """All executions of steps."""
        return self._facts.steps

    @property
    def gaps(self) -> Gaps:
        """All missing records."""
        return self._facts.gaps

    @property
    def waits(self) -> Waits:
        """All waits for others."""
        return self._facts.waits

    @property
    def mixes(self) -> Mapping[int, Dimensions]:
        """Dimensions by key."""
        return self._facts.mixes

    @property
    def words(self) -> Mapping[int, str]:
        """Reasons and kinds of record by key."""
        return self._facts.words

    def counts(self, case: Keys, of: Keys) -> Flags:
        """Return which rows count, by their cases and their dimensions."""
        matching = self.fits(of)
        return matching & ~np.isin(case, self._moved) if len(self._moved) else matching

    def fits(self, of: Keys) -> Flags:
        """Return which rows have the dimensions, whether their case moved or not."""
        found = np.ones(len(of), dtype=np.bool_)
        for by, value in self._only.items():
            cells = groups(of, self.mixes, by)
            wanted = np.array([name == value for name in cells.names], dtype=np.bool_)
            found &= wanted[cells.which] if len(wanted) else False
        return found

    @cached_property
    def _moved(self) -> Keys:
        cases = self._facts.cases
        is_by_version = Breakdown.CUE_SHEET_VERSION in self._only
        return cases.id[cases.migrated] if is_by_version else cases.id[:0]
