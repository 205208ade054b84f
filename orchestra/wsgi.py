"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from orchestra.core.serving import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.local")

application = get_wsgi_application()
settle()
