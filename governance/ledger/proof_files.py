"""The texts of proofs that whoever has them checks without our software. Pure."""

from collections.abc import Sequence

from governance.ledger import notes

CONSISTENCY_HEADER = "orchestra consistency-proof v1"


def consistency_text(*, earlier: str, later: str, hashes: Sequence[bytes]) -> str:
    """Return the proof that one checkpoint's tree is the beginning of another's.

    Args:
        earlier: The smaller checkpoint's note.
        later: The larger one's.
        hashes: The path of RFC 6962.
    """
    lines = [CONSISTENCY_HEADER, *(notes.encode_base64(item) for item in hashes)]
    return "\n".join(lines) + f"\n\n{earlier}\n{later}"
