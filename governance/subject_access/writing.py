"""The file itself: an index in plain words, and the records as JSON; pure but for the template."""

import io
import json
import zipfile
from typing import Final

from django.template.loader import render_to_string

from governance.subject_access.types import Told
from orchestra.core.clock import rfc3339

#: Nothing of the moment of packing, so that the same contents are the same bytes.
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def write_zip(told: Told) -> bytes:
    """Return the file of an export."""
    files: dict[str, str] = {
        "index.html": render_to_string("governance/subject_export_file.html", {"told": told})
    }
    for one in told.held:
        rows = [
            {"id": row.id, "at": rfc3339(row.at) if row.at else None, **row.values}
            for row in one.records
        ]
        files[f"data/{one.code}.json"] = _json({"title": one.title, "records": rows})
    files["data/decisions_about_you.json"] = _json(
        [
            {
                "at": rfc3339(one.at),
                "case": one.case,
                "outcome": one.outcome,
                "reasons": list(one.reasons),
                "people": list(one.human),
            }
            for one in told.decided
        ]
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, text in files.items():
            pack.writestr(zipfile.ZipInfo(name, _EPOCH), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
