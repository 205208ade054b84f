"""The cases application configuration."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Layers 1 to 5."""

    name = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the rooms, before anything is proposed or decided."""
        from cases import wiring  # noqa: PLC0415  needs loaded apps

        wiring.connect()
