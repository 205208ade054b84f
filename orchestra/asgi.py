"""ASGI entry point."""

import os

from django.core.asgi import get_asgi_application

from orchestra.core.serving import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.local")

application = get_asgi_application()
settle()
