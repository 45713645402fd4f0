"""Logs: one line of key=value per happening, on standard error."""

from __future__ import annotations

from typing import Any

import structlog

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "key_value": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _SHARED,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.LogfmtRenderer(
                    key_order=["timestamp", "level", "event"], drop_missing=True
                ),
            ],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "key_value"}},
    "loggers": {
        # A line for every request to the registry.
        "httpx2": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        # A line for every hint that nobody takes any more.
        "channels_redis": {"level": "WARNING"},
        # What it listens on is told by whoever starts it.
        "daphne": {"level": "WARNING"},
        # A line for whoever asks for what is not theirs, or not there.
        "django.request": {"level": "ERROR"},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
}

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_SHARED,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
