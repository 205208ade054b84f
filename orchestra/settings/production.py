"""Production: PostgreSQL, Redis, workers; refuses to start on a missing secret."""

import os

from django.core.exceptions import ImproperlyConfigured

from orchestra.core.logs import logging_settings
from orchestra.settings.base import *  # noqa: F403  settings modules build on each other
from orchestra.settings.identity import read_identity
from orchestra.settings.mail import from_address
from orchestra.settings.networks import private_networks
from orchestra.settings.secrets import count, from_environment, optional

SECRET_KEY = from_environment("ORCHESTRA_SECRET_KEY")
LEDGER_SIGNING_KEY = from_environment("ORCHESTRA_LEDGER_KEY")
LOGGING = logging_settings(as_json=True)
LEDGER_NEXT_KEY = optional("ORCHESTRA_LEDGER_NEXT_KEY")
METRICS_TOKEN = optional("ORCHESTRA_METRICS_TOKEN")
LEDGER_CHECKPOINT_FILE = os.environ.get("ORCHESTRA_CHECKPOINT_FILE", "")
if not LEDGER_CHECKPOINT_FILE:
    raise ImproperlyConfigured(
        "set ORCHESTRA_CHECKPOINT_FILE to a file outside the database's machine"
    )

os.environ["DATABASE_URL"] = from_environment("DATABASE_URL")
DATABASES = {"default": database("")}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("production runs on PostgreSQL: set DATABASE_URL=postgres://…")

CELERY_BROKER_URL = from_environment("REDIS_URL")
# Codes that were used and refusals that were counted are known to every process.
CACHES = {
    "default": {
        "BACKEND": "orchestra.core.forgiving_cache.ForgivingRedisCache",
        "LOCATION": CELERY_BROKER_URL,
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1.0},
        "KEY_PREFIX": "orchestra",
    }
}
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3 * CELERY_TASK_TIME_LIMIT}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = CELERY_BROKER_TRANSPORT_OPTIONS
CELERY_VISIBILITY_TIMEOUT = 3 * CELERY_TASK_TIME_LIMIT

globals().update(from_address(from_environment("ORCHESTRA_MAIL_URL")))
DEFAULT_FROM_EMAIL = os.environ.get("ORCHESTRA_MAIL_FROM", "")
if not DEFAULT_FROM_EMAIL:
    raise ImproperlyConfigured("set ORCHESTRA_MAIL_FROM to the address that mail is sent from")

ALLOWED_HOSTS = [host for host in os.environ.get("ORCHESTRA_HOSTS", "").split(",") if host]
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("set ORCHESTRA_HOSTS to the host names served, with commas")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

SECURE_SSL_REDIRECT = os.environ.get("ORCHESTRA_TLS_AT_PROXY", "1") == "1"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SESSION_COOKIE_AGE = 60 * count("ORCHESTRA_SESSION_IDLE_MINUTES", 60)
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
IDENTITY = read_identity(is_local=False)
SOCIALACCOUNT_PROVIDERS = IDENTITY.providers
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += IDENTITY.origins
ORCHESTRA = {
    **ORCHESTRA,
    **IDENTITY.told,
    "ENVIRONMENT": os.environ.get("ORCHESTRA_ENVIRONMENT", "Production"),
    "PUBLIC_URL": os.environ.get("ORCHESTRA_PUBLIC_URL", f"https://{ALLOWED_HOSTS[0]}"),
    "LEDGER_ORIGIN": os.environ.get("ORCHESTRA_LEDGER_ORIGIN", f"{ALLOWED_HOSTS[0]}/ledger"),
    "SESSION_LONGEST_SECONDS": 60 * count("ORCHESTRA_SESSION_LONGEST_MINUTES", 8 * 60),
    "TRUSTED_PROXIES": count("ORCHESTRA_TRUSTED_PROXIES", 0, least=0),
    "PRIVATE_NETWORKS": private_networks(),
    "SESSIONS_PER_PERSON": count("ORCHESTRA_SESSIONS_PER_PERSON", 5),
    "REQUIRE_SECOND_FACTOR": os.environ.get("ORCHESTRA_REQUIRE_SECOND_FACTOR", "1") == "1",
}
