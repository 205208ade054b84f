"""Everything the settings modules share. Times are UTC, money is minor units."""

import os
from pathlib import Path
from typing import Any

import dj_database_url
from django.conf import global_settings
from django.utils.translation import gettext_lazy as _

from orchestra.core.logs import configure_structlog, logging_settings
from orchestra.settings import theme
from orchestra.settings.threads import live_streams

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(os.environ.get("ORCHESTRA_VAR", BASE_DIR / "var"))


#: How long a connection is kept, by threads that answer requests and by those that run tasks.
CONNECTION_SECONDS = 600


def database(default: str) -> dict[str, Any]:
    """Return the database named by DATABASE_URL, with the settings our promises need."""
    config: dict[str, Any] = dict(
        dj_database_url.parse(
            os.environ.get("DATABASE_URL", default),
            conn_max_age=CONNECTION_SECONDS,
            conn_health_checks=True,
        )
    )
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
            "PRAGMA secure_delete=ON;",
        }
    elif os.environ.get("ORCHESTRA_PLANNED_STATEMENTS", "1") == "1":
        # What is asked again and again is planned once a connection: see core/cursors.py.
        config.setdefault("OPTIONS", {})["prepare_threshold"] = 2
    return config


DEBUG = False
ROOT_URLCONF = "orchestra.urls"
WSGI_APPLICATION = "orchestra.wsgi.application"
ASGI_APPLICATION = "orchestra.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "governance.User"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.simple_history",
    "orchestra.apps.OrchestraAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "guardian",
    "simple_history",
    "axes",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "governance",
    "cases",
    "qa",
    "orchestra",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "orchestra.core.origin.origin_middleware",
    "orchestra.core.request_ids.request_id_middleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "orchestra.sign_in.who.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "orchestra.sign_in.activity.activity_middleware",
    "axes.middleware.AxesMiddleware",
    "orchestra.api.tracing.TraceMiddleware",
    "orchestra.api.idempotency.IdempotencyMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "governance.access.backends.LiveObjectPermissionBackend",
]
# The backend above is guardian's own, without what has ended; the check knows only its name.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
UNFOLD = theme.UNFOLD
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
ANONYMOUS_USER_NAME = None
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# A lock-out ends when its page said it would, whatever is tried meanwhile.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "password", "code", "csrfmiddlewaretoken"]
AXES_HANDLER = "governance.access.lockout.LockOutHandler"
AXES_LOCKOUT_CALLABLE = "orchestra.sign_in.locked.locked_out"

ACCOUNT_ADAPTER = "orchestra.sign_in.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = None
# Wrong passwords are counted in the database; codes also by person, whatever the address.
ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": "10/5m/key"}
SOCIALACCOUNT_ADAPTER = "orchestra.sign_in.identity.IdentityAdapter"
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
MFA_ADAPTER = "governance.access.factor_store.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "orchestra.core.uploads.LimitedUpload",
    *global_settings.FILE_UPLOAD_HANDLERS,
]
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "governance.access.sessions"
#: How long a session lives without use; SESSION_LONGEST_SECONDS caps it.
SESSION_COOKIE_AGE = 60 * 60
# The row says when it is over; a cookie with an end of its own would have to move with it.
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CONTENT_SECURITY_POLICY: dict[str, dict[str, list[str]]] = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "orchestra.api.authentication.AgentTokenAuthentication",
        "orchestra.api.authentication.PersonSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["governance.api.permissions.HasCapability"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["orchestra.api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "orchestra.api.pagination.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "orchestra.api.errors.problem_response",
    "UNAUTHENTICATED_USER": None,
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Orchestra",
    "DESCRIPTION": "Governance for AI agents and people who work customer cases together.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "StopScopeEnum": "governance.api.stops.SCOPES",
        "ReasonCodeEnum": "cases.api.approvals_batch.REJECT_REASONS",
        "HandoffReasonEnum": "cases.api.inputs.REASONS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "orchestra.api.schema.describe_refusals",
        "orchestra.api.links.describe_links",
    ],
}

CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
#: After so many tasks Celery closes the connection, by default around each: never, as it is
#: orchestra/celery.py that lets old ones go.
CELERY_DB_REUSE_MAX = 1_000_000_000

#: Files with evidence, outside the database; every worker and web process shares the folder.
EVIDENCE_DIR = Path(os.environ.get("ORCHESTRA_EVIDENCE_DIR", VAR_DIR / "exports"))

