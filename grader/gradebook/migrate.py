"""Making a gradebook's tables, or bringing them up to date."""

from pathlib import Path

from sqlalchemy import Connection, Engine, insert, inspect, select, text

from grader.errors import GradebookError
from grader.gradebook.engine import writing
from grader.gradebook.tables import REVISION, Base, RevisionRow

_POSTGRES_LOCK = 0x67726164


def migrate(engine: Engine) -> Path | None:
    """Make the tables, or bring them up to date; return the backup of the SQLite file that was made before, if it held anything.

    Graders that come at the same time wait for the first.

    Raises:
        GradebookError: it cannot be opened, or a newer grader has written it.
    """
    if engine.url.get_backend_name() == "sqlite" and engine.url.database:
        touch(Path(engine.url.database))
    with writing(engine) as session:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})
        revision = _revision(connection)
        if revision is None:
            Base.metadata.create_all(connection, checkfirst=False)
            connection.execute(insert(RevisionRow), {"version_num": REVISION})
        elif revision != REVISION:
            from grader.gradebook.upgrade import upgrade  # noqa: PLC0415 - alembic takes long to import, and is seldom wanted

            return upgrade(engine, connection, revision)
        return None


def _revision(connection: Connection) -> str | None:
    return connection.scalar(select(RevisionRow.version_num)) if inspect(connection).has_table(RevisionRow.__tablename__) else None


def touch(path: Path) -> None:
    """Make a file where there is none, that only its owner reads: code of students may run as another user of this machine.

    Raises:
        GradebookError: it cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        message = f"The gradebook {path} cannot be used: {error.strerror}."
        raise GradebookError(message) from error
