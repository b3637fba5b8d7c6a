"""The commands about marks that were given already."""

from pathlib import Path
from typing import Annotated

import typer

from grader.cli.exits import explained

app = typer.Typer()
students = typer.Typer(no_args_is_help=True, help="Who takes part.")
app.add_typer(students, name="students")

_Student = Annotated[str, typer.Argument(help="Whose: the name that submissions have, or a name, id or e-mail address on the roster.")]
_Assignment = Annotated[str, typer.Argument(help="Of which assignment.")]
_Question = Annotated[str | None, typer.Option(help="Of which question. [default: the whole submission]")]
_Author = Annotated[str | None, typer.Option(help="Who says so. [default: the name you are logged in with]")]


@app.command()
def override(  # noqa: PLR0917 - typer reads options from the signature
    student: _Student,
    assignment: _Assignment,
    reason: Annotated[str, typer.Option(help="Why; for the record, students do not see it.")],
    points: Annotated[float | None, typer.Argument(help="The points that count from now on.")] = None,
    question: _Question = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Let what grading says count again.")] = False,  # noqa: FBT002 - a flag
    author: _Author = None,
) -> None:
    """Give points by hand, whatever grading says now or later.

    \b
    Examples:
      grader override ada 02-rnn --question rnn_step 3 --reason "right but for a typo"
      grader override ada 02-rnn 12 --reason "oral exam"
      grader override ada 02-rnn --withdraw --reason "was meant for bob"
    """  # noqa: D301 - \b is click's mark for lines to leave alone
    if (points is None) is not withdraw:
        message = "say either the points or --withdraw"
        raise typer.BadParameter(message)
    from grader.settings import load_settings  # noqa: PLC0415 - heavy
    from grader.workflows.gradebook import login_name, open_gradebook  # noqa: PLC0415 - heavy

    with explained(), open_gradebook(load_settings(Path())) as gradebook:
        marked = gradebook.override(student, assignment, points, question=question, reason=reason, author=author or login_name())
    typer.echo(f"The mark is {marked.score:g} of {marked.points:g} now. `grader report` writes the pages again.")
    most = next((one.points for one in marked.questions if one.name == question), marked.points)
    if points is not None and points > most:
        typer.echo(f"Mind that {points:g} is more than the {most:g} points that {question or assignment} is worth.", err=True)


@app.command()
def comment(  # noqa: PLR0917 - typer reads options from the signature
    student: _Student,
    assignment: _Assignment,
    text: Annotated[str, typer.Argument(help="What the student is told.")],
    question: _Question = None,
    replace: Annotated[bool, typer.Option("--replace", help="Say it instead of your last comment there; an empty text takes that away.")] = False,  # noqa: FBT002 - a flag
    author: _Author = None,
) -> None:
    """Tell a student something, on the page of feedback.

    \b
    Example:
      grader comment ada 02-rnn "Lovely loops!" --question rnn_forward
    """  # noqa: D301 - \b is click's mark for lines to leave alone
    from grader.settings import load_settings  # noqa: PLC0415 - heavy
    from grader.workflows.gradebook import login_name, open_gradebook  # noqa: PLC0415 - heavy

    with explained(), open_gradebook(load_settings(Path())) as gradebook:
        gradebook.comment(student, assignment, text, question=question, author=author or login_name(), replace=replace)
    typer.echo("Kept. `grader report` writes the pages again.")


@app.command()
def extension(
    student: _Student,
    assignment: _Assignment,
    due: Annotated[str, typer.Argument(help="Until when, like 2026-12-01 or '2026-12-01 18:00'.")],
    author: _Author = None,
) -> None:
    """Give a student more time.

    \b
    Example:
      grader extension ada 02-rnn 2026-12-01
    """  # noqa: D301 - \b is click's mark for lines to leave alone
    from grader.settings import load_settings  # noqa: PLC0415 - heavy
    from grader.workflows.gradebook import extend  # noqa: PLC0415 - heavy

    with explained():
        until = extend(load_settings(Path()), student, assignment, due, author)
    typer.echo(f"Due {until:%Y-%m-%d %H:%M} now.")


