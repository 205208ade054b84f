"""A learnt reading as bytes: back as it was, and refused when it is another's."""

import io
import pickle
import zipfile

import numpy as np
import pytest

from cases.intake.learning import learn_reading
from cases.intake.packing import pack, unpack
from cases.intake.scoring import Model
from orchestra.core.canonical import sha256_hex
from orchestra.core.errors import InvalidInputError
from tests.factories.intents import retail_intents

WORDS = (
    "Please cancel my order.",
    "I want to return the shoes and exchange the lamp.",
    "What is the capital of Australia?",
    "",
)


@pytest.fixture(scope="module")
def model() -> Model:
    return learn_reading(retail_intents()).model


def test_what_was_written_reads_alike(model: Model) -> None:
    data = pack(model)
    back = unpack(data, digest=sha256_hex(data))
    assert [back.guess(text) for text in WORDS] == [model.guess(text) for text in WORDS]
    assert pack(back) == data


def test_other_bytes_are_refused(model: Model) -> None:
    data = pack(model)
    with pytest.raises(InvalidInputError, match="not what this version says"):
        unpack(data + b" ", digest=sha256_hex(data))


class Trap:
    def __reduce__(self) -> tuple[object, ...]:
        return pytest.fail, ("something stored was run",)


@pytest.mark.parametrize("name", ["pickled", "no zip", "lacks an array", "other format"])
def test_what_is_no_reading_is_refused_and_never_run(model: Model, name: str) -> None:
    out = io.BytesIO()
    if name == "pickled":
        np.savez(out, header=np.array([Trap()], dtype=object), allow_pickle=True)
    elif name == "no zip":
        out.write(pickle.dumps(Trap()))
    else:
        with np.load(io.BytesIO(pack(model))) as found:
            arrays = dict(found)
        if name == "lacks an array":
            del arrays["bias"]
        else:
            head = arrays["header"].tobytes().replace(b'"format":1', b'"format":9')
            arrays["header"] = np.frombuffer(head, dtype=np.uint8)
        np.savez(out, **arrays)
    data = out.getvalue()
    with pytest.raises(InvalidInputError) as refused:
        unpack(data, digest=sha256_hex(data))
    assert refused.value.error_code == "intake.weights"


def test_a_container_that_unpacks_to_too_much_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("weights.npy", b"\0" * (65 * 1024 * 1024))
    data = out.getvalue()
    with pytest.raises(InvalidInputError):
        unpack(data, digest=sha256_hex(data))