#: Seconds; tests shorten them.
ORCHESTRA: dict[str, Any] = {
    # So many proxies in front are believed about whom they forward for.
    "TRUSTED_PROXIES": 0,
    "LEASE_SECONDS": 30.0,
    "SWEEP_SECONDS": 15.0,
    # A second classifier behind an OpenAI-compatible address; off without one.
    "INTAKE_ENDPOINT": os.environ.get("ORCHESTRA_INTAKE_ENDPOINT", ""),
    "INTAKE_MODEL": os.environ.get("ORCHESTRA_INTAKE_MODEL", ""),
    "INTAKE_TOKEN": os.environ.get("ORCHESTRA_INTAKE_TOKEN", ""),
    "INTAKE_TIMEOUT_SECONDS": 10.0,
    # A model that drafts replies for people, behind an OpenAI-compatible address; off without.
    "ASSIST_ENDPOINT": os.environ.get("ORCHESTRA_ASSIST_ENDPOINT", ""),
    "ASSIST_MODEL": os.environ.get("ORCHESTRA_ASSIST_MODEL", ""),
    "ASSIST_TOKEN": os.environ.get("ORCHESTRA_ASSIST_TOKEN", ""),
    "ASSIST_TIMEOUT_SECONDS": 8.0,
    # A model that judges interactions behind an OpenAI-compatible address; off without one.
    "JUDGE_ENDPOINT": os.environ.get("ORCHESTRA_JUDGE_ENDPOINT", ""),
    "JUDGE_MODEL": os.environ.get("ORCHESTRA_JUDGE_MODEL", ""),
    "JUDGE_TOKEN": os.environ.get("ORCHESTRA_JUDGE_TOKEN", ""),
    "JUDGE_TIMEOUT_SECONDS": 60.0,
    "TRAINING_LEASE_SECONDS": 600.0,
    "SEQUENCE_SECONDS": 1.0,
    "VERIFY_SECONDS": 900.0,
    "RECONCILE_SECONDS": 900.0,
    "RECONCILE_WHOLE_SECONDS": 86400.0,
    "REPLAY_SECONDS": 3600.0,
    # How often what tools were imported from is read again, where that has an address.
    "UPSTREAM_WATCH_SECONDS": 3600.0,
    "BACKLOG_ALARM": 5000,
    "BACKOFF_SECONDS": 0.5,
    "UNKNOWN_REMINDER_MINUTES": 15,
    "APPROVAL_DEADLINE_MINUTES": 60,
    "EXECUTION_DEADLINE_MINUTES": 10,
    "STEP_UP_SECONDS": 300,
    "SESSION_LONGEST_SECONDS": 8 * 60 * 60,
    "SESSION_USE_SECONDS": 60,
    "SESSIONS_PER_PERSON": 5,
    # Bytes; larger files are refused, wherever they are sent.
    "EVIDENCE_FILE_BYTES": 10 * 1024 * 1024,
    "REQUIRE_SECOND_FACTOR": False,
    "SECOND_FACTOR_FOR": ("approval.vote", "change.review", "change.publish", "access.manage"),
    "PASSWORD_SIGN_IN": True,
    "BREAK_GLASS": frozenset(),
    "IDENTITY_ORIGINS": (),
    "IDENTITY_NEW_PEOPLE": False,
    "CLAIM_MINUTES": 10,
    # So often a case may go between the same two owners before a supervisor has to end it.
    "HANDOFF_PASSES": 4,
    "APPROVAL_REMINDER_SHARES": (1 / 2, 1 / 6),
    "APPROVAL_ESCALATION_SHARES": (1 / 3,),
    "REVIEW_EXPIRY_DAYS": 14,
    "FOLLOW_SECONDS": 2.0,
    "MEASURE_SECONDS": 10.0,
    "COMPUTE_SECONDS": 300.0,
    "SIGN_SECONDS": 5.0,
    "DEAF_SECONDS": 30.0,
    "MAIL_SWEEP_SECONDS": 10.0,
    "MAIL_BACKOFF_SECONDS": 15.0,
    "WEBHOOK_SWEEP_SECONDS": 5.0,
    "RETENTION_SECONDS": 300.0,
    # How many live streams one process holds: what its server's threads leave, see threads.py.
    "LIVE_STREAMS": live_streams(),
    # And how many of them one person: a page holds one only while it is looked at.
    "LIVE_STREAMS_EACH": 6,
    "LIVE_SECONDS": 25.0,
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "ALLOW_TEST_STEP_UP": False,
    "VIGILANCE_ALLOWED": os.environ.get("ORCHESTRA_VIGILANCE") == "1",
    "LEDGER_ORIGIN": "orchestra.local/ledger",
    "PRIVATE_NETWORKS": (),
    "CRASH_POINTS": False,
    "ENVIRONMENT": "Demonstration",
}