@app.command()
def history(student: _Student, assignment: _Assignment) -> None:
    """Show what happened to a mark."""
    from grader.reports.safe_text import one_line  # noqa: PLC0415 - heavy
    from grader.settings import load_settings  # noqa: PLC0415 - heavy
    from grader.workflows.gradebook import open_gradebook  # noqa: PLC0415 - heavy

    with explained(), open_gradebook(load_settings(Path())) as gradebook:
        events = gradebook.history(student, assignment)
    for event in events:
        by = f" by {event.author}" if event.author else ""
        typer.echo(f"{event.at.astimezone():%Y-%m-%d %H:%M}  {one_line(f'{event.kind}{by}: {event.what}', 300)}")


@app.command()
def diff(
    before: Annotated[int | None, typer.Argument(help="A run's number. [default: the one before]")] = None,
    after: Annotated[int | None, typer.Argument(help="A later run's number. [default: the last]")] = None,
) -> None:
    """Show whose mark moved between two runs, and why.

    \b
    Examples:
      grader diff            the last two runs
      grader diff 3          from run 3 to the last
      grader diff 3 5
    """  # noqa: D301 - \b is click's mark for lines to leave alone
    from grader.settings import load_settings  # noqa: PLC0415 - heavy
    from grader.workflows.diff import tell  # noqa: PLC0415 - heavy
    from grader.workflows.gradebook import open_gradebook  # noqa: PLC0415 - heavy

    with explained(), open_gradebook(load_settings(Path())) as gradebook:
        typer.echo(tell(gradebook.diff(before, after)))


@app.command()
def report(
    assignment: Annotated[str | None, typer.Option(help="Of which assignment. [default: all]")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the reports. [default: reports]")] = None,
    lang: Annotated[str | None, typer.Option(help="Language of the pages: en, zh. [default: en]")] = None,
) -> None:
    """Write all pages again from the gradebook, without running anything.

    \b
    Examples:
      grader report
      grader report --assignment 02-rnn --out feedback
    """  # noqa: D301 - \b is click's mark for lines to leave alone
    from grader.settings import load_settings  # noqa: PLC0415 - heavy
    from grader.workflows.report import report as write_pages  # noqa: PLC0415 - heavy

    with explained():
        index, count = write_pages(load_settings(Path(), out=out, lang=lang), assignment)
    typer.echo(f"{count} mark{'s' * (count != 1)}. Report: {index}")


@students.command("import")
def import_(
    roster: Annotated[Path, typer.Argument(help="A CSV file with a column for names, and for id, email and section where it has them.")],
    author: _Author = None,
) -> None:
    """Read a roster; nobody is taken away.

    \b
    Example:
      grader students import roster.csv
    """  # noqa: D301 - \b is click's mark for lines to leave alone
    from grader.settings import load_settings  # noqa: PLC0415 - heavy
    from grader.workflows.gradebook import login_name, open_gradebook  # noqa: PLC0415 - heavy

    with explained(), open_gradebook(load_settings(Path())) as gradebook:
        change = gradebook.import_roster(roster, author=author or login_name())
    typer.echo(f"{change.added} new, {change.changed} changed, {change.unchanged} as before.")


@students.command("list")
def list_() -> None:
    """Show everybody whom the gradebook knows."""
    from grader.reports.columns import columns  # noqa: PLC0415 - heavy
    from grader.settings import load_settings  # noqa: PLC0415 - heavy
    from grader.workflows.gradebook import open_gradebook  # noqa: PLC0415 - heavy

    with explained(), open_gradebook(load_settings(Path())) as gradebook:
        known = gradebook.students()
    header = ("Name", "Id", "E-mail", "Section", "Submissions as")
    rows = [(one.name, one.lms_id, one.email, one.section, one.key if one.key != one.name else "") for one in known]
    typer.echo(columns([header, *rows]))
