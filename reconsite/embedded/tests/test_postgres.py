from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from reconsite.embedded.console import Console
from reconsite.embedded.downloads import Downloads
from reconsite.embedded.failure import Failure
from reconsite.embedded.postgres import APPLICATION, OWNER, Postgres
from reconsite.embedded.rundir import RunDir


def ensure_running(postgres: Postgres, *, cache: Path) -> None:
    cancelled = threading.Event()
    downloads = Downloads(cache=cache, console=Console(), cancelled=cancelled)
    postgres.ensure_running(downloads, cancelled=cancelled)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    run_dir = RunDir(tmp_path_factory.mktemp("run"))
    server = Postgres(run_dir, Console())
    ensure_running(server, cache=run_dir.path)
    yield server
    server.stop()
    server.forget()


@pytest.fixture(scope="module")
def later_database(postgres: Postgres) -> str:
    """A database with one table, both made by the owner after the start, as tests do."""
    with psycopg.connect(postgres.url(OWNER, "postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE later")
    with psycopg.connect(postgres.url(OWNER, "later")) as connection:
        connection.execute("CREATE TABLE entry (id bigserial PRIMARY KEY, word text)")
    return "later"


def test_the_application_reads_and_writes_what_the_owner_makes(
    postgres: Postgres, later_database: str
) -> None:
    with psycopg.connect(postgres.url(APPLICATION, later_database)) as connection:
        connection.execute("INSERT INTO entry (word) VALUES ('a')")
        connection.execute("UPDATE entry SET word = 'b'")
        assert connection.execute("SELECT word FROM entry").fetchall() == [("b",)]
        connection.execute("DELETE FROM entry")


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE entry",
        "TRUNCATE entry",
        "ALTER TABLE entry ADD COLUMN more text",
        "CREATE TABLE another (id int)",
        "CREATE DATABASE another",
        "SET ROLE reconsite_owner",
    ],
)
def test_the_application_changes_no_structure(
    postgres: Postgres, later_database: str, statement: str
) -> None:
    url = postgres.url(APPLICATION, later_database)
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with psycopg.connect(url, autocommit=True) as connection, refused:
        connection.execute(statement)


def test_a_wrong_password_is_refused(postgres: Postgres) -> None:
    url = postgres.url(APPLICATION).replace(postgres.run_dir.secret(f"{APPLICATION}_password"), "x")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)


def test_text_is_ordered_by_code_point(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url()) as connection:
        query = "SELECT string_agg(w, '' ORDER BY w) FROM unnest(ARRAY['ä', 'b', 'Z', 'a']) w"
        assert connection.execute(query).fetchone() == ("Zabä",)


def test_a_second_start_leaves_the_server_and_its_data(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url()) as connection:
        ensure_running(postgres, cache=postgres.run_dir.path)
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_start_that_fails_names_the_log_and_its_last_lines(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    server = Postgres(run_dir, Console())
    data = Path(
        server.prepare(Downloads(cache=tmp_path, console=Console(), cancelled=threading.Event()))[2]
    )
    (data / "PG_VERSION").write_text("9.0\n")
    with pytest.raises(Failure) as failed:
        ensure_running(server, cache=tmp_path)
    assert "PostgreSQL ended while it started" in str(failed.value)
    assert str(run_dir.log("postgres")) in str(failed.value)
    assert "incompatible" in str(failed.value)
    server.forget()