#: What finds work that no message announced.
CELERY_BEAT_SCHEDULE = {
    name: {"task": name, "schedule": seconds, "options": {"expires": max(4 * seconds, 10)}}
    for name, seconds in {
        "governance.ledger.sequence": ORCHESTRA["SEQUENCE_SECONDS"],
        "governance.liveness.sign": ORCHESTRA["SIGN_SECONDS"],
        "governance.access.end_due": ORCHESTRA["SWEEP_SECONDS"],
        "governance.approvals.expire": ORCHESTRA["SWEEP_SECONDS"],
        "governance.approvals.vigilance": ORCHESTRA["SWEEP_SECONDS"],
        "governance.policies.rehearse_due": ORCHESTRA["SWEEP_SECONDS"],
        "governance.policies.shadow": ORCHESTRA["SWEEP_SECONDS"],
        "governance.policies.replay_nightly": ORCHESTRA["REPLAY_SECONDS"],
        "governance.reviews.publish": ORCHESTRA["SWEEP_SECONDS"],
        "governance.reviews.expire": ORCHESTRA["SWEEP_SECONDS"],
        "cases.intake.train": ORCHESTRA["SWEEP_SECONDS"],
        "governance.ledger.index": ORCHESTRA["FOLLOW_SECONDS"],
        "governance.notifications.follow": ORCHESTRA["FOLLOW_SECONDS"],
        "qa.measurement.follow": ORCHESTRA["MEASURE_SECONDS"],
        "qa.measurement.compute": ORCHESTRA["COMPUTE_SECONDS"],
        "governance.notifications.send": ORCHESTRA["MAIL_SWEEP_SECONDS"],
        "governance.webhooks.send": ORCHESTRA["WEBHOOK_SWEEP_SECONDS"],
        "governance.evidence.build_due": ORCHESTRA["SWEEP_SECONDS"],
        "governance.privacy.due": ORCHESTRA["SWEEP_SECONDS"],
        "governance.subject_access.build_due": ORCHESTRA["RETENTION_SECONDS"],
        "governance.controls.make": ORCHESTRA["SWEEP_SECONDS"],
        "governance.retention.run_due": ORCHESTRA["RETENTION_SECONDS"],
        "governance.ledger.verify": ORCHESTRA["VERIFY_SECONDS"],
        "governance.access.forget_sessions": ORCHESTRA["REPLAY_SECONDS"],
        "cases.tools.sweep": ORCHESTRA["SWEEP_SECONDS"],
        "cases.tools.watch_upstreams": ORCHESTRA["UPSTREAM_WATCH_SECONDS"],
        "cases.journeys.deadlines": ORCHESTRA["SWEEP_SECONDS"],
        "cases.journeys.sum": ORCHESTRA["SWEEP_SECONDS"],
        "cases.channels.forget": ORCHESTRA["REPLAY_SECONDS"],
        "cases.handoff.overdue": ORCHESTRA["SWEEP_SECONDS"],
        "qa.disputes.pass_late": ORCHESTRA["SWEEP_SECONDS"],
        "cases.memory.clear_files": ORCHESTRA["REPLAY_SECONDS"],
        "cases.memory.end_idle": ORCHESTRA["REPLAY_SECONDS"],
        "qa.findings.run": ORCHESTRA["SWEEP_SECONDS"],
        "qa.findings.judge": ORCHESTRA["SWEEP_SECONDS"],
        "qa.findings.licences": ORCHESTRA["REPLAY_SECONDS"],
        "cases.reconciliation.recent": ORCHESTRA["RECONCILE_SECONDS"],
        "cases.reconciliation.whole": ORCHESTRA["RECONCILE_WHOLE_SECONDS"],
        "qa.population.follow": ORCHESTRA["FOLLOW_SECONDS"],
        "qa.sampling.draw": ORCHESTRA["SWEEP_SECONDS"],
        "qa.figures.sum": ORCHESTRA["SWEEP_SECONDS"],
        "qa.targets.watch": ORCHESTRA["COMPUTE_SECONDS"],
        "qa.digest.send": ORCHESTRA["COMPUTE_SECONDS"],
    }.items()
}

configure_structlog()
LOGGING = logging_settings(as_json=False)
