"""Django's settings: what is fixed here, what differs comes from the environment."""

from __future__ import annotations

from pathlib import Path

import dj_database_url

from reconsite.environment import read_environment
from reconsite.logs import LOGGING as LOGGING

environment = read_environment()

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = environment.django_secret_key
ALLOWED_HOSTS = environment.allowed_hosts.split(",")
DEBUG = False

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "auditlog",
    "reconciliation",
    "ingestion",
    "audit",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
AUDITLOG_LOGENTRY_MODEL = "audit.LogEntry"
# Its own table would be a second, empty audit log.
MIGRATION_MODULES = {"auditlog": None}

DATABASES = {"default": dj_database_url.parse(environment.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

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
