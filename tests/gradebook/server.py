"""A private PostgreSQL server: its own cluster in a temporary folder, reached over a socket in it."""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

PROGRAMS = Path(found).resolve().parent if (found := shutil.which("initdb")) else max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@contextmanager
def postgres_server() -> Iterator[str]:
    """Give the folder of a running server's socket."""
    assert PROGRAMS is not None
    user = _user()
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        if user is not None:
            shutil.chown(folder, user)
        data = f"{folder}/data"
        _run(user, str(PROGRAMS / "initdb"), "--pgdata", data, "--username", "grader", "--auth", "trust", "--encoding", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c log_statement=none"
        _run(user, str(PROGRAMS / "pg_ctl"), "start", "--wait", "--pgdata", data, "--log", f"{folder}/log", "--options", options)
        try:
            yield folder
        finally:
            _run(user, str(PROGRAMS / "pg_ctl"), "stop", "--wait", "--pgdata", data, "--mode", "immediate")


def new_database(socket_folder: str) -> str:
    """Return the URL of a new empty database."""
    name = f"gradebook_{uuid.uuid4().hex}"
    with psycopg.connect(f"host={socket_folder} user=grader dbname=postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"postgresql+psycopg://grader@/{name}?host={socket_folder}"


def _user() -> str | None:
    """Return the account that the server runs as: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(user: str | None, *command: str) -> None:
    subprocess.run(command, user=user, cwd="/", check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # noqa: S603 - PostgreSQL's own
