"""The admin theme: colours, sidebar, badges."""

from typing import Any

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Orchestra",
    "SITE_HEADER": "Orchestra",
}
