"""The worker as real processes against the real services, disturbed in every way that is promised.

Each test has topics, a consumer group, a database and a Redis number of its
own. In the end everything that is in Kafka is read back and judged by the
naive reference.
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("ingestion.tests.processes.judging")
