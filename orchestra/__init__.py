"""Exports the Celery app, nothing else."""

from orchestra.celery import app as celery_app

__all__ = ["celery_app"]
