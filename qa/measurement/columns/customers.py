"""Facts narrowed to the customers of whom something belongs to a shorter stretch; pure."""

from functools import cached_property

import numpy as np

from qa.measurement.columns.codes import NEVER, moment
from qa.measurement.columns.cutting import Flags, Keys
from qa.measurement.columns.narrowing import Narrowed
from qa.measurement.columns.types import Contacts, Episodes, Facts, pick
from qa.measurement.measured import Period
from qa.measurement.types import Cohort


class OfCustomers(Narrowed):
    """Facts of which only some episodes and contacts count."""

    def __init__(self, facts: Facts, episodes: Episodes, contacts: Contacts) -> None:
        """Put some episodes and contacts in place of all."""
        super().__init__(facts, {})
        self._episodes, self._contacts = episodes, contacts

    @property
    def episodes(self) -> Episodes:
        """Episodes that count."""
        return self._episodes

    @property
    def contacts(self) -> Contacts:
        """Contacts that count."""
        return self._contacts


class ByCustomer:
    """Facts of a stretch, ready to be narrowed to the customers of any part of it.

    What is counted beside a rate of returns, such as thanks or unknown senders, is counted over
    all contacts of the customers concerned; those of others must not be among them.
    """

    def __init__(self, facts: Facts) -> None:
        """Remember the facts of a whole stretch."""
        self._facts = facts

    def of(self, cohort: Cohort, period: Period) -> OfCustomers:
        """Return what ``select_cases`` gives of a part of the stretch, customers with it.

        Args:
            cohort: Opened or resolved, as those that count returns have.
            period: Within the stretch.
        """
        episodes, contacts = self._facts.episodes, self._facts.contacts
        begin, end = moment(period.begin), moment(period.end)
        opened_at = self._facts.cases.opened_at
        if cohort is Cohort.RESOLVED:
            chosen = np.zeros(len(opened_at), dtype=np.bool_)
            later = (episodes.resolved_at != NEVER) & (episodes.resolved_at >= begin)
            chosen[self._episode_case[later]] = True
            chosen &= opened_at < end
        else:
            chosen = (begin <= opened_at) & (opened_at < end)
        mine = chosen[self._episode_case]
        customers = np.zeros(len(self._customers), dtype=np.bool_)
        customers[self._episode_customer[mine]] = True
        customers[self._customers == 0] = False
        return OfCustomers(
            self._facts,
            pick(episodes, _kept(customers, self._episode_customer, episodes.customer, mine)),
            pick(
                contacts,
                _kept(
                    customers,
                    self._contact_customer,
                    contacts.customer,
                    chosen[self._contact_case],
                ),
            ),
        )

    @cached_property
    def _customers(self) -> Keys:
        both = (self._facts.episodes.customer, self._facts.contacts.customer)
        return np.unique(np.concatenate(both))

    @cached_property
    def _episode_customer(self) -> Keys:
        return np.searchsorted(self._customers, self._facts.episodes.customer)

    @cached_property
    def _contact_customer(self) -> Keys:
        return np.searchsorted(self._customers, self._facts.contacts.customer)

    @cached_property
    def _order(self) -> Keys:
        return np.argsort(self._facts.cases.id)

    def _places(self, case: Keys) -> Keys:
        return self._order[np.searchsorted(self._facts.cases.id, case, sorter=self._order)]

    @cached_property
    def _episode_case(self) -> Keys:
        return self._places(self._facts.episodes.case)

    @cached_property
    def _contact_case(self) -> Keys:
        return self._places(self._facts.contacts.case)


def _kept(customers: Flags, place: Keys, customer: Keys, mine: Flags) -> Flags:
    """Return which rows are of the customers, or of a chosen case whose customer is not known."""
    kept: Flags = customers[place] | (mine & (customer == 0))
    return kept
