"""Read the documents that ship, and publish those of which a centre has no version yet."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from governance.reviews.models import DocumentVersion
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.yaml_text import read_located
from qa.documents.types import Shelf
from qa.measurement import selectors as measurement
from qa.measurement.services import publish_metric
from qa.sampling import selectors as sampling
from qa.sampling.services import publish_plan
from qa.scorecards import selectors as scorecards
from qa.scorecards.services import publish_scorecard

Json = Any
Publish = Callable[..., DocumentVersion]

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Shipped:
    """One document that ships.

    Attributes:
        present: Whether the centre had a version of it before, which is then left alone.
    """

    kind: str
    key: str
    present: bool


#: Folder to where its documents go; scorecards first, since plans name them.
_FOLDERS: Final[Mapping[str, tuple[Shelf, Publish]]] = {
    "scorecards": (scorecards.SHELF, publish_scorecard),
    "sampling_plans": (sampling.SHELF, publish_plan),
    "metric_definitions": (measurement.SHELF, publish_metric),
}


def read_shipped(*, folder: str) -> Iterator[Json]:
    """Yield the documents of one folder, by the name of their file.

    Raises:
        InvalidInputError: A file is no YAML.
    """
    for path in sorted((FOLDER / folder).glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        found = read_located(name=f"{folder}/{path.name}", text=text, strict=True)
        if found.findings:
            raise InvalidInputError("A file cannot be read.", errors=found.findings)
        yield found.value


@one_act()
def load_shipped(*, actor: Actor, now: datetime) -> tuple[Shipped, ...]:
    """Publish what ships and a centre has no version of; a second time changes nothing.

    What people have changed, or have taken out of force, stays as they left it.

    Args:
        actor: Who loads.
        now: When, UTC.

    Returns:
        Every document that ships, and whether it was there before.

    Raises:
        NotPermittedError: The actor may not load.
        InvalidInputError: A document has errors; its file is named.
    """
    require(authority=authority_of(actor), capability=Capability.PACK_LOAD)
    done = []
    for folder, (shelf, publish) in _FOLDERS.items():
        known = frozenset(shelf.document.objects.values_list("key", flat=True))
        for document in read_shipped(folder=folder):
            key = document["key"]
            if key not in known:
                _publish(publish, actor, now, document, f"{folder}/{key}")
            done.append(Shipped(shelf.kind, key, present=key in known))
    return tuple(done)


def _publish(publish: Publish, actor: Actor, now: datetime, document: Json, name: str) -> None:
    try:
        publish(actor=actor, now=now, document=document)
    except InvalidInputError as error:
        errors = [FieldError(f"{name}: {one.field}", one.code, one.message) for one in error.errors]
        raise InvalidInputError(error.message, errors=errors) from error
