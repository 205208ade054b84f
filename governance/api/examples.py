"""Examples in the OpenAPI document, for whoever connects the compliance desk."""

from drf_spectacular.utils import OpenApiExample


def _body(title: str, value: dict[str, object]) -> OpenApiExample:
    return OpenApiExample(title, value=value, request_only=True)


GAP = [
    _body(
        "Why two checks are missing",
        {
            "code": "rehearsed",
            "explanation": "Both changes are older than the rehearsals, and were tried by hand.",
        },
    ),
]
HOLD = [
    _body(
        "One case",
        {
            "scope": "case",
            "text": "C-12",
            "reason": "Claim before the court of Hamburg",
            "reference": "4 O 12/26",
        },
    ),
    _body(
        "Every case that was open in a span",
        {
            "scope": "span",
            "begins_at": "2026-10-01T00:00:00+02:00",
            "ends_at": "2026-10-31T23:59:59+01:00",
            "reason": "Inquiry of the supervisory authority",
            "reference": "AZ 2026/118",
        },
    ),
]
LIFT = [_body("What ended", {"reason": "The claim was settled on 12 November."})]
ERASE = [
    _body(
        "A customer objects, Article 17(1)(c)",
        {"text": "yusuf_rossi_9620", "basis": "objection", "reference": "DSR-7"},
    ),
]
SUBJECT_EXPORT = [
    _body(
        "A request under Article 15",
        {"text": "yusuf_rossi_9620", "reference": "DSR-8"},
    ),
]
