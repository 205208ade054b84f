"""The embedded default: SQLite, a filesystem broker, no server, no secret to create."""

import os

from orchestra.settings.base import *  # noqa: F403  settings modules build on each other
from orchestra.settings.identity import read_identity
from orchestra.settings.networks import private_networks
from orchestra.settings.secrets import DjangoKey, SigningKey, kept, made_once, writable

writable(VAR_DIR)
DEBUG = os.environ.get("ORCHESTRA_DEBUG") == "1"
SECRET_KEY = made_once(VAR_DIR / "django.key", DjangoKey)
LEDGER_SIGNING_KEY = made_once(VAR_DIR / "ledger.key", SigningKey)
LEDGER_NEXT_KEY = kept(VAR_DIR / "ledger.next.key")
LEDGER_CHECKPOINT_FILE = VAR_DIR / "checkpoints.txt"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
DATABASES = {"default": database(f"sqlite:///{VAR_DIR / 'orchestra.sqlite3'}")}

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_FILE_PATH.mkdir(parents=True, exist_ok=True)
DEFAULT_FROM_EMAIL = "orchestra@example.com"

BROKER_DIR = VAR_DIR / "broker"
CELERY_BROKER_URL = os.environ.get("REDIS_URL", "embedded://")
if CELERY_BROKER_URL == "embedded://":
    for name in ("messages", "processed", "control"):
        (BROKER_DIR / name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
        "polling_interval": 0.05,
    }

SESSION_COOKIE_AGE = 12 * 60 * 60
IDENTITY = read_identity(is_local=True)
SOCIALACCOUNT_PROVIDERS = IDENTITY.providers
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += IDENTITY.origins
ORCHESTRA = {
    **ORCHESTRA,
    **IDENTITY.told,
    "PRIVATE_NETWORKS": private_networks("127.0.0.0/8", "::1/128"),
    "ALLOW_TEST_STEP_UP": True,
    "SESSION_LONGEST_SECONDS": 12 * 60 * 60,
}
if "ORCHESTRA_PUBLIC_URL" in os.environ:
    ORCHESTRA["PUBLIC_URL"] = os.environ["ORCHESTRA_PUBLIC_URL"]
