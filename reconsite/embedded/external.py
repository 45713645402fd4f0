"""Services that the environment names: used as they are, never started or ended here."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from reconsite.embedded.failure import Failure

ANSWER_WITHIN_SECONDS = 3.0


def demand_answer(setting: str, value: str, *, default_port: int) -> None:
    """Raise Failure when none of the addresses in `value`, an URL or a list, takes a connection."""
    try:
        addresses = _addresses(value, default_port)
    except ValueError as error:
        raise Failure(f"{setting} cannot be read ({error}): mend it or unset it.") from error
    refusals: list[str] = []
    for host, port in addresses:
        try:
            socket.create_connection((host, port), ANSWER_WITHIN_SECONDS).close()
        except OSError as error:
            refusals.append(f"{host}:{port} ({error.strerror or error})")
        else:
            return
    if refusals:
        raise Failure(
            f"{setting} is set and names {', '.join(refusals)}, which does not answer: start that"
            f" server, or unset {setting} to have one started here."
        )


def _addresses(value: str, default_port: int) -> list[tuple[str, int]]:
    """Host and port of each server; none where the value names no host, as for a local socket."""
    location = urlsplit(value).netloc if "://" in value else value
    parts = (urlsplit(f"//{part}") for part in location.rpartition("@")[2].split(","))
    return [(part.hostname, part.port or default_port) for part in parts if part.hostname]
