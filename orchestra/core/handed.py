"""A file that somebody sent, handed out so that a browser can do nothing with it but show it."""

from urllib.parse import quote

from django.http import HttpResponse


def hand_out(*, content: bytes, name: str, media_type: str, inline: bool) -> HttpResponse:
    """Return a file as an answer of its own.

    The browser keeps to the stated type, runs nothing, loads nothing, and stores no copy; what
    is not shown inline is saved. Source: OWASP ASVS 5.0, V5.4 file download.

    Args:
        content: The bytes.
        name: What it is saved as.
        media_type: As told from the bytes, never as its sender said.
        inline: Whether a browser may show it.
    """
    answer = HttpResponse(content, content_type=media_type)
    how = "inline" if inline else "attachment"
    answer["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(name, safe='')}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "no-store"
    return answer
