"""Where the brokers are and how they are trusted: the part that all Kafka clients share."""

from __future__ import annotations

from django.conf import settings


def client_config() -> dict[str, str]:
    """The options of any client, to which each adds its own.

    Host names are verified, as librdkafka does unless told otherwise.
    """
    options = {
        "bootstrap.servers": settings.KAFKA_BOOTSTRAP_SERVERS,
        "security.protocol": settings.KAFKA_SECURITY_PROTOCOL,
        "ssl.ca.location": settings.KAFKA_SSL_CA,
        "ssl.certificate.location": settings.KAFKA_SSL_CERT,
        "ssl.key.location": settings.KAFKA_SSL_KEY,
    }
    return {name: value for name, value in options.items() if value}
