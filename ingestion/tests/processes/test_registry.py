"""A registry that fails makes the worker wait; it makes no dead letters."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import pytest

from ingestion.tests.processes.gates import new_gate
from ingestion.tests.processes.judging import dead_letters, judge
from ingestion.tests.processes.stage import Stage
from ingestion.tests.processes.topics import SOURCES

pytestmark = pytest.mark.processes


def test_the_worker_waits_for_a_registry_that_fails(stage: Stage) -> None:
    registry = urlsplit(os.environ["SCHEMA_REGISTRY_URL"])
    for source in SOURCES:
        stage.tell("T1", source)
    with new_gate(registry.hostname, registry.port) as gate:
        address = f"127.0.0.1:{gate.port}"
        stage.environment["SCHEMA_REGISTRY_URL"] = registry._replace(netloc=address).geturl()
        worker = stage.start_worker()
        stage.wait_until_said(worker, "ConnectError")
        gate.answer_500()
        stage.wait_until_said(worker, "HTTP status code 500")
        gate.be_mute()
        stage.wait_until_said(worker, "ReadTimeout")
        assert not stage.value("SELECT count(*) FROM raw_events")
        assert not dead_letters(stage)
        gate.let_through()
        stage.wait_until_at_rest()
        assert not dead_letters(stage)
        judge(stage)
