"""The cases application configuration."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Layers 1 to 5."""

    name = "cases"
    default_auto_field = "django.db.models.BigAutoField"
