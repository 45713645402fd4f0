from __future__ import annotations

from typing import Any

from ingestion.kafka import client_config


def test_what_is_not_set_is_left_to_the_client(settings: Any) -> None:
    settings.KAFKA_BOOTSTRAP_SERVERS = "broker:9092"
    settings.KAFKA_SECURITY_PROTOCOL = "PLAINTEXT"
    settings.KAFKA_SSL_CA = settings.KAFKA_SSL_CERT = settings.KAFKA_SSL_KEY = ""

    assert client_config() == {
        "bootstrap.servers": "broker:9092",
        "security.protocol": "PLAINTEXT",
    }


def test_a_client_shows_its_certificate_and_trusts_one_authority(settings: Any) -> None:
    settings.KAFKA_SECURITY_PROTOCOL = "SSL"
    settings.KAFKA_SSL_CA = "ca.pem"
    settings.KAFKA_SSL_CERT = "worker.crt"
    settings.KAFKA_SSL_KEY = "worker.key"

    assert (
        client_config().items()
        >= {
            "security.protocol": "SSL",
            "ssl.ca.location": "ca.pem",
            "ssl.certificate.location": "worker.crt",
            "ssl.key.location": "worker.key",
        }.items()
    )
