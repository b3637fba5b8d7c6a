"""The command that exports marks, and what `grader run` writes for continuous integration."""

import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from grader.cli.exits import Exit, explained
from grader.cli.files import require_writable
from grader.reports.exports.formats import Format

app = typer.Typer()


@app.command()
def export(  # noqa: PLR0917 - typer reads options from the signature
    format: Annotated[Format, typer.Argument(help="What to write.")],  # noqa: A002 - as people call it
    assignment: Annotated[str | None, typer.Option(help="Only this assignment.")] = None,
    student: Annotated[str | None, typer.Option(help="Only this student.")] = None,
    template: Annotated[Path | None, typer.Option(help="What Canvas or Moodle let you download, to be filled in.")] = None,
    column: Annotated[str | None, typer.Option(help="The assignment's column in Canvas, where its name does not tell.")] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write. [default: print]")] = None,
) -> None:
    """Write the marks that count now in the format of another program.

    Exits with 1 when a mark is not in what was written: a student without a row, a submission without a mark.

    \b
    Examples:
      grader export csv --out marks.csv
      grader export canvas --assignment 02-rnn --template canvas.csv --out upload.csv
      grader export moodle-feedback --assignment 02-rnn --template worksheet.csv --out feedback.zip
      grader export classroom >> "$GITHUB_OUTPUT"
    """  # noqa: D301 - \b is click's mark for lines to leave alone
    from grader.settings import load_settings  # noqa: PLC0415 - heavy
    from grader.workflows.export import ExportRequest, export as export_marks  # noqa: PLC0415 - heavy

    request = ExportRequest(format=format, assignment=assignment, student=student, template=template, column=column, out=out)
    with explained():
        exported = export_marks(request, load_settings(Path()))
    typer.echo(exported.text.encode("utf-8", "replace"), nl=False)
    for line in (*exported.notes, *exported.problems):
        typer.echo(line, err=True)
    if exported.problems:
        raise typer.Exit(Exit.BELOW)


@contextmanager
def no_commands(*, on: bool) -> Iterator[None]:
    """Keep GitHub from reading its commands in what is printed meanwhile, where students' names stand."""
    if not on:
        yield
        return
    token = secrets.token_hex(16)
    typer.echo(f"::stop-commands::{token}")
    try:
        yield
    finally:
        typer.echo(f"::{token}::")


def require_files_of_run(*, junit: Path | None, gradescope: Path | None) -> None:
    """Find out before a run whether what `write_run` is to write can be written; raises SettingsError."""
    if junit is not None:
        require_writable(junit)
    if gradescope is not None:
        require_writable(gradescope, or_folder=True)


def write_run(files: Collection[Path], *, junit: Path | None, gradescope: Path | None, github: bool) -> None:
    """Write the results of a run, each in its file, for those who asked for it."""
    if not (junit or gradescope or github):
        return
    from grader.workflows.export import export_files  # noqa: PLC0415 - heavy

    for form, out in ((Format.JUNIT, junit), (Format.GRADESCOPE, gradescope)):
        if out is not None:
            export_files(files, form, out=out)
    if github:
        typer.echo(export_files(files, Format.GITHUB), nl=False)
        if name := os.environ.get("GITHUB_STEP_SUMMARY"):
            with Path(name).open("a", encoding="utf-8", errors="replace") as summary:
                summary.write(export_files(files, Format.GITHUB_SUMMARY))
