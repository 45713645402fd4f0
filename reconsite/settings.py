"""Django's settings: what is fixed here, what differs comes from the environment."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.http.request import split_domain_port

from reconsite.environment import read_environment
from reconsite.logs import LOGGING as LOGGING

environment = read_environment()

BASE_DIR = Path(__file__).resolve().parent.parent
FRONTEND = BASE_DIR / "frontend" / "dist"
SECRET_KEY = environment.django_secret_key
DEBUG = False

# The one address that people use: everything about hosts and HTTPS follows from it.
PUBLIC_URL = environment.public_url
_public = urlsplit(PUBLIC_URL)
_secure = _public.scheme == "https"
# With the brackets of an IPv6 address.
ALLOWED_HOSTS = [split_domain_port(_public.netloc)[0]]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "daphne",
    "reconsite.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "auditlog",
    "reconciliation",
    "ingestion",
    "desk",
    "audit",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "reconsite.static_files.static_files",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "reconsite.urls"
ASGI_APPLICATION = "reconsite.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "reconsite" / "templates", FRONTEND],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUDITLOG_LOGENTRY_MODEL = "audit.LogEntry"
# Its own table would be a second, empty audit log.
MIGRATION_MODULES = {"auditlog": None}

DATABASES = {"default": dj_database_url.parse(environment.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTHENTICATION_BACKENDS = ["desk.backends.RoleBackend"]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = _secure
CSRF_COOKIE_SECURE = _secure
# The dashboard sends it back as a header.
CSRF_COOKIE_HTTPONLY = False

STATIC_URL = "/static/"
STATICFILES_DIRS = [("dashboard", FRONTEND), BASE_DIR / "reconsite" / "static"]
# Straight from where the files are: nothing to collect, nothing to forget.
WHITENOISE_USE_FINDERS = True
# Missing until the dashboard is built; its page then says so.
SILENCED_SYSTEM_CHECKS = ["staticfiles.W004"]
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/dashboard/assets/"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["desk.permissions.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["desk.permissions.MayRead"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["desk.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "desk.problems.problem_of",
    # Always as long, so that times in one text sort as they do in time.
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%S.%fZ",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Reconsite",
    "DESCRIPTION": "Real-time transaction reconciliation: verdicts, and what they rest on.",
    "VERSION": "0.1.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PUBLIC": False,
    "SERVE_PERMISSIONS": ["desk.permissions.MayRead"],
    "ENUM_NAME_OVERRIDES": {
        "VerdictStatus": "reconciliation.events.VerdictStatus",
        "EventStatus": "reconciliation.events.EventStatus",
        "Discrepancy": "reconciliation.events.Discrepancy",
        "SourceName": "desk.serializers.SOURCES",
        "DeadLetterReason": "ingestion.decoding.Reason",
        "Role": "desk.roles.Role",
    },
}

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            # A listener waits up to five seconds for a message: silence is no fault before that.
            "hosts": [{"address": environment.channels_redis_url, "socket_timeout": 10}],
            "prefix": "reconsite",
            # A listener joins again every ten seconds; one that has died is forgotten.
            "group_expiry": 60,
        },
    }
}

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

SECURE_SSL_REDIRECT = _secure
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _secure
SECURE_HSTS_PRELOAD = _secure

# Without an issuer the accounts are local ones.
OIDC_ISSUER = environment.oidc_issuer

REDIS_URL = environment.redis_url

KAFKA_BOOTSTRAP_SERVERS = environment.kafka_bootstrap_servers
KAFKA_SECURITY_PROTOCOL = environment.kafka_security_protocol
KAFKA_SSL_CA = environment.kafka_ssl_ca
KAFKA_SSL_CERT = environment.kafka_ssl_cert
KAFKA_SSL_KEY = environment.kafka_ssl_key
SCHEMA_REGISTRY_URL = environment.schema_registry_url
SCHEMA_REGISTRY_CA = environment.schema_registry_ca

# The contract with the sources: who publishes where.
TOPICS = {"CORE": "core_txns", "GATEWAY": "gateway_txns", "MOBILE": "mobile_txns"}
CONSUMER_GROUP = "reconsite"

# Seconds, unless said otherwise. The first four are rule set 1, written at the
# first migration; later rules are versions in the database.
RECON_MATCH_WINDOW = environment.recon_match_window
RECON_PENDING_WINDOW = environment.recon_pending_window
RECON_TIMESTAMP_TOLERANCE = environment.recon_timestamp_tolerance
RECON_AMOUNT_TOLERANCE = environment.recon_amount_tolerance
RECON_FEED_SILENCE = environment.recon_feed_silence
RECON_LANES = environment.recon_lanes
RECON_MAX_DEAD_LETTERS_IN_ROW = environment.recon_max_dead_letters_in_row
RECON_TIME_ZONE = environment.recon_time_zone
