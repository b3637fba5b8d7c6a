"""Runs migrations over the connection that `grader.gradebook.migrate` gives, inside its transaction."""

from alembic import context

from grader.gradebook.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,  # SQLite cannot alter most of a table in place
)
context.run_migrations()
