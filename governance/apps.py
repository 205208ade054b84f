"""Governance's application configuration."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """Layer 6."""

    name = "governance"
    default_auto_field = "django.db.models.BigAutoField"
