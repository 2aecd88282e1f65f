"""Settings, all of them from the environment (see docs/how-to/deploy.md for what each one means)."""

import hashlib
import hmac
from pathlib import Path
from typing import Any

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
DEMO_SECRET = "demo-secret-of-a-checkout-that-holds-no-real-person"  # noqa: S105  refused when DEBUG is off

env = environ.Env()

DEBUG = env.bool("DEBUG", default=True)
SECRET_KEY = env.str("SECRET_KEY", default=DEMO_SECRET)
if not DEBUG and SECRET_KEY == DEMO_SECRET:
    raise ImproperlyConfigured(
        "DEBUG is off but SECRET_KEY is the demo secret, which anyone can read. "
        "Set SECRET_KEY to 50 or more random characters of your own."
    )


# Secrets of before: what they signed or sealed can still be read, and is sealed anew with the present one.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])


def derived_key(purpose: str, secret: str = SECRET_KEY) -> str:
    """Hex key for one purpose, so that a leak of one never gives away SECRET_KEY."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()


# The audit chain is keyed from outside the database: who can edit rows still cannot re-sign them.
AUDIT_KEY = env.str("AUDIT_KEY", default=derived_key("audit"))
# What stays of people whom retention removed is keyed: without this nobody can tell whose count it is.
PSEUDONYM_KEY = env.str("PSEUDONYM_KEY", default="") or derived_key("pseudonym")

VAR_DIR = BASE_DIR / env.str("HIU_VAR", default="var")
# Where the audit stood at some hours, outside the database: whoever cuts off its end is found out.
AUDIT_ANCHORS = env.str("AUDIT_ANCHORS", default=str(VAR_DIR / "audit-anchors.jsonl"))
DEMO = env.bool("HIU_DEMO", default=DEBUG)
HTTPS = env.bool("HIU_HTTPS", default=not DEBUG)

PRODUCT_NAME = env.str("HIU_PRODUCT_NAME", default="HIU casework")
BRAND_COLOUR = env.str("HIU_BRAND_COLOUR", default="#1d4f5c")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "crispy_forms",
    "allauth.account",
    "allauth.mfa",
    "hiu",
    "governance",
    "cohorts",
    "casework",
    "evaluation",
]

# The first three add headers to whatever those below them answer, files and failures too; they stay first.
MIDDLEWARE = [
    "hiu.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "governance.sign_in.middleware.SessionAgeMiddleware",
    "governance.sign_in.middleware.SignInRequiredMiddleware",
    "governance.sign_in.middleware.SecondFactorMiddleware",
    "governance.middleware.ServiceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "hiu.urls"
WSGI_APPLICATION = "hiu.wsgi.application"

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
                "hiu.navigation.page_frame",
            ],
        },
    },
]


def _databases() -> dict[str, dict[str, Any]]:
    """`default` signs in as a role that owns nothing; `owner` is used by prepare_database alone.

    With DATABASE_OWNER_URL set, DATABASE_URL is the application's role. With DATABASE_URL alone it
    is the owner's, and prepare_database makes the role `<database>_app` with a derived password.
    """
    url = env.str("DATABASE_URL", default="postgres://127.0.0.1:5432/hiu")
    owner_url = env.str("DATABASE_OWNER_URL", default="")
    application = env.db_url_config(url)
    owner = env.db_url_config(owner_url or url)
    if not owner_url:
        application = {
            **application,
            "USER": f"{owner['NAME']}_app",
            "PASSWORD": derived_key("database role"),
        }
    for database in (application, owner):
        database["CONN_HEALTH_CHECKS"] = True
    application["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    return {"default": application, "owner": {**owner, "TEST": {"MIRROR": "default"}}}


DATABASES = _databases()
# With an owner named apart, the application's role was made by somebody: its password is not ours to set.
APPLICATION_ROLE_IS_GIVEN = bool(env.str("DATABASE_OWNER_URL", default=""))
DATABASE_ROUTERS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "governance.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# The second factor: allauth keeps and checks it, governance.sign_in asks for it.
MFA_ADAPTER = "governance.sign_in.adapter.SealedFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
# Keys of what must not be read out of the database: the first one seals, every one opens.
MFA_KEYS = [
    key
    for key in (
        env.str("MFA_KEY", default=""),
        *env.list("MFA_KEY_FALLBACKS", default=[]),
        *(derived_key("second factor", secret) for secret in (SECRET_KEY, *SECRET_KEY_FALLBACKS)),
    )
    if key
]
# Keys of what phones seal while they have no network: browsers get the public half of the first, every one opens.
OUTBOX_KEYS = [
    key
    for key in (
        env.str("OUTBOX_KEY", default=""),
        *env.list("OUTBOX_KEY_FALLBACKS", default=[]),
        *(derived_key("outbox", secret) for secret in (SECRET_KEY, *SECRET_KEY_FALLBACKS)),
    )
    if key
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# Per account and never per address: a whole office may sit behind one.
SIGN_IN_LIMITS = {
    "password": "10/5m/key",
    "code": "10/5m/key,30/d/key",
    # What may be sent by one link of an organisation that refers without an account.
    "refer": "20/h/key,100/d/key",
}

# In the session, not in a cookie: a message may hold a first password.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_HTTPONLY = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# A session ends after so long without use, and in any case after a working day (both in seconds).
SESSION_IDLE = env.int("HIU_IDLE_MINUTES", default=15) * 60
SESSION_COOKIE_AGE = 10 * 60 * 60
SESSION_WARNING = 2 * 60

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# The prefix makes the browser insist on HTTPS, on this very host, and on the whole of it.
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# In PostgreSQL, so that counts of tries hold for every process, and with Redis down. Full means 1 in 3 are
# thrown away, so it is never to be full.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "hiu_cache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Nobody else's pages have a use for our files.
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Never served by URL: extracts, rejects and reports leave through views that check who asks.
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# Files that come in by themselves. Each source that is watched has a folder <service>/<source> in this one.
WATCHED_FOLDER = env.str("WATCHED_FOLDER", default="")
# Our NHS MESH mailbox; without an address nothing is collected. The last three are files.
MESH_URL = env.str("MESH_URL", default="")
MESH_MAILBOX = env.str("MESH_MAILBOX", default="")
MESH_PASSWORD = env.str("MESH_PASSWORD", default="")
MESH_SHARED_KEY = env.str("MESH_SHARED_KEY", default="")
MESH_CERT = env.str("MESH_CERT", default="")
MESH_KEY = env.str("MESH_KEY", default="")
MESH_CA = env.str("MESH_CA", default="")

CRISPY_ALLOWED_TEMPLATE_PACKS = ["nhsuk"]
CRISPY_TEMPLATE_PACK = "nhsuk"

# The broker is only a doorbell: state lives in PostgreSQL, and a sweep rings again what it lost.
CELERY_BROKER_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 2 * 60 * 60, "socket_timeout": 5}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # it would put its own handler in the place of ours
CELERY_BEAT_SCHEDULE = {
    "sweep-extracts": {
        "task": "cohorts.tasks.sweep_extracts",
        "schedule": env.float("HIU_SWEEP_SECONDS", default=20.0),
    },
    "watch-folders": {"task": "cohorts.tasks.watch_folders", "schedule": 60.0},
    # NHS England asks for no more than one look every five minutes.
    "collect-mesh": {"task": "cohorts.tasks.collect_mesh", "schedule": 5 * 60.0},
    "watch-visits": {"task": "casework.tasks.watch_visits", "schedule": 60.0},
    "seal-changes": {"task": "governance.tasks.seal_changes", "schedule": 60.0},
    "anchor-audit": {"task": "governance.tasks.anchor_audit", "schedule": 60.0 * 60},
    "forget-sessions": {"task": "governance.tasks.forget_sessions", "schedule": 60.0 * 60},
    # Early in the morning, London time, in any season.
    "keep-calendar": {"task": "cohorts.tasks.keep_calendar", "schedule": crontab(hour="5", minute="10")},
    # At night in any season, and not in the hour that is two days at once (23:00 to 24:00 UTC in summer).
    "purge-expired": {"task": "governance.tasks.purge_expired", "schedule": crontab(hour="2", minute="40")},
    # A fortnight after a quarter ended, when the late contacts are in.
    "compare-weights": {
        "task": "casework.tasks.compare_all_weights",
        "schedule": crontab(hour="4", minute="10", day_of_month="14", month_of_year="1,4,7,10"),
    },
    # From what is stored a fortnight after the quarter: a draft, which somebody reads and releases.
    "draft-reports": {
        "task": "evaluation.tasks.draft_reports",
        "schedule": crontab(hour="4", minute="40", day_of_month="15", month_of_year="1,4,7,10"),
    },
    # What changes somebody's name has their words made at once; this looks at everybody.
    "refresh-search-keys": {
        "task": "governance.tasks.refresh_search_keys",
        "schedule": crontab(hour="3", minute="40"),
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_values": {"()": "hiu.logs.WithoutValues"}},
    # On a developer's machine everybody is invented, and the words of a failure help.
    "formatters": {
        "ours": {"format": "{levelname} {name}: {message}", "style": "{"}
        if DEBUG
        else {"()": "hiu.logs.Formatter"}
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "ours", "filters": ["without_values"]}
    },
    # A line for each letter of a PDF helps nobody.
    "loggers": {"fontTools": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
