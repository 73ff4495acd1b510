"""Django's settings. What an operator may change stands in configuration.py; this file says how the house is wired."""

from typing import Any

from csp.constants import NONCE

from yizhengtong.foundation.observability.jobs import with_request_id
from yizhengtong.project.configuration import Configuration

CONFIGURATION = Configuration()

DEBUG = False
APPEND_SLASH = False
SECRET_KEY = CONFIGURATION.key(CONFIGURATION.secret_key, "secret_key")
ALLOWED_HOSTS = CONFIGURATION.hosts
YZT_PRODUCTION = CONFIGURATION.production
YZT_REGION = CONFIGURATION.region
YZT_ADDRESS = CONFIGURATION.address or f"http://127.0.0.1:{CONFIGURATION.port}"
YZT_FILES = CONFIGURATION.home / "files"
YZT_KEYS = CONFIGURATION.keys or str(CONFIGURATION.home / "keys" / "master")
YZT_KEYS_REFRESH_SECONDS = 60  # within which every process uses a new key (docs/keys.md)
YZT_CRYPTO = CONFIGURATION.crypto
YZT_SIGNING_KEYS = CONFIGURATION.signing_keys
YZT_INHERITED_INDEX_KEY = CONFIGURATION.inherited_index_key
YZT_SLOW_STATEMENT_MS = CONFIGURATION.slow_statement_ms
YZT_TRACING = CONFIGURATION.tracing
YZT_METRICS_TOKEN = CONFIGURATION.key(CONFIGURATION.metrics_token, "metrics_token")
YZT_METRICS_ADDRESSES = CONFIGURATION.metrics_addresses
YZT_LEAST_FREE_DISK_MB = CONFIGURATION.least_free_disk_mb
YZT_OLDEST_BACKUP_HOURS = CONFIGURATION.oldest_backup_hours
YZT_AUDIT_CHECKPOINTS = CONFIGURATION.audit_checkpoints or CONFIGURATION.home / "checkpoints"
YZT_AUDIT_KEYS = CONFIGURATION.audit_keys or CONFIGURATION.home / "keys" / "audit"
YZT_AUDIT_KEEP_MONTHS = {"work": CONFIGURATION.audit_keep_work_months, "log": CONFIGURATION.audit_keep_log_months}
YZT_MINOR_APPROVAL_DAYS = CONFIGURATION.minor_approval_days
YZT_PRIVACY_ANSWER_DAYS = CONFIGURATION.privacy_answer_days
YZT_RATING_ANSWER_DAYS = CONFIGURATION.rating_answer_days
YZT_LINK_ANSWER_DAYS = CONFIGURATION.link_answer_days
YZT_TICKET_WORKING_DAYS = CONFIGURATION.ticket_working_days
YZT_FONTS = CONFIGURATION.fonts
YZT_TIME_STAMPS = CONFIGURATION.time_stamps
YZT_WALLETS: dict[str, Any] = {
    "attested_only": CONFIGURATION.wallets_attested_only,
    "dpop_nonces": CONFIGURATION.wallets_dpop_nonces,
}
YZT_BREACH_NOTICE_HOURS = CONFIGURATION.breach_notice_hours
YZT_KEEP_WORK_DAYS = CONFIGURATION.keep_work_days
YZT_CREDENTIAL_DAYS = CONFIGURATION.credential_days
YZT_CREDENTIAL_BATCH = CONFIGURATION.credential_batch
YZT_STATUS_TTL = CONFIGURATION.status_ttl
YZT_STATUS_HISTORY_DAYS = CONFIGURATION.status_history_days
YZT_CONTACT = CONFIGURATION.contact
YZT_OPERATOR = CONFIGURATION.operator
YZT_CLAMD = CONFIGURATION.clamd or None
YZT_PHOTO_SERVICE = CONFIGURATION.photo_service or None
YZT_PHOTO_SERVICE_TOKEN = CONFIGURATION.photo_service_token.get_secret_value()
YZT_PRIVATE_NETWORKS = CONFIGURATION.private_networks
YZT_REGISTERS: dict[str, Any] = {
    "folder": CONFIGURATION.registers or CONFIGURATION.home / "registers",
    "stale_days": CONFIGURATION.registers_stale_days,
    "services": CONFIGURATION.register_services,
    "seconds": CONFIGURATION.register_timeout_seconds,
    "seconds_in_all": CONFIGURATION.register_total_seconds,
    "key": CONFIGURATION.home / "keys" / "registers",
}
YZT_TRAVEL_PLATFORM = CONFIGURATION.travel_platform
YZT_IDENTITY_SERVICES: dict[str, Any] = {
    code: {**each.model_dump(), "client_secret": each.client_secret.get_secret_value()}
    for code, each in CONFIGURATION.identity_services.items()
}
YZT_PHOTO_RECEIPT_PATTERN = CONFIGURATION.photo_receipt_pattern
YZT_PERMIT_NUMBER_PATTERN = CONFIGURATION.permit_number_pattern
YZT_APPLICATION_NUMBER_PATTERN = CONFIGURATION.application_number_pattern
YZT_POST_CHECK_SHARE = CONFIGURATION.post_check_share
YZT_PHOTO_RECEIPTS = CONFIGURATION.home / "photo-receipts"
YZT_SMTP: dict[str, Any] = {
    "server": CONFIGURATION.smtp_server,
    "security": CONFIGURATION.smtp_security,
    "user": CONFIGURATION.smtp_user,
    "password": CONFIGURATION.smtp_password.get_secret_value(),
    "sender": CONFIGURATION.smtp_sender,
}
YZT_SMS: dict[str, Any] = {
    "gateway": CONFIGURATION.sms_gateway,
    "gateway_key": CONFIGURATION.sms_gateway_key.get_secret_value(),
    "smpp": CONFIGURATION.sms_smpp,
    "smpp_user": CONFIGURATION.sms_smpp_user,
    "smpp_password": CONFIGURATION.sms_smpp_password.get_secret_value(),
    "smpp_tls": CONFIGURATION.sms_smpp_tls,
    "smpp_long": CONFIGURATION.sms_smpp_long,
    "sender": CONFIGURATION.sms_sender,
    "per_second": CONFIGURATION.sms_per_second,
}
YZT_MESSAGES: dict[str, Any] = {
    "folder": CONFIGURATION.home / "messages",
    "quiet": CONFIGURATION.messages_quiet,
    "a_day": CONFIGURATION.messages_a_day,
    "keep_days": CONFIGURATION.messages_keep_days,
}

