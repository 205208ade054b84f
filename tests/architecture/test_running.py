"""What is written of running it holds: every setting that is read, and the composed processes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
PRODUCT = ("orchestra", "governance", "cases", "qa")
#: Functions of the settings whose first argument names a variable.
READERS = frozenset({"from_environment", "optional", "count", "_listed", "getenv"})
NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
#: Read, and not for production: each with its reason.
ELSEWHERE = {
    "ORCHESTRA_DEBUG": "the embedded settings alone read it",
    "ORCHESTRA_CRASH": "names the point at which the fault tests end a process",
    "ORCHESTRA_TEST_DIR": "where the tests keep their files",
    "PYTEST_XDIST_WORKER": "which of the processes of a test run this is",
}
#: What production refuses to start without.
NEEDED = (
    "ORCHESTRA_SECRET_KEY",
    "ORCHESTRA_LEDGER_KEY",
    "ORCHESTRA_CHECKPOINT_FILE",
    "DATABASE_URL",
    "REDIS_URL",
    "ORCHESTRA_HOSTS",
    "ORCHESTRA_MAIL_URL",
    "ORCHESTRA_MAIL_FROM",
)


def sources() -> Iterator[Path]:
    for app in PRODUCT:
        yield from sorted((ROOT / app).rglob("*.py"))


def named(tree: ast.AST) -> Iterator[str]:
    """Yield the names of variables that a module reads, or holds as a name of ours."""
    for node in ast.walk(tree):
        for text in naming(node):
            if isinstance(text, ast.Constant) and NAME.fullmatch(str(text.value)):
                yield str(text.value)


def naming(node: ast.AST) -> list[ast.expr]:
    """Return what in a node may name a variable."""
    if isinstance(node, ast.Call):
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        reads = name in READERS or is_environment(getattr(called, "value", None))
        return node.args[:1] if reads else []
    if isinstance(node, ast.Subscript):
        return [node.slice] if is_environment(node.value) else []
    return [node] if isinstance(node, ast.Constant) and is_ours(node.value) else []


def is_environment(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "environ"


def is_ours(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("ORCHESTRA_", "OTEL_"))


def read_by_the_product() -> set[str]:
    return {
        name
        for file in sources()
        for name in named(ast.parse(file.read_text(encoding="utf-8")))
        if not name.endswith("_FILE") or name == "ORCHESTRA_CHECKPOINT_FILE"
    }


def table() -> dict[str, list[str]]:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]
    return {row[0].strip("`"): row for row in cells if NAME.fullmatch(row[0].strip("`"))}


def test_every_setting_that_is_read_stands_in_the_table_and_no_other() -> None:
    read = read_by_the_product()
    assert len(read) > 35
    assert set(ELSEWHERE) <= read
    assert read - set(ELSEWHERE) == set(table())


@pytest.mark.parametrize("name", sorted(table()))
def test_every_row_says_what_it_means_its_default_an_example_and_whether_it_is_secret(
    name: str,
) -> None:
    row = table()[name]
    assert len(row) == 5, row
    _name, meaning, default, example, secret = row
    assert len(meaning) > 12
    assert default
    assert example
    assert secret in ("yes", "no")
    # A secret's name says so, or it is an address that may hold a password.
    hides = re.search(r"KEY|SECRET|TOKEN|_URL$", name) is not None
    assert (secret == "yes") == (hides and name != "ORCHESTRA_PUBLIC_URL")


def test_what_production_needs_is_marked_and_nothing_else() -> None:
    assert {name for name, row in table().items() if row[2] == "needed"} == set(NEEDED)


SERVICE: dict[str, Any] = {
    "type": "object",
    "required": ["image"],
    "additionalProperties": False,
    "properties": {
        "image": {"type": "string", "pattern": r"^[a-z]+:\d[\w.-]*$"},
        "build": {"const": "."},
        "command": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "restart": {"enum": ["no", "unless-stopped"]},
        "environment": {
            "type": "object",
            "propertyNames": {"pattern": "^[A-Z][A-Z0-9_]*$"},
            "additionalProperties": {"type": "string", "minLength": 1},
        },
        "secrets": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "volumes": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+:/[\\w/]+$"}},
        "ports": {"type": "array", "items": {"pattern": r"^127\.0\.0\.1:\d+:\d+$"}},
        "stop_signal": {"const": "SIGTERM"},
        "stop_grace_period": {"type": "string", "pattern": r"^\d+s$"},
        "healthcheck": {
            "type": "object",
            "required": ["test", "interval", "timeout", "retries"],
            "additionalProperties": False,
            "properties": {
                "test": {
                    "type": "array",
                    "minItems": 2,
                    "prefixItems": [{"const": "CMD"}],
                    "items": {"type": "string"},
                },
                "interval": {"pattern": r"^\d+s$"},
                "timeout": {"pattern": r"^\d+s$"},
                "retries": {"type": "integer", "minimum": 1},
            },
        },
        "depends_on": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["condition"],
                "additionalProperties": False,
                "properties": {
                    "condition": {"enum": ["service_healthy", "service_completed_successfully"]}
                },
            },
        },
    },
}
#: As much of the Compose Specification as is used here.
COMPOSE: dict[str, Any] = {
    "type": "object",
    "required": ["services", "secrets", "volumes"],
    "additionalProperties": False,
    "patternProperties": {"^x-": {}},
    "properties": {
        "services": {"type": "object", "additionalProperties": SERVICE},
        "secrets": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["file"],
                "additionalProperties": False,
                "properties": {"file": {"type": "string", "pattern": "^\\./secrets/[a-z_]+$"}},
            },
        },
        "volumes": {"type": "object", "additionalProperties": {"type": "null"}},
    },
}


@pytest.fixture
def composed() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return read


def test_the_composed_processes_are_what_the_specification_allows(
    composed: dict[str, Any],
) -> None:
    jsonschema.validate(composed, COMPOSE, cls=jsonschema.Draft202012Validator)
    services = composed["services"]
    assert {"database", "redis", "migrate", "web", "worker", "scheduler"} == set(services)
    for name, service in services.items():
        assert set(service.get("secrets", ())) <= set(composed["secrets"]), name
        for volume in service.get("volumes", ()):
            assert volume.partition(":")[0] in composed["volumes"], name
        for other, how in service.get("depends_on", {}).items():
            is_health = how["condition"] == "service_healthy"
            assert other in services, name
            assert not is_health or "healthcheck" in services[other], name
    used = {secret for service in services.values() for secret in service.get("secrets", ())}
    assert used == set(composed["secrets"])


def test_only_what_compose_can_put_in_is_left_open() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    opened = re.findall(r"\$(.[^}\s]*)", text)
    assert opened
    for one in opened:
        assert re.match(r"\{ORCHESTRA_[A-Z_]+(:\?|$)", one), one


@pytest.mark.parametrize("name", ["migrate", "web", "worker", "scheduler"])
def test_every_process_of_ours_is_told_what_production_needs_and_nothing_unknown(
    composed: dict[str, Any], name: str
) -> None:
    service = composed["services"][name]
    told = {
        key.removesuffix("_FILE") if key not in NEEDED else key for key in service["environment"]
    }
    assert set(NEEDED) <= told
    assert told <= set(table())
    for key, value in service["environment"].items():
        plain = key.removesuffix("_FILE")
        if value.startswith("/run/secrets/"):
            assert value.removeprefix("/run/secrets/") in service["secrets"]
            assert table()[plain][4] == "yes"
    # Longer than a worker takes to let go of what it runs.
    assert int(service["stop_grace_period"].removesuffix("s")) > 30


def test_the_image_is_pinned_runs_as_nobody_and_holds_every_app() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    bases = re.findall(r"(?m)^FROM (\S+)", text)
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", bases[0])
    assert re.search(r"(?m)^USER (?!root)\w+", text)
    assert "--require-hashes" in text
    kept = set((ROOT / ".dockerignore").read_text(encoding="utf-8").split())
    for copied in re.findall(r"(?m)^COPY (.+) \S+$", text):
        for source in copied.split():
            assert (ROOT / source).exists()
            assert f"!{source}" in kept
    assert {f"!{app}" for app in (*PRODUCT, "templates")} <= kept
