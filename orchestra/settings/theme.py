"""The admin theme: colours, sidebar, labels. The frame's own styles are in static/orchestra."""

from typing import Any

#: The product's teal, in the steps the theme asks for.
_TEAL = {
    "50": "#f0f8f7",
    "100": "#e3f0ef",
    "200": "#c5e1df",
    "300": "#9ccac6",
    "400": "#56bdb3",
    "500": "#2b8f88",
    "600": "#0f5f5c",
    "700": "#0c5350",
    "800": "#0a4a48",
    "900": "#093c3a",
    "950": "#042725",
}
_GREY = {
    "50": "#f6f8f8",
    "100": "#f2f5f5",
    "200": "#e0e6e6",
    "300": "#c5cfcf",
    "400": "#93a3a4",
    "500": "#5f6c70",
    "600": "#47545a",
    "700": "#3d4d4e",
    "800": "#283536",
    "900": "#141c1d",
    "950": "#0d1314",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Orchestra",
    "SITE_HEADER": "Orchestra",
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {"base": _GREY, "primary": _TEAL},
    "ENVIRONMENT": "orchestra.site.environment",
    "SIDEBAR": {
        "show_search": False,
        "command_search": False,
        "show_all_applications": False,
        "navigation": "orchestra.site.navigation",
    },
}
