"""Bringing a gradebook's tables up to date."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from grader.errors import GradebookError
from grader.gradebook.engine import shown_url, writing

_FOLDER = Path(__file__).parent / "migrations"
_POSTGRES_LOCK = 0x67726164


def migrate(engine: Engine) -> Path | None:
    """Make the tables, or bring them up to date; return the backup of the SQLite file that was made before, if it held anything.

    Graders that come at the same time wait for the first.

    Raises:
        GradebookError: it cannot be opened, or a newer grader has written it.
    """
    if engine.url.get_backend_name() == "sqlite" and engine.url.database:
        _touch(Path(engine.url.database))
    config = migration_config()
    head = ScriptDirectory.from_config(config).get_current_head()
    with writing(engine) as session:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})
        revision = MigrationContext.configure(connection).get_current_revision()
        if revision == head:
            return None
        _refuse_unknown(engine, config, revision)
        backup = _back_up(engine, revision) if revision is not None and connection.dialect.name == "sqlite" else None
        _upgrade(config, connection)
        return backup


def _touch(path: Path) -> None:
    """Make a file where there is none, that only its owner reads: code of students may run as another user of this machine."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        message = f"The gradebook {path} cannot be used: {error.strerror}."
        raise GradebookError(message) from error


def migration_config() -> Config:
    """Return alembic's settings for the migrations in this package."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _refuse_unknown(engine: Engine, config: Config, revision: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        message = f"The gradebook {shown_url(engine)} was written by a newer grader (its tables are of revision {revision}): update grader."
        raise GradebookError(message)


def _back_up(engine: Engine, revision: str | None) -> Path:
    """Copy the SQLite file, and what its log still holds, beside it."""
    path = Path(engine.url.database or "")
    backup = path.with_name(f"{path.name}.{revision}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.backup")
    _touch(backup)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    return backup


def _upgrade(config: Config, connection: Connection) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
