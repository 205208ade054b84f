"""Django's question whether a person holds an object permission, answered by what stands now."""

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import Model
from guardian.backends import ObjectPermissionBackend
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model

from governance.access.holding import live
from governance.access.models import User


class LiveObjectPermissionBackend(ObjectPermissionBackend):
    """Guardian's backend without what has ended.

    Guardian itself knows no end of a grant. Our own pages ask ``access.rules``; this is for
    whatever in Django or another package asks ``has_perm``.
    """

    def has_perm(self, user_obj: Any, perm: str, obj: Model | None = None) -> bool:
        """Return whether a person holds an object permission that has not ended."""
        if obj is None or not isinstance(user_obj, User) or not user_obj.is_active:
            return False
        app_label, _dot, codename = perm.rpartition(".")
        if app_label and app_label != obj._meta.app_label:  # noqa: SLF001  Django's documented entry for generic code
            return False
        return codename in self.get_all_permissions(user_obj, obj)

    def get_all_permissions(self, user_obj: Any, obj: Model | None = None) -> set[str]:
        """Return the codenames of the object permissions that have not ended."""
        if obj is None or not isinstance(user_obj, User) or not user_obj.is_active:
            return set()
        own: Any = get_user_obj_perms_model(obj)
        shared: Any = get_group_obj_perms_model(obj)
        if not hasattr(own, "until_at"):
            return set()
        holders = live("group__role_holdings")
        pks = [
            *own.objects.filter(live(), user=user_obj, content_object=obj).values_list(
                "permission", flat=True
            ),
            *shared.objects.filter(
                live(), holders, group__role_holdings__user=user_obj, content_object=obj
            ).values_list("permission", flat=True),
        ]
        return set(Permission.objects.filter(pk__in=pks).values_list("codename", flat=True))
