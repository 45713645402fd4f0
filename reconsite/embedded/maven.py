"""The repository of Java artifacts, by a resolver that needs no Java.

A coordinate is group:artifact:version, and for what is not a jar
:classifier:packaging besides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import Artifact, MavenContext, PythonResolver
from requests import RequestException

from reconsite.embedded.failure import Failure

ANSWER_WITHIN_SECONDS = 30


def repository(
    directory: Path, *, received: Callable[[int], None] = lambda count: None
) -> MavenContext:
    """Puts what it downloads below `directory`; `received` is told the bytes of each piece."""

    @contextmanager
    def progress(_name: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield received

    return MavenContext(
        repo_cache=directory,
        remote_repos={"central": MAVEN_CENTRAL_URL},
        resolver=PythonResolver(progress_callback=progress),
        timeout=ANSWER_WITHIN_SECONDS,
    )


def artifact(coordinate: str, *, of: MavenContext) -> Artifact:
    group, name, version, *rest = coordinate.split(":")
    classifier, packaging = rest or ("", "jar")
    return of.project(group, name).at_version(version).artifact(classifier, packaging)


def coordinate_of(found: Artifact) -> str:
    jar = f"{found.groupId}:{found.artifactId}:{found.version}"
    return jar if found.packaging == "jar" else f"{jar}:{found.classifier}:{found.packaging}"


def download(coordinate: str, *, directory: Path, received: Callable[[int], None]) -> Path:
    try:
        return artifact(coordinate, of=repository(directory, received=received)).resolve()
    except (RequestException, RuntimeError) as error:
        raise Failure(
            f"{coordinate} could not be downloaded ({type(error).__name__}): check the network and"
            " the proxy settings and run this again; what arrived before is kept."
        ) from error
