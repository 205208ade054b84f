"""The shell's application configuration."""

from django.apps import AppConfig


class OrchestraConfig(AppConfig):
    """The shell: site, pages' shared parts, commands that span apps."""

    name = "orchestra"
    verbose_name = "Orchestra"
