"""The WSGI entry of the hand-written comparison."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.plain.settings")

# Celery's app must stand before a view calls ``.delay()``.
from benchmarks.plain.celery import app

__all__ = ["app", "application"]

application = get_wsgi_application()
