# One image for every process: web, worker, scheduler and the commands of the operator.
FROM python:3.11.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=orchestra.settings.production
WORKDIR /srv/orchestra

COPY requirements.lock ./
RUN python -m pip install --no-cache-dir --require-hashes -r requirements.lock

COPY manage.py pyproject.toml ./
COPY orchestra orchestra
COPY governance governance
COPY cases cases
COPY qa qa
COPY templates templates

# Static files need no secret: the local settings make what they need in a folder that is left behind.
RUN useradd --system --create-home --home-dir /var/lib/orchestra --uid 10001 orchestra \
    && mkdir /tmp/var /srv/orchestra/staticfiles \
    && DJANGO_SETTINGS_MODULE=orchestra.settings.local ORCHESTRA_VAR=/tmp/var \
       python -c "import os, django; from django.conf import settings; django.setup(); \
settings.STATIC_ROOT = '/srv/orchestra/staticfiles'; \
settings.STORAGES['staticfiles']['BACKEND'] = 'whitenoise.storage.CompressedManifestStaticFilesStorage'; \
from django.core.management import call_command; call_command('collectstatic', interactive=False, verbosity=0)" \
    && rm -r /tmp/var

USER orchestra
ENV ORCHESTRA_VAR=/var/lib/orchestra
EXPOSE 8000
# The shell form would keep SIGTERM from the server.
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers-kill-timeout", "30", "--no-ws", "orchestra.wsgi:application"]
