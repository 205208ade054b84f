"""A description is read from a file or an address: bounded, from nowhere it may not come from."""

import json
from pathlib import Path
from typing import Any

import pytest

from cases.tools.fetching import read_description
from cases.tools.importing.documents import MAX_BYTES, read_document
from orchestra.core.errors import InvalidInputError, UpstreamError
from tests.ssrf import ADDRESSES, Canary, Watched, canary

WRITTEN = {"openapi": "3.0.3", "info": {"title": "Shop", "version": "1"}, "paths": {}}

LAUGHS = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS.encode(),
        b"x" * (MAX_BYTES + 1),
        b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}",
        ("a: " + "[" * 3000 + "]" * 3000).encode(),
        b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}",
        b"a: &x\n  b: *x\n",
        b'a: !!python/name:os.system ""\n',
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b"\xff\xfe\x00",
        b"a: [",
        b'{"a": "\\ud800"}',
        b"[" + b"1," * 250_000 + b"1]",
    ],
    ids=[
        *("laughs", "10 MB", "deep json", "deep yaml", "61 deep", "cycle", "tag", "twice", "nan"),
        *("bytes", "cut", "surrogate", "many"),
    ],
)
def test_hostile_documents_are_clear_errors(data: bytes) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_document(data)

    assert caught.value.error_code == "import.invalid"
    assert caught.value.errors


def test_a_file_is_read_and_a_missing_one_named(tmp_path: Path) -> None:
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(WRITTEN))

    assert read_document(read_description(str(path))) == WRITTEN
    with pytest.raises(InvalidInputError, match="cannot be read"):
        read_description(str(tmp_path / "none.json"))
    with path.open("wb") as file:
        file.truncate(10 * 1024 * 1024)
    with pytest.raises(InvalidInputError, match="4 MiB"):
        read_description(str(path))


def test_an_address_is_read_once_without_redirect() -> None:
    with canary() as found:
        assert read_description(f"http://127.0.0.1:{found.port}/shop.json") == b"{}"
        assert found.hits == ["/shop.json"]
    with canary("http://169.254.169.254/") as found, pytest.raises(UpstreamError) as caught:
        read_description(f"http://127.0.0.1:{found.port}/")
    assert caught.value.data == {"status": 302}


@pytest.fixture(scope="module")
def bait() -> Any:
    with canary() as found:
        yield found


@pytest.mark.parametrize("trick", [name for name, url in ADDRESSES.items() if "://" in url])
def test_no_trick_is_imported_from(
    trick: str, bait: Canary, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "PRIVATE_NETWORKS": ()}
    watched = Watched(monkeypatch)

    with pytest.raises(UpstreamError):
        read_description(ADDRESSES[trick].replace("{port}", str(bait.port)))

    assert (watched.connected, bait.hits) == ([], [])
