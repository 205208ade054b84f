"""Re-exports the shell's models for Django; imported by nobody."""

from orchestra.api.models import IdempotencyRecord

__all__ = ["IdempotencyRecord"]
