"""The editor of tables as a page holds it: what it shows, and what a browser sends back."""

from typing import Any

from django.http import QueryDict
from django.template.loader import render_to_string

from governance.admin.table_forms import find_errors
from governance.admin.tables import describe_editor
from governance.policies.catalogue import Catalogue, FactSpec, FactType, known_facts
from tests.factories.forms import fields_of
from tests.factories.policies import make_document

Json = Any
KNOWN = Catalogue(
    facts={
        **known_facts(),
        "account_age": FactSpec("account_age", FactType.WHOLE, "hours", "Since it was opened."),
    },
    tools=frozenset({"refund", "lookup", "cancel"}),
)


def shown(document: Json, opened: list[str], catalogue: Catalogue = KNOWN, **more: Any) -> str:
    errors = find_errors(document, catalogue=catalogue)
    context = describe_editor(document, errors, opened=opened, catalogue=catalogue, **more)
    return render_to_string("governance/table_editor.html", {"editor": context})


def all_rows(document: Json) -> list[str]:
    return [f"{group}.{n}" for group in ("rules", "limits") for n in range(len(document[group]))]


def sent(document: Json, opened: list[str], **changes: str) -> QueryDict:
    return fields_of(shown(document, opened), **changes)


def with_rule(when: list[Json], **changes: Json) -> Json:
    rule = {"id": "r", "title": "T", "when": when, "outcome": "deny", "reason": "R", **changes}
    return make_document(rules=[rule])