YZT_OPENING_HOURS = CONFIGURATION.opening_hours
YZT_APPOINTMENT_MINUTES = CONFIGURATION.appointment_minutes
YZT_WINDOWS_PER_POINT = CONFIGURATION.windows_per_point
YZT_BOOKING_HORIZON_DAYS = CONFIGURATION.booking_horizon_days

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.headless",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "django_htmx",
    "yizhengtong.foundation.observability",
    "yizhengtong.foundation.vault",
    "yizhengtong.foundation.audit",
    "yizhengtong.foundation.events",
    "yizhengtong.foundation.accounts",
    "yizhengtong.foundation.documents",
    "yizhengtong.foundation.notifications",
    "yizhengtong.foundation.exchange",
    "yizhengtong.foundation.web",
    "yizhengtong.foundation.pages",
    "yizhengtong.law",
    "yizhengtong.registry.people",
    "yizhengtong.registry.residence",
    "yizhengtong.registry.consents",
    "yizhengtong.permitting.applications",
    "yizhengtong.permitting.permits",
    "yizhengtong.permitting.settlement",
    "yizhengtong.permitting.casework",
    "yizhengtong.permitting.importing",
    "yizhengtong.permitting.oversight",
    "yizhengtong.credentials.keys",
    "yizhengtong.credentials.showing",
    "yizhengtong.credentials.status",
    "yizhengtong.credentials.issuance",
    "yizhengtong.credentials.papers",
    "yizhengtong.rights.privacy",
    "yizhengtong.rights.feedback",
    "yizhengtong.rights.messages",
    "yizhengtong.rights.provision",
    "yizhengtong.verification.relying_parties",
    "yizhengtong.verification.links",
    "yizhengtong.verification.checks",
    "yizhengtong.verification.holders",
    "yizhengtong.verification.authorization",
    "yizhengtong.verification.bulk",
    "yizhengtong.verification.webhooks",
    "yizhengtong.verification.openid",
    "yizhengtong.verification.presentations",
    "yizhengtong.verification.sharing",
    "yizhengtong.sites.resident",
    "yizhengtong.sites.desk",
    "yizhengtong.sites.checker",
    "yizhengtong.sites.partner",
    "yizhengtong.sites.wallet",
    "yizhengtong.sites.openid",
    "yizhengtong.sites.operations",
    "yizhengtong.project",
]

