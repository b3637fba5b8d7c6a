"""The connection to the database, and its transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session

from grader.errors import GradebookError, SettingsError

_WAIT_SECONDS = 60


def open_engine(url: str) -> Engine:
    """Return the engine of a gradebook's URL.

    Raises:
        SettingsError: it is no URL of SQLite or PostgreSQL, or PostgreSQL's driver is not installed.
    """
    parsed = _checked(url)
    if parsed.get_backend_name() == "postgresql":
        try:
            return create_engine(parsed, pool_pre_ping=True)
        except ModuleNotFoundError as error:
            message = "A gradebook in PostgreSQL needs its driver: pip install 'grader[postgres]'."
            raise SettingsError(message) from error
    engine = create_engine(parsed, connect_args={"timeout": _WAIT_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Give a session whose view of the gradebook does not change.

    Raises:
        GradebookError: the database says no.
    """
    with _explained(engine), Session(engine) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Give a session whose changes are all kept at its end, or none; on SQLite others wait with theirs.

    Raises:
        GradebookError: the database says no.
    """
    with _explained(engine), Session(engine.execution_options(writes=True)) as session, session.begin():
        yield session


def shown_url(engine: Engine) -> str:
    """Return where the gradebook lies, without a password."""
    return engine.url.database or "" if engine.url.get_backend_name() == "sqlite" else engine.url.render_as_string(hide_password=True)


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        message = "gradebook: not a URL of a database. Say sqlite:///gradebook.db or postgresql+psycopg://user@host/database."
        raise SettingsError(message) from error
    if parsed.drivername in {"postgresql", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return parsed
    message = f"gradebook: {parsed.drivername} will not do. Say sqlite:///gradebook.db or postgresql+psycopg://user@host/database."
    raise SettingsError(message)


@contextmanager
def _explained(engine: Engine) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = getattr(error, "orig", None) or error
        message = f"The gradebook {shown_url(engine)} cannot be used: {reason}".strip()
        raise GradebookError(message) from error


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
    connection.isolation_level = None  # the driver must not begin transactions of its own: see _begin_sqlite
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")  # readers do not wait for a writer


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once when another has written in between; one that says so at its start waits.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")
