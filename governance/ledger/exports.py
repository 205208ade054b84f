"""The ledger as lines that can be checked without our software."""

from base64 import b64encode
from collections.abc import Iterator

from governance.ledger import selectors
from governance.ledger.models import LedgerEntry
from governance.ledger.types import Json

_CHUNK = 2000


def list_lines(*, stream: str = "") -> Iterator[dict[str, Json]]:
    """Yield one line for each placed entry, exact leaf bytes in base64, then the checkpoint.

    Payloads stay behind: a leaf holds no personal data and its commitment proves the payload
    to whoever is given it.

    Args:
        stream: One stream only, such as ``case:<uuid>``; empty for the whole ledger.
    """
    entries = LedgerEntry.objects.filter(leaf_index__isnull=False).order_by("leaf_index")
    if stream:
        entries = entries.filter(stream=stream)
    rows = entries.values_list("leaf_index", "stream", "seq", "leaf_hash", "leaf_bytes")
    for index, name, seq, leaf_hash, leaf in rows.iterator(chunk_size=_CHUNK):
        yield {
            "index": index,
            "stream": name,
            "seq": seq,
            "leaf_hash": leaf_hash,
            "leaf": b64encode(bytes(leaf)).decode("ascii"),
        }
    last = selectors.latest_checkpoint()
    if last is not None:
        yield {"checkpoint": last.note}
