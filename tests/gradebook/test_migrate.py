"""The tables are made and brought up to date, after a backup."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from grader.errors import GradebookError
from grader.gradebook import migrations
from grader.gradebook.book import Gradebook
from grader.gradebook.engine import open_engine, writing
from grader.gradebook.migrate import migrate
from grader.gradebook.tables import REVISION, Base
from grader.gradebook.upgrade import migration_config
from tests.gradebook.results import result


def test_a_new_gradebook_has_the_tables_that_the_migrations_make(url: str) -> None:
    engine = open_engine(url)
    migrate(engine)
    with engine.connect() as connection:
        made = _tables(connection)
    engine.dispose()
    _empty(url)
    engine = open_engine(url)
    with writing(engine) as session:
        config = migration_config()
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_revision() == REVISION
        assert _tables(connection) == made
    engine.dispose()


def test_alembic_is_not_imported_where_nothing_is_to_be_changed(tmp_path: Path) -> None:
    opened = (
        f"import sys; from grader.gradebook.book import Gradebook\nwith Gradebook('sqlite:///{tmp_path}/gradebook.db'): assert 'alembic' not in sys.modules"
    )

    for _ in range(2):
        subprocess.run([sys.executable, "-c", opened], check=True)  # noqa: S603 - this very Python


def test_a_new_gradebook_and_one_that_is_up_to_date_need_no_backup(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'deep' / 'gradebook.db'}"

    for _ in range(2):
        with Gradebook(url) as gradebook:
            assert gradebook.backup is None
    assert [path.suffix for path in (tmp_path / "deep").iterdir()] == [".db"]


def test_a_place_where_no_file_can_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(GradebookError, match="file/gradebook"), Gradebook(f"sqlite:///{tmp_path}/file/gradebook.db"):
        pass


def test_a_gradebook_of_a_newer_grader_is_left_alone(url: str) -> None:
    with Gradebook(url) as gradebook:
        gradebook.record(result())
    engine = open_engine(url)
    with writing(engine) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(GradebookError, match=r"revision 9999.*update grader"), Gradebook(url):
        pass


def test_a_gradebook_is_copied_before_its_tables_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gradebook.db"
    with Gradebook(f"sqlite:///{path}") as gradebook:
        gradebook.record(result())
    _add_migration(tmp_path / "migrations", 'op.add_column("students", sa.Column("note", sa.String()))')
    monkeypatch.setattr("grader.gradebook.upgrade._FOLDER", tmp_path / "migrations")
    monkeypatch.setattr("grader.gradebook.migrate.REVISION", "added")

    engine = open_engine(f"sqlite:///{path}")
    backup = migrate(engine)
    engine.dispose()

    assert backup is not None
    assert _columns(path)[-1] == "note"
    assert "note" not in _columns(backup)
    assert [file.stat().st_mode & 0o777 for file in (path, backup)] == [0o600, 0o600]
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT key FROM students").fetchall() == [("ada",)]


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gradebook.db"
    with Gradebook(f"sqlite:///{path}") as gradebook:
        gradebook.record(result())
    _add_migration(tmp_path / "migrations", 'op.add_column("students", sa.Column("note", sa.String()))\n    op.drop_table("nothing")')
    engine = open_engine(f"sqlite:///{path}")
    with monkeypatch.context() as patch:
        patch.setattr("grader.gradebook.upgrade._FOLDER", tmp_path / "migrations")
        patch.setattr("grader.gradebook.migrate.REVISION", "added")
        with pytest.raises(GradebookError, match="nothing"):
            migrate(engine)
    engine.dispose()

    assert "note" not in _columns(path)
    with Gradebook(f"sqlite:///{path}") as gradebook:
        assert next(gradebook.current()).score == 14


def _tables(connection: Connection) -> dict[str, object]:
    """Return all that the database says of its tables, whatever the order in which it was told."""
    found = inspect(connection)
    tables: dict[str, object] = {
        name: [
            sorted(map(str, said))
            for said in (
                found.get_columns(name),
                [found.get_pk_constraint(name)],
                found.get_foreign_keys(name),
                found.get_unique_constraints(name),
                found.get_indexes(name),
            )
        ]
        for name in found.get_table_names()
    }
    if connection.dialect.name == "sqlite":
        said = connection.exec_driver_sql("SELECT name, wr FROM pragma_table_list WHERE type = 'table'")
        tables |= {f"{name} without row ids": is_without for name, is_without in said}
    return tables


def _empty(url: str) -> None:
    engine = open_engine(url)
    with writing(engine) as session:
        Base.metadata.drop_all(session.connection())
    engine.dispose()


def _add_migration(folder: Path, change: str) -> None:
    """Copy the package's migrations, and add one."""
    package = Path(migrations.__file__).parent
    (folder / "versions").mkdir(parents=True)
    for source in [package / "env.py", *(package / "versions").glob("v*.py")]:
        (folder / source.relative_to(package)).write_text(source.read_text())
    added = f'import sqlalchemy as sa\nfrom alembic import op\n\nrevision = "added"\ndown_revision = "0001"\n\n\ndef upgrade():\n    {change}\n'
    (folder / "versions" / "added.py").write_text(added)


def _columns(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [name for _, name, *_ in connection.execute("PRAGMA table_info(students)")]
