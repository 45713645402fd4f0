"""The stage on which each test plays."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import pytest

from ingestion.tests.processes.databases import as_application, as_owner, new_database
from ingestion.tests.processes.programs import Program
from ingestion.tests.processes.stage import Stage, new_stage, short_rules


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a migrated database with short rules, to be copied."""
    directory = tmp_path_factory.mktemp("template")
    settings = {**os.environ, "RECON_FEED_SILENCE": "0"}

    def manage(*arguments: str, url: str) -> None:
        environment = {**settings, "DATABASE_URL": url}
        log = directory / f"{arguments[0]}.log"
        program = Program("manage.py", *arguments, environment=environment, log=log)
        assert program.exit_code(within=60) == 0, program.tail()

    with new_database(f"processes_template_{uuid4().hex[:12]}") as name:
        manage("migrate", url=as_owner(name))
        manage("load_rules", str(short_rules(directory)), url=as_application(name))
        yield name


@pytest.fixture
def partitions() -> Sequence[int]:
    """How many partitions the topics of core, gateway and mobile have."""
    return (6, 6, 6)


@pytest.fixture
def stage(template: str, partitions: Sequence[int], tmp_path: Path) -> Iterator[Stage]:
    with new_stage(template=template, partitions=partitions, directory=tmp_path) as stage:
        yield stage
