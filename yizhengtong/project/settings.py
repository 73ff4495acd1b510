"""Django's settings. What an operator may change stands in configuration.py; this file says how the house is wired."""

from yizhengtong.project.configuration import Configuration

CONFIGURATION = Configuration()

DEBUG = False
APPEND_SLASH = False
SECRET_KEY = CONFIGURATION.key(CONFIGURATION.secret_key, "secret_key")
BLIND_INDEX_KEY = bytes.fromhex(CONFIGURATION.key(CONFIGURATION.index_key, "index_key"))
ALLOWED_HOSTS = CONFIGURATION.hosts
YZT_PRODUCTION = CONFIGURATION.production
YZT_REGION = CONFIGURATION.region
YZT_FILES = CONFIGURATION.home / "files"
YZT_CLAMD = CONFIGURATION.clamd or None
YZT_PHOTO_SERVICE = CONFIGURATION.photo_service or None
YZT_PHOTO_SERVICE_TOKEN = CONFIGURATION.photo_service_token.get_secret_value()
YZT_PHOTO_RECEIPT_PATTERN = CONFIGURATION.photo_receipt_pattern
YZT_PHOTO_RECEIPTS = CONFIGURATION.home / "photo-receipts"

YZT_OPENING_HOURS = CONFIGURATION.opening_hours
YZT_APPOINTMENT_MINUTES = CONFIGURATION.appointment_minutes
YZT_WINDOWS_PER_POINT = CONFIGURATION.windows_per_point
YZT_BOOKING_HORIZON_DAYS = CONFIGURATION.booking_horizon_days

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.headless",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "yizhengtong.foundation.audit",
    "yizhengtong.foundation.events",
    "yizhengtong.foundation.accounts",
    "yizhengtong.foundation.documents",
    "yizhengtong.foundation.web",
    "yizhengtong.law",
    "yizhengtong.registry.people",
    "yizhengtong.registry.residence",
    "yizhengtong.permitting.applications",
    "yizhengtong.permitting.permits",
    "yizhengtong.permitting.casework",
    "yizhengtong.verification.relying_parties",
    "yizhengtong.verification.checks",
    "yizhengtong.sites.resident",
    "yizhengtong.project",
]

MIDDLEWARE = [
    "yizhengtong.foundation.web.middleware.RequestIdentityMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",  # refuses hosts that are not ours
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "yizhengtong.foundation.web.middleware.ApiProblemMiddleware",
    "yizhengtong.foundation.web.refusals.RefusalMiddleware",
    "yizhengtong.foundation.web.idempotency.IdempotencyMiddleware",
]

ROOT_URLCONF = "yizhengtong.project.urls"
WSGI_APPLICATION = "yizhengtong.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

DATABASES = {"default": CONFIGURATION.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"  # instants; legal days are kernel.dates.legal_day
USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]

# Uploads are checked and re-encoded by foundation.documents; what is larger never reaches it.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# Sign-in: allauth's flows, rate limits and second factor (docs/adr/0009).
AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ACCOUNT_ADAPTER = "yizhengtong.foundation.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("app",)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Yizhengtong"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entries"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CONFIGURATION.production
SESSION_COOKIE_AGE = 12 * 3600

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
NINJA_PAGINATION_PER_PAGE = 50

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
    },
}
