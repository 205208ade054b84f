"""Writes a learnt reading as bytes and reads it back: arrays and JSON, nothing that can run; pure.

The container is NumPy's ``npz`` without pickled objects. The same reading gives the same bytes,
and whoever reads them back checks their digest first.
"""

import io
import zipfile
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from cases.intake.counting import Counts
from cases.intake.linear import Linear
from cases.intake.scoring import Model
from cases.intake.types import IntentSpec
from orchestra.core.canonical import canonical_bytes, loads_strict, sha256_hex
from orchestra.core.errors import InvalidInputError

FORMAT: Final = 1
#: Bytes of a container and of what it unpacks to; a reading of 150 intents has 15 MB.
MOST_BYTES: Final = 64 * 1024 * 1024
_ARRAYS = frozenset({"header", "frequency", "weights", "bias", "counts"})

Json = Any


def pack(model: Model) -> bytes:
    """Return a reading as bytes.

    Args:
        model: With learnt weights.
    """
    import numpy as np  # noqa: PLC0415  a process that classifies nothing need not load it

    assert model.linear is not None  # noqa: S101  what is published was learnt
    keys = sorted(model.intents)
    features = sorted(model.counts.features)
    counts = [
        (row, keys.index(key), count)
        for row, feature in enumerate(features)
        for key, count in sorted(model.counts.features[feature].items())
    ]
    header = {
        "format": FORMAT,
        "intents": [_head(model.intents[key]) for key in keys],
        "examples": [model.counts.examples[key] for key in keys],
        "asking": sorted(model.asking),
        "slope": model.slope,
        "offset": model.offset,
        "learnt_slope": model.learnt_slope,
        "learnt_offset": model.learnt_offset,
        "least_share": model.least_share,
        "is_whole": model.is_whole,
        "columns": list(model.linear.intents),
        "words": list(model.linear.words),
        "pieces": list(model.linear.pieces),
        "counted": features,
    }
    out = io.BytesIO()
    np.savez_compressed(
        out,
        header=np.frombuffer(canonical_bytes(header), dtype=np.uint8),
        frequency=model.linear.frequency,
        weights=model.linear.weights,
        bias=model.linear.bias,
        counts=np.asarray(counts, dtype=np.int32).reshape(-1, 3),
    )
    return out.getvalue()


def _head(spec: IntentSpec) -> Json:
    return {"key": spec.key, "title": spec.title, "sheet": spec.cue_sheet, "queue": spec.queue}


def unpack(data: bytes, *, digest: str) -> Model:
    """Return the reading that bytes hold; its intents come without their examples.

    Args:
        data: What ``pack`` wrote.
        digest: SHA-256 that the bytes must have, in hexadecimal.

    Raises:
        InvalidInputError: The bytes are others, or no reading of ours.
    """
    if len(data) > MOST_BYTES or sha256_hex(data) != digest:
        raise _refused()
    import numpy as np  # noqa: PLC0415

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_BYTES:
                raise _refused()
        with np.load(io.BytesIO(data), allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        header = loads_strict(arrays["header"].tobytes())
        return _model(header, arrays)
    except (KeyError, ValueError, TypeError, IndexError, OSError, zipfile.BadZipFile) as error:
        raise _refused() from error


def _model(header: Mapping[str, Json], arrays: Mapping[str, Any]) -> Model:
    if header["format"] != FORMAT or set(arrays) != _ARRAYS:
        raise _refused()
    specs = {
        one["key"]: IntentSpec(one["key"], one["title"], one["sheet"], one["queue"], ())
        for one in header["intents"]
    }
    keys, columns = list(specs), tuple(header["columns"])
    linear = Linear(
        intents=columns,
        words=tuple(header["words"]),
        pieces=tuple(header["pieces"]),
        frequency=arrays["frequency"],
        weights=arrays["weights"],
        bias=arrays["bias"],
    )
    rows = len(linear.words) + len(linear.pieces)
    shapes = (linear.frequency.shape, linear.weights.shape, linear.bias.shape)
    if shapes != ((rows,), (rows, len(columns)), (len(columns),)) or not set(columns) <= set(keys):
        raise _refused()
    features: dict[str, Counter[str]] = {}
    for row, key, count in arrays["counts"].tolist():
        features.setdefault(header["counted"][row], Counter())[keys[key]] = count
    return Model(
        intents=specs,
        counts=Counts(features, dict(zip(keys, header["examples"], strict=True))),
        asking=frozenset(header["asking"]),
        slope=header["slope"],
        offset=header["offset"],
        linear=linear,
        is_whole=header["is_whole"],
        learnt_slope=header["learnt_slope"],
        learnt_offset=header["learnt_offset"],
        least_share=header["least_share"],
    )


def _refused() -> InvalidInputError:
    return InvalidInputError(
        "The stored weights are not what this version says; publish another version of it.",
        code="intake.weights",
    )
