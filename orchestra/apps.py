"""The shell's application configuration."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db.backends.signals import connection_created

from orchestra.core import tracing
from orchestra.core.cursors import without_compiling


class OrchestraConfig(AppConfig):
    """The shell: site, pages' shared parts, commands that span apps."""

    name = "orchestra"
    default = True
    verbose_name = "Orchestra"

    def ready(self) -> None:
        """Register what the shell holds of customers, and how long it keeps it."""
        from governance.privacy.registry import holders  # noqa: PLC0415  needs loaded apps
        from governance.retention.registry import classes  # noqa: PLC0415  needs loaded apps
        from orchestra.api.holders import HOLDERS  # noqa: PLC0415  needs loaded apps
        from orchestra.api.keeping import CLASSES  # noqa: PLC0415  needs loaded apps

        tracing.configure()
        connection_created.connect(without_compiling, dispatch_uid="without_compiling")
        for holder in HOLDERS:
            holders.register(holder.code, holder)
        for kept in CLASSES:
            classes.register(kept.code, kept)


class OrchestraAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our site as the default one."""

    default = False
    default_site = "orchestra.site.OrchestraSite"
