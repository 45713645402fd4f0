"""The product's settings, but for the topics and the consumer group: those are one test's own."""

from __future__ import annotations

import os

from reconsite.settings import *  # noqa: F403

TOPICS = {source: os.environ[f"TEST_{source}_TOPIC"] for source in ("CORE", "GATEWAY", "MOBILE")}
CONSUMER_GROUP = os.environ["TEST_CONSUMER_GROUP"]
