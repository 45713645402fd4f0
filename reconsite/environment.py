"""What the environment must tell, typed and checked; `.env.example` explains each."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def _known_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("not a time zone of the IANA database, such as Asia/Kolkata") from error
    return name


def _url_of(*schemes: str) -> AfterValidator:
    def check(url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in schemes:
            raise ValueError(f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        if not parts.hostname or parts.port == 0:
            raise ValueError("must name a host, and a port that is a number")
        if parts.scheme.startswith("postgres") and not parts.path.strip("/"):
            raise ValueError("must name a database, after the last slash")
        return url

    return AfterValidator(check)


# No other host than this one is answered: not a pattern of hosts, as Django takes it.
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?|\[::1\](:\d+)?")


def _public_url(url: str) -> str:
    url = url.lower().rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError("must be an address such as https://reconsite.bank.example")
    if url != f"{parts.scheme}://{parts.netloc}" or parts.username is not None:
        raise ValueError("must end after the host or the port")
    if not _HOST.fullmatch(parts.netloc):
        raise ValueError("must name one host, in ASCII letters, digits, dots and hyphens")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("must begin with https://; http:// is for loopback only")
    return url


class Environment(BaseSettings):
    """SPEC section 9. Empty is the same as absent."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    django_secret_key: Annotated[str, Field(min_length=50)]
    public_url: Annotated[str, AfterValidator(_public_url)]

    database_url: Annotated[str, _url_of("postgres", "postgresql")]
    redis_url: Annotated[str, _url_of("redis", "rediss")]
    channels_redis_url: Annotated[str, _url_of("redis", "rediss")]

    kafka_bootstrap_servers: str
    kafka_security_protocol: Annotated[str, Field(pattern="^(PLAINTEXT|SSL)$")] = "PLAINTEXT"
    kafka_ssl_ca: str = ""
    kafka_ssl_cert: str = ""
    kafka_ssl_key: str = ""

    schema_registry_url: Annotated[str, _url_of("http", "https")]
    schema_registry_ca: str = ""

    oidc_issuer: str = ""

    recon_match_window: Annotated[int, Field(gt=0)] = 60
    recon_pending_window: Annotated[int, Field(gt=0)] = 7200
    recon_timestamp_tolerance: Annotated[int, Field(ge=0)] = 5
    recon_amount_tolerance: Annotated[Decimal, Field(ge=0, max_digits=19, decimal_places=4)] = (
        Decimal(0)
    )
    recon_feed_silence: Annotated[int, Field(ge=0)] = 30
    recon_lanes: Annotated[int, Field(gt=0, le=1200)] = 12
    recon_max_dead_letters_in_row: Annotated[int, Field(ge=0)] = 10_000
    recon_time_zone: Annotated[str, AfterValidator(_known_time_zone)] = "UTC"


def read_environment() -> Environment:
    """The settings that are in the environment.

    Ends the program with one sentence for each that is missing or malformed.
    """
    try:
        return Environment()
    except ValidationError as invalid:
        raise SystemExit("\n".join(_sentence(dict(error)) for error in invalid.errors())) from None


def _sentence(error: dict[str, object]) -> str:
    location = error["loc"]
    assert isinstance(location, tuple)
    name = str(location[0]).upper()
    if error["type"] == "missing":
        return f"{name} is not set: .env.example says what it is for."
    reason = str(error["msg"]).removeprefix("Value error, ")
    return f"{name} is malformed: {reason[:1].lower()}{reason[1:]}. See .env.example."
