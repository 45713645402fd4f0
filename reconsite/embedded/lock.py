"""`python -m reconsite.embedded.lock`: pin anew what the Java services need.

Resolves what the versions named here depend on, downloads all of it and
writes `downloads.lock`.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from jgo.maven import Artifact

from reconsite.embedded.downloads import LOCK
from reconsite.embedded.maven import artifact, coordinate_of, repository

KAFKA = (
    "org.apache.kafka:kafka_2.13:4.4.0",
    # Without the `!` its own list of versions would manage kafka-clients down to 3.9.
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5!",
)
REGISTRY = "io.apicurio:apicurio-registry-app:3.3.3:all:tar.gz"

HEADER = "# service sha256 bytes group:artifact:version[:classifier:packaging]\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        LOCK.write_text(HEADER + "".join(sorted(_lines(Path(directory)))))


def _lines(directory: Path) -> Iterator[str]:
    context = repository(directory)
    named, needed = context.resolver.resolve([context.create_dependency(name) for name in KAFKA])
    for dependency in (*named, *needed):
        if dependency.scope in (None, "compile", "runtime"):
            yield _line("kafka", dependency.artifact)
    yield _line("registry", artifact(REGISTRY, of=context))


def _line(service: str, found: Artifact) -> str:
    content = found.resolve().read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    return f"{service} {sha256} {len(content)} {coordinate_of(found)}\n"


if __name__ == "__main__":
    main()
