"""What holders have in common that only repeat, or keep, what others tell."""

from collections.abc import Iterator

from governance.privacy.types import PersonalRecord, Subject


class Untold:
    """A holder that tells nothing of its own; what it holds is only counted, and erased."""

    is_last = False

    def ids(self, subject: Subject) -> Iterator[str]:
        """Yield nothing: no answer of the API names what it holds."""
        del subject
        return iter(())

    def collect(self, subject: Subject) -> Iterator[PersonalRecord]:
        """Yield nothing: it repeats what the other holders tell, or is no record yet."""
        del subject
        return iter(())
