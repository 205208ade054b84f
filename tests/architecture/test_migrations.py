"""No model change without a migration; migrations import no app code beyond what is frozen."""

import ast
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

ROOT = Path(__file__).parents[2]
MIGRATIONS = sorted(
    path
    for app in ("governance", "cases", "qa", "orchestra")
    for path in (ROOT / app / "migrations").glob("0*.py")
)
FROZEN = {
    "governance.ledger.append_only",
    "orchestra.core.at_once",
    "orchestra.core.fields",
    "orchestra.core.history",
    "orchestra.core.indexes",
}


@pytest.mark.django_db
def test_no_model_change_without_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: str(path.relative_to(ROOT)))
def test_migrations_import_only_what_is_frozen(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    ours = {
        name
        for name in imported
        if name.split(".")[0] in {"orchestra", "governance", "cases", "qa"}
    }
    assert ours <= FROZEN


@pytest.mark.django_db
@pytest.mark.parametrize(
    "table", ["governance_ledgerentry", "governance_approvalrequest", "cases_toolcall"]
)
def test_no_index_for_patterns_where_every_action_writes(table: str) -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
    assert found
    assert [name for name in found if name.endswith("_like")] == []
