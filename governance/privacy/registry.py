"""Whose data it can be, and who holds personal data: filled at start-up by the rooms that know."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

from django.utils.functional import Promise

from governance.privacy.types import PersonalRecord, Subject, SubjectKind
from orchestra.core.registry import Registry


class SubjectSource(Protocol):
    """Finds whose data it is."""

    def find(self, text: str) -> Subject | None:
        """Return the subject of a customer's reference or of a label such as ``C-12``, or None."""

    def get(self, kind: SubjectKind, subject_id: str) -> Subject | None:
        """Return the subject of a public id, or None."""

    def lock(self, subject: Subject) -> None:
        """Keep everybody from adding to the subject until the transaction that is open ends."""


class Holder(Protocol):
    """One place where personal data of a subject is kept.

    What belongs to a subject's cases is found by ``subject.cases``. What is of the customer
    beyond them is touched only for a subject of kind ``CUSTOMER``, so that one case can be
    erased alone.
    """

    @property
    def code(self) -> str:
        """The key it is registered under, such as ``messages``."""

    @property
    def title(self) -> str | Promise:
        """What it holds, in words for people."""

    @property
    def fields(self) -> frozenset[str]:
        """The columns it answers for, such as ``cases.Message.text``."""

    @property
    def is_last(self) -> bool:
        """Whether it keeps what the others are found by, and so is erased after them."""

    def count(self, subject: Subject) -> int:
        """Return how much there is to erase; 0 once it is erased."""

    def ids(self, subject: Subject) -> Iterator[str]:
        """Yield the public ids by which other places name what is held."""

    def collect(self, subject: Subject) -> Iterator[PersonalRecord]:
        """Yield what is held, oldest first; nothing once it is erased."""

    def erase(self, subject: Subject, now: datetime) -> int:
        """Erase what is held, in the transaction that is open, and return how much it was.

        Again is harmless. Versions of a record that its history keeps are erased with it.
        """


#: What has to end before a subject may be erased: each returns a sentence for every such thing.
obstacles: Registry[Callable[[Subject], list[str]]] = Registry("obstacle to an erasure")
#: One source, under any name.
subjects: Registry[SubjectSource] = Registry("source of subjects")
#: Every place that can hold personal data of a customer, by its code.
holders: Registry[Holder] = Registry("holder of personal data")


def in_order() -> list[Holder]:
    """Return the holders, those last that the others are found by."""
    return sorted((holders.get(code) for code in holders), key=lambda one: (one.is_last, one.code))
