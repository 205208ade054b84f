"""The quality application configuration."""

from django.apps import AppConfig


class QaConfig(AppConfig):
    """Layer 7 and quality."""

    name = "qa"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the rooms, before anything is published or judged."""
        from qa import wiring  # noqa: PLC0415  needs loaded apps

        wiring.connect()
