"""What a file is told to be from its bytes, and what is refused with which words."""

import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.memory.filetypes import ALLOWED, file_errors, name_errors, type_named, type_of

MOST = 1_000
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def zipped(content: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", content)
    return whole.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PNG, "image/png"),
        (PDF, "application/pdf"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"GIF89a\x01\x00", "image/gif"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"OggS\x00\x02", "audio/ogg"),
        (b"ID3\x04\x00", "audio/mpeg"),
        ("Müller wrote: 谢谢, שלום".encode(), "text/plain"),
        (b"order;price\n1;2\n", "text/plain"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_kind_is_told_from_the_bytes(content: bytes, media_type: str) -> None:
    kind = type_of(content)
    assert kind is not None
    assert kind.media_type == media_type
    assert type_named(media_type) is kind


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (zipped(b"\x00" * 5_000_000)[:900], "ZIP archive"),
        (gzip.compress(b"a"), "gzip archive"),
        (b"MZ\x90\x00", "Windows program"),
        (b"\x7fELF\x02", "a program"),
        (b"<svg onload=alert(1)>", "web page"),
        (b"\xef\xbb\xbf \n<!DOCTYPE html><script>", "web page"),
        (b"RIFF\x24\x00\x00\x00AVI LIST", "no kind that is known"),
        (b"\x00\x01\x02", "no kind that is known"),
        (b"text with \x1b[2J a control", "no kind that is known"),
    ],
    ids=["zip-bomb", "gzip", "exe", "elf", "svg", "html", "avi", "bytes", "control"],
)
def test_what_is_not_kept_is_named(content: bytes, says: str) -> None:
    (found,) = file_errors(name="photo", content=content, most=MOST)
    assert found.code == "type"
    assert says in found.message
    assert "png" in found.message


@pytest.mark.parametrize(
    ("name", "said_type", "content"),
    [
        ("photo.png", "", PDF),
        ("photo.PNG", "image/png", b"plain words"),
        ("invoice.pdf", "application/pdf", PNG),
        ("photo.exe", "", PNG),
        ("photo", "application/pdf", PNG),
        ("page.html", "", b"plain words"),
    ],
)
def test_a_file_that_lies_about_its_kind_is_refused(
    name: str, said_type: str, content: bytes
) -> None:
    (found,) = file_errors(name=name, content=content, said_type=said_type, most=MOST)
    assert found.code == "type_differs"
    assert "calls itself" in found.message


@pytest.mark.parametrize(
    ("name", "said_type"),
    [
        ("photo.png", "image/png"),
        ("photo.png", "application/octet-stream"),
        ("photo", ""),
        ("photo.png", "IMAGE/PNG; charset=binary"),
    ],
)
def test_a_file_that_says_what_it_is_or_nothing_is_kept(name: str, said_type: str) -> None:
    assert file_errors(name=name, content=PNG, said_type=said_type, most=MOST) == []


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "empty"), (b"a" * (MOST + 1), "too_large")], ids=["none", "much"]
)
def test_size_has_two_ends(content: bytes, code: str) -> None:
    assert [found.code for found in file_errors(name="a.txt", content=content, most=MOST)] == [code]


def test_the_largest_file_is_kept() -> None:
    assert file_errors(name="a.txt", content=b"a" * MOST, most=MOST) == []


@pytest.mark.parametrize(
    "name",
    [
        "",
        " . ",
        "../../etc/passwd",
        "a\\b.png",
        "a\x00.png",
        "a\nb.png",
        "a\u202egnp.exe",
        "a" * 201,
    ],
    ids=["none", "dots", "path", "backslash", "nul", "line", "turned", "long"],
)
def test_a_name_that_cannot_be_shown_or_saved_is_refused(name: str) -> None:
    (found,) = name_errors(name)
    assert found.code == "name"


@given(st.binary(max_size=200))
def test_what_is_shown_inline_is_an_image_by_its_own_signature(content: bytes) -> None:
    kind = type_of(content)
    if kind is not None and kind.inline:
        assert kind.media_type.startswith("image/")
        assert kind in ALLOWED


@given(st.binary(min_size=1, max_size=200))
def test_markup_is_never_kept(content: bytes) -> None:
    assert type_of(b"<html>" + content) is None
