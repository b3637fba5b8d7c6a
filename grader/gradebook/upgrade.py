"""Bringing the tables of an older grader's gradebook up to date, with alembic."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from grader.errors import GradebookError
from grader.gradebook.engine import shown_url
from grader.gradebook.migrate import touch

_FOLDER = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, connection: Connection, revision: str) -> Path | None:
    """Run the migrations since a revision, in the connection's transaction; return the backup of the SQLite file that was made before.

    Raises:
        GradebookError: a newer grader has written it, or there is no room for the backup.
    """
    config = migration_config()
    if revision not in {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}:
        message = f"The gradebook {shown_url(engine)} was written by a newer grader (its tables are of revision {revision}): update grader."
        raise GradebookError(message)
    backup = _back_up(engine, revision) if connection.dialect.name == "sqlite" else None
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return backup


def migration_config() -> Config:
    """Return alembic's settings for the migrations in this package."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _back_up(engine: Engine, revision: str) -> Path:
    """Copy the SQLite file, and what its log still holds, beside it."""
    path = Path(engine.url.database or "")
    backup = path.with_name(f"{path.name}.{revision}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.backup")
    touch(backup)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    return backup