MIDDLEWARE = [
    "yizhengtong.foundation.web.headers.HeadersMiddleware",
    "yizhengtong.foundation.web.middleware.RequestIdentityMiddleware",
    "yizhengtong.foundation.web.observation.ObservationMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",  # refuses hosts that are not ours
    "yizhengtong.foundation.web.headers.PagePolicyMiddleware",
    "yizhengtong.foundation.pages.failures.ProblemPages",
    "yizhengtong.foundation.web.bounds.BoundsMiddleware",
    "yizhengtong.foundation.web.statics.StaticsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "yizhengtong.foundation.web.middleware.ApiProblemMiddleware",
    "yizhengtong.foundation.web.refusals.RefusalMiddleware",
    "yizhengtong.sites.api.partner.counting.CountingMiddleware",
    "yizhengtong.foundation.web.limiting.LimitMiddleware",
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

FORM_RENDERER = "yizhengtong.foundation.pages.forms.PagesRenderer"
CSRF_FAILURE_VIEW = "yizhengtong.foundation.pages.failures.csrf_failed"

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
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entries",
        "KEY_FUNCTION": "yizhengtong.foundation.vault.indexes.cache_key",
        # Past this many entries the oldest third goes, and with it what allauth counted: nobody floods that out.
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}
ALLAUTH_TRUSTED_PROXY_COUNT = CONFIGURATION.trusted_proxies
YZT_LIMITS = CONFIGURATION.limits
YZT_DEMONSTRATION = "" if YZT_PRODUCTION else "yizhengtong.project.demonstration.showing.demonstration_shown"
YZT_PARTNER_OF = "yizhengtong.sites.api.partner.asking.caller_of_request"
YZT_CERTIFICATES_FROM = CONFIGURATION.certificates_from
YZT_FIGURES_WITHIN_SECONDS = 1.0  # in which a process counts what relying parties ask before it writes (docs/adr/0072)
SESSION_ENGINE = "yizhengtong.foundation.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CONFIGURATION.production
SESSION_COOKIE_AGE = 12 * 3600
if CONFIGURATION.production:  # over TLS only; a page of a neighbouring host name can then plant none of them
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"

SECURE_PROXY_SSL_HEADER = (
    (f"HTTP_{CONFIGURATION.trusted_proxy_header.upper().replace('-', '_')}", "https")
    if CONFIGURATION.trusted_proxy_header
    else None
)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "style-src": ["'self'", NONCE],
        "script-src": ["'self'", NONCE],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
PROCRASTINATE_WORKER_DEFAULTS = {
    "worker_middleware": [with_request_id],
    # What has succeeded is in the log; kept, the table would grow by millions a year.
    "delete_jobs": "successful",
    # A notification that comes while the worker fetches a job is lost on it; the job then waits for the next look.
    "fetch_job_polling_interval": 0.25,
}
PROCRASTINATE_ON_APP_READY = "yizhengtong.foundation.vault.jobs.seal_arguments"
NINJA_PAGINATION_PER_PAGE = 50

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "yizhengtong.foundation.observability.formatter.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},  # without Django's own handlers: one form of line
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},  # a line a job is ours: foundation.observability.jobs
        "pikepdf": {"level": "WARNING"},
    },
}
