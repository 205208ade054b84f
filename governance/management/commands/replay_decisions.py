"""The earlier name of ``manage.py replay``, for scripts that use it."""

from governance.management.commands.replay import Command

__all__ = ["Command"]
