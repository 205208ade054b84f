"""Imports tools from the description of another system."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cases.tools.connecting import parse_connection
from cases.tools.fetching import read_description, read_tools
from cases.tools.importing.documents import read_document
from cases.tools.importing.mcp_tools import read_mcp_tools
from cases.tools.importing.openapi import read_openapi
from cases.tools.importing.types import Manifest
from cases.tools.selectors import connection_document, get_connection
from cases.tools.services import Imported, import_tools
from orchestra.core import actors, clock
from orchestra.core.errors import OrchestraError

#: Who acts when an operator works at the command line.
OPERATOR = actors.system("command")


class Command(BaseCommand):
    """``manage.py tools import --openapi FILE|URL | --mcp URL --connection KEY``."""

    help = (
        "import: opens a draft for every tool that an OpenAPI description or an MCP server "
        "offers. Nothing goes into force before people reviewed it; the same again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the act, where the description stands, and the connection."""
        parser.add_argument("act", choices=["import"])
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--openapi", metavar="FILE|URL", help="an OpenAPI 3.0 or 3.1 text")
        source.add_argument("--mcp", metavar="URL", help="the address of an MCP server")
        parser.add_argument("--connection", required=True, help="key of the connection to use")
        parser.add_argument("--prefix", default="", help="put before every name, as in crm_")
        parser.add_argument(
            "--only", action="append", default=[], metavar="NAME", help="only this tool; again"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import, and say in one line what it came to."""
        try:
            manifest = self._read(options)
            self._tell(options, _("%(count)d tools described.") % {"count": len(manifest.tools)})
            found = import_tools(
                actor=OPERATOR,
                now=clock.now(),
                manifest=manifest,
                connection=options["connection"],
                origin=_origin(options),
            )
        except OrchestraError as error:
            findings = [f"{one.field}: {one.message}" for one in error.errors]
            if options["json"]:
                self.stdout.write(json.dumps({"ok": False, "errors": findings or [error.message]}))
            raise CommandError("\n".join([error.message, *findings])) from error
        self._say(options, found)

    def _read(self, options: dict[str, Any]) -> Manifest:
        common = {
            "connection": options["connection"],
            "prefix": options["prefix"],
            "only": options["only"],
        }
        if options["openapi"]:
            self._tell(options, _("Reading %(where)s.") % {"where": options["openapi"]})
            document = read_document(read_description(options["openapi"]))
            return read_openapi(document=document, **common)
        self._tell(options, _("Asking %(where)s.") % {"where": options["mcp"]})
        document = connection_document(get_connection(key=options["connection"]))
        title, listed = read_tools(parse_connection(document=document), url=options["mcp"])
        return read_mcp_tools(listed=listed, title=title, **common)

    def _tell(self, options: dict[str, Any], text: str) -> None:
        if not options["json"]:
            self.stderr.write(text)

    def _say(self, options: dict[str, Any], found: Imported) -> None:
        counts = dict.fromkeys(("new", "changed", "same", "waiting", "answered"), 0)
        for tool in found.tools:
            counts[str(tool.came)] += 1
        if options["json"]:
            tools = [
                {
                    "name": tool.name,
                    "came": str(tool.came),
                    "change": tool.change,
                    "differences": [[one.place, one.before, one.after] for one in tool.differences],
                }
                for tool in found.tools
            ]
            report = {"ok": True, "digest": found.digest, "gone": list(found.gone), "tools": tools}
            self.stdout.write(json.dumps({**report, **counts}))
            return
        for tool in found.tools:
            if tool.change:
                self.stdout.write(f"{tool.came:<8} {tool.name} {tool.change}")
            for one in tool.differences if tool.came == "changed" else ():
                self.stdout.write(f"         {one.place}: {one.before} -> {one.after}")
        for name in found.gone:
            self.stdout.write(f"gone     {name}")
        said = " ".join(f"{name}={count}" for name, count in counts.items())
        self.stdout.write(f"{said} gone={len(found.gone)} digest={found.digest}")


def _origin(options: dict[str, Any]) -> str:
    """Return where the description stood: an address without what may be secret, or a file."""
    text = str(options["openapi"] or options["mcp"])
    if "://" not in text:
        return Path(text).name
    parts = urlsplit(text)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
