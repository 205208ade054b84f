"""A scratch copy of a policy in the editor, its reading as one types, and its text as YAML."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.policies import find_version, with_version
from governance.admin.table_acts import Document
from governance.admin.table_forms import read_editor
from governance.admin.table_visit import Edit, edit_of
from governance.admin.visit import Crumb, Visit, page, render
from governance.policies.models import Policy, PolicyVersion
from governance.policies.yaml_text import to_yaml
from orchestra.core.errors import NotFoundError

POST = ("GET", "HEAD", "POST")


@page(
    "policies/<str:key>/edit/", name="policy_edit", capability=Capability.POLICY_EDIT, methods=POST
)
def policy_try(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show a copy of a version in the editor; whatever is pressed, nothing is stored."""
    del visit
    policy, version = _shown(request, key)
    editor = _edit(request, version).describe()
    return render(request, "governance/policy_try.html", _context(request, policy, version, editor))


@page(
    "policies/<str:key>/reading/",
    name="policy_reading",
    capability=Capability.POLICY_EDIT,
    methods=("POST",),
)
def policy_reading(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Answer how the open rows of a form read, with everything found."""
    del visit
    return JsonResponse(_edit(request, _shown(request, key)[1]).read())


@page(
    "policies/<str:key>/yaml/", name="policy_yaml", capability=Capability.POLICY_READ, methods=POST
)
def policy_yaml(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Download a version as YAML, or the scratch copy of whoever may edit."""
    policy, version = _shown(request, key)
    document: Document = dict(version.document)
    name = f"{policy.key}.v{version.number}.yaml"
    if request.method == "POST":
        if not visit.may(Capability.POLICY_EDIT):
            raise NotFoundError(_("There is no such page."))
        document, _errors = read_editor(request.POST)
        name = f"{policy.key}.scratch.yaml"
    answer = HttpResponse(to_yaml(document), content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _edit(request: HttpRequest, version: PolicyVersion) -> Edit:
    return edit_of(
        request, dict(version.document), against=dict(version.document), number=version.number
    )


def _shown(request: HttpRequest, key: str) -> tuple[Policy, PolicyVersion]:
    policy, _versions, version = find_version(key, request.GET.get("version", ""))
    if version is None:
        raise NotFoundError(_("There is no such version."))
    return policy, version


def _context(
    request: HttpRequest, policy: Policy, version: PolicyVersion, editor: dict[str, Any]
) -> dict[str, Any]:
    link = with_version(reverse("admin:policy", args=[policy.key]), version)
    return {
        "title": policy.title,
        "crumbs": [
            Crumb(_("Govern")),
            Crumb(_("Policies"), reverse("admin:policies")),
            Crumb(policy.title, link),
            Crumb(_("Try an edit")),
        ],
        "policy": policy,
        "version": version,
        "policy_link": link,
        "here": with_version(reverse("admin:policy_edit", args=[policy.key]), version),
        "reading_link": with_version(reverse("admin:policy_reading", args=[policy.key]), version),
        "yaml_link": with_version(reverse("admin:policy_yaml", args=[policy.key]), version),
        "editor": editor,
        "imported": request.POST.get("yaml", ""),
    }
