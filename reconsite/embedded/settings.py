"""The environment of every command: the services' addresses beside the settings' defaults."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

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


# Tells in a shell that has loaded an instance's settings whose they are.
ORIGIN = "RECONSITE_RUN_DIR"


def given(environment: Mapping[str, str], *, run_dir: Path) -> dict[str, str]:
    """What somebody has set; empty is the same as absent.

    Without what a shell has loaded from another instance: a test run may not
    work on the services of the embedded run because that one's file was loaded.
    """
    origin = Path(environment.get(ORIGIN) or run_dir)
    file = settings_file(origin)
    theirs = _read(file) if origin != run_dir and file.exists() else {}
    return {
        name: value for name, value in environment.items() if value and value != theirs.get(name)
    }


def settings_file(run_dir: Path) -> Path:
    """After `set -a; . FILE` any command finds the services."""
    return run_dir / "env"


def _read(file: Path) -> dict[str, str]:
    pairs = (word.split("=", maxsplit=1) for word in shlex.split(file.read_text()))
    return dict(pairs)


def shell_lines(settings: Mapping[str, str]) -> str:
    """`NAME=value` lines that a POSIX shell reads back as they are."""
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
