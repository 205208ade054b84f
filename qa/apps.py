"""The quality application configuration."""

from django.apps import AppConfig


class QaConfig(AppConfig):
    """Layer 7 and quality."""

    name = "qa"
    default_auto_field = "django.db.models.BigAutoField"
