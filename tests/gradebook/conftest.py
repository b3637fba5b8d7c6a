"""Gradebooks in SQLite and in PostgreSQL: every test that takes `url` or `gradebook` runs on both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.gradebook.book import Gradebook
from tests.gradebook.server import PROGRAMS, new_database, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    if PROGRAMS is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with postgres_server() as socket_folder:
        yield socket_folder


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gradebook.db'}"
    return new_database(request.getfixturevalue("postgres"))


@pytest.fixture
def gradebook(url: str) -> Iterator[Gradebook]:
    with Gradebook(url) as gradebook:
        yield gradebook
