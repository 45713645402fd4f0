"""What the product needs in the services: its tables, topics and schemas."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from reconsite.embedded.console import Console
from reconsite.embedded.failure import Failure
from reconsite.embedded.rundir import RunDir

MANAGE = Path(__file__).parents[2] / "manage.py"


def bring_in(settings: Mapping[str, str], *, run_dir: RunDir, console: Console) -> None:
    """Migrate as the role that owns the tables; create topics and register schemas as the product.

    Each leaves what is there already. Side by side, for they do not need each other.
    """
    as_owner = {**settings, "DATABASE_URL": settings["DATABASE_OWNER_URL"]}
    steps = (
        _Step("Tables", ("migrate", "--no-input", "--verbosity=0"), as_owner),
        _Step("Topics", ("create_topics",), settings),
        _Step("Schemas", ("register_schemas",), settings),
    )
    with ThreadPoolExecutor(len(steps)) as pool:
        for done in [pool.submit(_take, step, run_dir, console) for step in steps]:
            done.result()


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    command: tuple[str, ...]
    settings: Mapping[str, str]


def _take(step: _Step, run_dir: RunDir, console: Console) -> None:
    console.update(step.name, f"manage.py {step.command[0]}")
    run = subprocess.run(  # noqa: S603
        [sys.executable, MANAGE, *step.command],
        env={**os.environ, **step.settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    log = run_dir.log(step.command[0])
    log.write_text(run.stdout)
    if run.returncode != 0:
        raise Failure(
            f"`manage.py {step.command[0]}` failed; the services run, so mend this and start again"
            f" (all of it is in {log}):\n{_sentence(run.stdout)}"
        )
    console.end(step.name, "in place")


def _sentence(told: str) -> str:
    """What a command told, without the path that an exception took through the code."""
    lines = told.strip().splitlines()
    return lines[-1] if "Traceback (most recent call last):" in lines else "\n".join(lines)
