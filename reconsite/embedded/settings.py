"""The environment of every command: the services' addresses beside the settings' defaults."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

DEFAULTS: Mapping[str, str] = {
    "KAFKA_SECURITY_PROTOCOL": "PLAINTEXT",
    "KAFKA_SSL_CA": "",
    "KAFKA_SSL_CERT": "",
    "KAFKA_SSL_KEY": "",
    "SCHEMA_REGISTRY_CA": "",
    "OIDC_ISSUER": "",
    "OIDC_CLIENT_ID": "",
    "OIDC_CLIENT_SECRET": "",
    "OIDC_DASHBOARD_CLIENT_ID": "",
    "OIDC_AUDIENCE": "",
    "RECON_MATCH_WINDOW": "60",
    "RECON_PENDING_WINDOW": "7200",
    "RECON_TIMESTAMP_TOLERANCE": "5",
    "RECON_AMOUNT_TOLERANCE": "0",
    "RECON_FEED_SILENCE": "30",
    "RECON_FEED_HOLD": "7200",
    "RECON_LANES": "12",
    "RECON_MAX_DEAD_LETTERS_IN_ROW": "10000",
    "RECON_TIME_ZONE": "UTC",
}


def shell_lines(settings: Mapping[str, str]) -> str:
    """`NAME=value` lines that a POSIX shell reads back as they are."""
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
