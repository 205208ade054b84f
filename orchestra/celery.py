"""The Celery app; its schedule is data in settings (CELERY_BEAT_SCHEDULE)."""

import os

from celery import Celery

from orchestra import broker

broker.register()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.local")

app = Celery("orchestra")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["governance", "cases"])
