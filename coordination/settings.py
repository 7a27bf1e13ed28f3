"""All settings, from the environment.

Embedded mode (no DATABASE_URL): SQLite, a bundled Valkey on a Unix socket and mails written to
a folder, everything under DATA_DIR. Otherwise PostgreSQL, Redis and SMTP as given, with secure
cookies and HSTS unless HTTPS=off says that a proxy in front does without.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from coordination.env import (
    broker_socket,
    data_dir,
    database,
    directory,
    env,
    openid_connect,
    secret_key,
)

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = data_dir(BASE_DIR / "var")
EMBEDDED = not env.str("DATABASE_URL", default="")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = secret_key(DATA_DIR, embedded=EMBEDDED)
# The first seals the history, all of them check it (audit.seals).
HISTORY_KEYS = [SECRET_KEY, *env.list("OLD_HISTORY_KEYS", default=[])]
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# The address people open; mails link to it.
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "coordination",
    "audit",
    "accounts",
    "deadlines",
    "signin",
    "tasks",
    "attachments",
    "communications",
    "issues",
    "weekly",
    "reviews",
    "records",
    "dashboards",
]

MIDDLEWARE = [
    "coordination.security.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "deadlines.healthz.HealthzMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.PersonMiddleware",
    "signin.middleware.SeenMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "signin.middleware.SecondFactorMiddleware",
    "coordination.errors.DomainErrorMiddleware",
    "audit.once.OnceMiddleware",
]

ROOT_URLCONF = "coordination.urls"
WSGI_APPLICATION = "coordination.wsgi.application"

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
                "coordination.context.page",
            ],
            "builtins": ["coordination.templatetags.page", "django.templatetags.i18n"],
        },
    },
]

if EMBEDDED:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "database.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
                ),
            },
            # A file like in real use: threads of one test each have their own connection.
            "TEST": {"NAME": str(DATA_DIR / "test.sqlite3")},
        }
    }
else:
    DATABASES = {"default": database("DATABASE_URL")}

BROKER_SOCKET = broker_socket(DATA_DIR)
REDIS_URL = env.str("REDIS_URL", default="")
CELERY_BROKER_URL = REDIS_URL or f"redis+socket://{quote(str(BROKER_SOCKET))}"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    # Given up quickly: the sweep finds what a dead broker was not told (deadlines.outbox).
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "max_retries": 1,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# What several processes must agree on, such as which one-time codes were used. In the database:
# it is there whenever a person can be signed in, and Redis may be away.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "signin_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
# Length counts, not the kinds of characters; docs/decisions.md says why.
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name", "email"]},
    },
    {"NAME": "signin.validators.LengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "signin.validators.OwnWordsValidator"},
]
# A link to set a password, in seconds.
PASSWORD_RESET_TIMEOUT = 60 * 60

# django-allauth: the steps of signing in. Nobody signs up, addresses are kept by administrators
# and the profile, and tries are counted in the database (accounts.throttle) instead of its cache.
ACCOUNT_ADAPTER = "signin.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
ACCOUNT_FORMS = {"reauthenticate": "signin.forms.PasswordAgainForm"}
MFA_ADAPTER = "signin.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = MFA_ALLOW_UNVERIFIED_EMAIL = MFA_RECOVERY_CODES_SHOW_ONCE = True
# Signing in through the company (OpenID Connect).
SOCIALACCOUNT_ADAPTER = "signin.adapters.CompanyAdapter"
SOCIALACCOUNT_PROVIDERS = openid_connect()
COMPANY_ACCOUNTS = bool(SOCIALACCOUNT_PROVIDERS)
OIDC_NAME = env.str("OIDC_NAME", default="")
OIDC_USERNAME_CLAIM = env.str("OIDC_USERNAME_CLAIM", default="")
OIDC_CREATES_ACCOUNTS = env.bool("OIDC_CREATES_ACCOUNTS", default=False)
OIDC_HAS_SECOND_FACTOR = env.bool("OIDC_HAS_SECOND_FACTOR", default=False)

# Signing in with the company's directory; people with a password of ours go on signing in with it.
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LDAP_URL = env.str("LDAP_URL", default="")
LDAP_CREATES_ACCOUNTS = env.bool("LDAP_CREATES_ACCOUNTS", default=False)
LDAP_NAME_ATTRIBUTE = env.str("LDAP_NAME_ATTRIBUTE", default="cn")
LDAP_EMAIL_ATTRIBUTE = env.str("LDAP_EMAIL_ATTRIBUTE", default="mail")
LDAP_TITLE_ATTRIBUTE = env.str("LDAP_TITLE_ATTRIBUTE", default="title")
if LDAP_URL:
    vars().update(directory(LDAP_URL))
    AUTHENTICATION_BACKENDS.append("signin.directory.DirectoryBackend")

# A clock may be half a minute off.
MFA_TOTP_PERIOD, MFA_TOTP_TOLERANCE = 30, 1
MFA_FORMS = {
    "authenticate": "signin.forms.CodeForm",
    "reauthenticate": "signin.forms.CodeAgainForm",
    "activate_totp": "signin.forms.AppForm",
    "add_webauthn": "signin.forms.PasskeyForm",
    "authenticate_webauthn": "signin.forms.PasskeyStepForm",
    "login_webauthn": "signin.forms.PasskeySignInForm",
    "reauthenticate_webauthn": "signin.forms.PasskeyAgainForm",
}
# A session ends after a week, and sooner when nobody uses it.
SESSION_COOKIE_AGE = 60 * 60 * 24 * 7
SESSION_UNUSED = timedelta(hours=env.int("SESSION_UNUSED_HOURS", default=24))
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True

LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
# Only the database's and the log's zone: people see the organisation's (accounts.Organisation).
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "coordination.formats"

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = DATA_DIR / "files"
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
ATTACHMENT_MAX_MB = env.int("ATTACHMENT_MAX_MB", default=20)
ATTACHMENT_MAX_BYTES = ATTACHMENT_MAX_MB * 1024 * 1024
# The import takes 2 MB; ten attachments at once.
UPLOAD_MAX_BYTES = max(ATTACHMENT_MAX_BYTES, 2 * 1024 * 1024)
UPLOAD_MAX_REQUEST_BYTES = 10 * UPLOAD_MAX_BYTES + 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "coordination.uploads.BoundedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
# Shorter than the lease of a message being sent (deadlines.delivery.LEASE).
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="coordination@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
HTTPS = env.bool("HTTPS", default=not EMBEDDED)
SECOND_FACTOR_FOR_ADMINISTRATORS = env.bool("SECOND_FACTOR_FOR_ADMINISTRATORS", default=HTTPS)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
# A browser takes a cookie of such a name from this very host alone, and over HTTPS alone.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}django_language"
MESSAGE_STORAGE = "coordination.security.MessageStorage"
SECURE_SSL_REDIRECT = HTTPS
# A load balancer asks by HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "coordination.logs.LineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        # Not by mail, as Django would: errors stand in the log.
        "django": {"level": "NOTSET"},
        # It writes down the name that was typed, which now and then is a password.
        "django_auth_ldap": {"level": "CRITICAL"},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
DEFAULT_EXCEPTION_REPORTER_FILTER = "coordination.logs.ReportFilter"
