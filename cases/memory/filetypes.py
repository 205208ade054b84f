"""What kind of file some bytes are, told from the bytes alone, and which kinds are kept; pure."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from orchestra.core.errors import FieldError

Words = str | Promise

#: Longest name of a file, in characters.
MAX_NAME: Final = 200
#: So many bytes from the start tell every kind but plain text.
_HEAD: Final = 64


@dataclass(frozen=True, slots=True)
class FileType:
    """One kind of file.

    Attributes:
        media_type: As HTTP names it.
        endings: What the names of such files end with, lower case, without the dot.
        inline: Whether a browser may show it on a page of ours; anything else is saved.
    """

    media_type: str
    title: Words
    endings: tuple[str, ...]
    inline: bool = False


PDF: Final = FileType("application/pdf", _lazy("a PDF document"), ("pdf",))
PNG: Final = FileType("image/png", _lazy("a PNG image"), ("png",), inline=True)
JPEG: Final = FileType("image/jpeg", _lazy("a JPEG image"), ("jpg", "jpeg"), inline=True)
GIF: Final = FileType("image/gif", _lazy("a GIF image"), ("gif",), inline=True)
WEBP: Final = FileType("image/webp", _lazy("a WebP image"), ("webp",), inline=True)
WAV: Final = FileType("audio/wav", _lazy("a WAV recording"), ("wav",))
OGG: Final = FileType("audio/ogg", _lazy("an Ogg recording"), ("ogg", "oga", "opus"))
MP3: Final = FileType("audio/mpeg", _lazy("an MP3 recording"), ("mp3",))
TEXT: Final = FileType("text/plain", _lazy("plain text"), ("txt", "csv", "log"))

#: The kinds that are kept. HTML and SVG run script, archives and office files hide what they hold.
ALLOWED: Final = (PDF, PNG, JPEG, GIF, WEBP, WAV, OGG, MP3, TEXT)
_BY_ENDING: Final = {ending: kind for kind in ALLOWED for ending in kind.endings}
_BY_MEDIA_TYPE: Final = {kind.media_type: kind for kind in ALLOWED} | {
    "image/jpg": JPEG,
    "audio/x-wav": WAV,
    "audio/mp3": MP3,
    "text/csv": TEXT,
}
#: What browsers and programs say when they do not know.
_UNSAID: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})

#: Signatures at the start of a file, as its format's specification gives them.
_STARTS: Final[tuple[tuple[bytes, FileType], ...]] = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"OggS", OGG),
    (b"ID3", MP3),
    (b"\xff\xfb", MP3),
    (b"\xff\xf3", MP3),
    (b"\xff\xf2", MP3),
)
#: Kinds that are known and not kept, so that the refusal can name them.
_REFUSED: Final[tuple[tuple[bytes, Words], ...]] = (
    (b"PK\x03\x04", _lazy("a ZIP archive or an office document")),
    (b"PK\x05\x06", _lazy("a ZIP archive")),
    (b"\x1f\x8b", _lazy("a gzip archive")),
    (b"7z\xbc\xaf\x27\x1c", _lazy("a 7-Zip archive")),
    (b"Rar!", _lazy("a RAR archive")),
    (b"BZh", _lazy("a bzip2 archive")),
    (b"\xfd7zXZ\x00", _lazy("an xz archive")),
    (b"\x28\xb5\x2f\xfd", _lazy("a Zstandard archive")),
    (b"MZ", _lazy("a Windows program")),
    (b"\x7fELF", _lazy("a program")),
    (b"\xd0\xcf\x11\xe0", _lazy("an old office document")),
)
_MARKUP: Final = (b"<!doctype", b"<html", b"<?xml", b"<svg", b"<script", b"<body", b"<head")
_SPACES: Final = frozenset("\t\n\r\f")


def type_of(content: bytes) -> FileType | None:
    """Return the kind of a file as its bytes tell it; None for one that is not kept."""
    head = content[:_HEAD]
    if head.startswith(b"RIFF"):
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    return TEXT if _is_text(content) else None


def type_named(media_type: str) -> FileType | None:
    """Return the kept kind that a stored media type names."""
    return _BY_MEDIA_TYPE.get(media_type)


def file_errors(
    *, name: str, content: bytes, said_type: str = "", most: int, field: str = "file"
) -> list[FieldError]:
    """Return everything that is wrong with a file; empty where it may be kept.

    Nothing is unpacked or decoded, so what a file would grow into never matters.

    Args:
        name: As its sender names it.
        content: All of it, or one byte more than may be kept.
        said_type: The media type its sender gives it, empty for none.
        most: Largest number of bytes.
        field: What the input calls it.
    """
    errors = name_errors(name, field)
    if not content:
        return [*errors, FieldError(field, "empty", _("The file is empty; choose it again."))]
    if len(content) > most:
        return [*errors, too_large(most, field)]
    kind = type_of(content)
    if kind is None:
        return [*errors, FieldError(field, "type", _not_kept(content))]
    lie = _lie(name, said_type, kind)
    return [*errors, FieldError(field, "type_differs", lie)] if lie else errors


def too_large(most: int, field: str = "file") -> FieldError:
    """Return the finding on a file that is larger than may be kept."""
    size = f"{most / 2**20:g}"
    message = _("The file is larger than %(size)s MB; send a smaller one, or a reference to it.")
    return FieldError(field, "too_large", message % {"size": size})


def name_errors(name: str, field: str = "file") -> list[FieldError]:
    """Return what is wrong with the name of a file: it is shown, and saved under, as it is."""
    if not name.strip(" ."):
        return [FieldError(field, "name", _("The file has no name; give it one."))]
    if len(name) > MAX_NAME:
        message = _("The file's name is longer than %(most)d characters; shorten it.")
        return [FieldError(field, "name", message % {"most": MAX_NAME})]
    if any(one in "/\\" or not one.isprintable() for one in name):
        message = _("The file's name holds a slash or a character nobody can see; rename it.")
        return [FieldError(field, "name", message)]
    return []


def allowed_words() -> str:
    """Return the kinds that are kept, in one line for people."""
    endings = (ending for kind in ALLOWED for ending in kind.endings)
    return ", ".join(endings)


def _not_kept(content: bytes) -> str:
    known = next((title for start, title in _REFUSED if content.startswith(start)), None)
    if known is None and _is_markup(content):
        known = _lazy("a web page or another document with markup")
    what = known or _lazy("of no kind that is known here")
    message = _("The file is %(what)s, which is not kept. Send one of: %(allowed)s.")
    return message % {"what": what, "allowed": allowed_words()}


def _lie(name: str, said_type: str, kind: FileType) -> str:
    """Return how a file's name or stated type differs from its bytes; empty where neither does."""
    _stem, dot, ending = name.rpartition(".")
    ending = ending.lower() if dot else ""
    said = said_type.partition(";")[0].strip().lower()
    if ending and ending not in kind.endings:
        named = _BY_ENDING.get(ending)
        claim: Words = named.title if named else format_lazy(".{ending}", ending=ending)
    elif said not in _UNSAID and _BY_MEDIA_TYPE.get(said) is not kind:
        claim = said
    else:
        return ""
    message = _(
        "The file calls itself %(claim)s, but its content is %(kind)s. "
        "Give it its own ending and send it again."
    )
    return message % {"claim": claim, "kind": kind.title}


def _is_text(content: bytes) -> bool:
    if _is_markup(content) or any(content.startswith(start) for start, _title in _REFUSED):
        return False
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any((one < " " and one not in _SPACES) or one == "\x7f" for one in text)


def _is_markup(content: bytes) -> bool:
    head = content[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return head.startswith(_MARKUP)
