from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reconsite.embedded.settings import DEFAULTS, shell_lines

EXAMPLE = Path(__file__).parents[3] / ".env.example"


def loaded(file: Path) -> dict[str, str]:
    """What a shell has in its environment after loading the file."""
    script = f"set -a; . '{file}'; env -0"
    told = subprocess.run(["sh", "-c", script], env={}, capture_output=True, check=True).stdout
    pairs = (line.split("=", maxsplit=1) for line in told.decode().split("\0") if line)
    return dict(pairs)


@pytest.mark.parametrize("value", ["", "plain", "two words", 'it\'s $HOME `x` "q" \\ #;&', "a\nb"])
def test_a_shell_reads_back_every_value_as_it_is(tmp_path: Path, value: str) -> None:
    file = tmp_path / "env"
    file.write_text(shell_lines({"VALUE": value}))
    assert loaded(file)["VALUE"] == value


def test_the_example_has_the_defaults_of_the_embedded_run() -> None:
    example = loaded(EXAMPLE)
    assert {name: example.get(name) for name in DEFAULTS} == DEFAULTS


def test_the_example_has_no_secret_that_somebody_could_keep() -> None:
    assert loaded(EXAMPLE)["DJANGO_SECRET_KEY"] == ""
