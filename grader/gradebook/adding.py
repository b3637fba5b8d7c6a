"""Adding what several graders may add at the same time."""

from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import ReturningInsert


def add_or_find(connection: Connection, new: ReturningInsert[Any], row: dict[str, Any], query: Select[Any], key: dict[str, Any]) -> int:
    """Return the id of a new row, or of the equal one that another grader was quicker to add."""
    if connection.dialect.name == "sqlite":  # where nobody else writes meanwhile
        return int(connection.execute(new, row).scalar_one())
    try:
        with connection.begin_nested():
            return int(connection.execute(new, row).scalar_one())
    except IntegrityError:
        return int(connection.execute(query, key).scalar_one())
