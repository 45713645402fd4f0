"""What the product needs in the services: its tables, topics and schemas."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from reconsite.embedded.console import Console
from reconsite.embedded.failure import Failure

MANAGE = Path(__file__).parents[2] / "manage.py"


def bring_in(settings: Mapping[str, str], *, console: Console) -> None:
    """Migrate as the role that owns the tables; create topics and register schemas as the product.

    Each leaves what is there already. Side by side, for they do not need each other.
    """
    as_owner = {**settings, "DATABASE_URL": settings["DATABASE_OWNER_URL"]}
    steps = (
        ("Tables", ["migrate", "--no-input", "--verbosity=0"], as_owner),
        ("Topics", ["create_topics"], settings),
        ("Schemas", ["register_schemas"], settings),
    )
    with ThreadPoolExecutor(len(steps)) as pool:
        for done in [pool.submit(_manage, *step, console) for step in steps]:
            done.result()


def _manage(what: str, command: list[str], settings: Mapping[str, str], console: Console) -> None:
    console.begin(what, "looking")
    run = subprocess.run(  # noqa: S603
        [sys.executable, MANAGE, *command],
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        raise Failure(
            f"`manage.py {command[0]}` failed; the services run, so mend this and run it again:\n"
            f"{(run.stderr or run.stdout).strip()}"
        )
    if run.stderr:
        console.say(run.stderr.strip())
    console.end(what, "in place")
