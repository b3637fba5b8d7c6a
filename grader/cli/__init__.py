"""The command line: arguments, printing, exit codes. Heavy imports wait until a command needs them."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Protocol

import typer

from grader.cli.exits import Exit, explained
from grader.cli.export import app as export_commands, no_commands, require_files_of_run, write_run
from grader.cli.files import require_writable
from grader.cli.gradebook import app as gradebook_commands

_INTERRUPTED = "interrupted; what was graded is kept, and the next run goes on from there"
_INTERRUPTED_BY_FORCE = "interrupted; what was graded again is kept. All others keep their earlier marks until they are graded with --force again."

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="""Grades deep-learning notebooks and says what went wrong.

\b
Examples:
  grader run submissions/                      grade everything that was handed in
  grader run ada.ipynb --assignment 02-rnn     grade one notebook
  grader run submissions/ --fail-under 60      for CI: exit code 1 when a mark is below 60 %
  grader export canvas --template canvas.csv   fill in the learning platform's gradebook
  grader release                               make the students' notebooks of all assignments
  grader validate                              prove that their cases tell right from wrong
  grader new 07-attention                      begin an assignment
  grader override ada 02-rnn 12 --reason ...   give points by hand; comment, extension and history are like it
  grader diff                                  whose mark moved since the run before, and why
  grader report                                write all pages again, without running anything
  grader students import roster.csv            say who takes part
  grader demo --students 30                    make up a class to try it on
  grader doctor                                say what this machine can do, and attack its sandbox

\b
Exit codes: 0 done; 1 below --fail-under, stale, not valid, or not complete; 2 usage or configuration; 3 our own failure; 130 interrupted.""",
)
app.add_typer(gradebook_commands)
app.add_typer(export_commands)


@app.callback()
def _all_commands() -> None:
    """Grades deep-learning notebooks and says what went wrong."""


@app.command()
def run(  # noqa: PLR0917 - typer reads options from the signature
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Notebooks, folders of them in any usual layout, or a learning platform's zip. [default: submissions]")
    ] = None,
    assignment: Annotated[str | None, typer.Option(help="Which assignment it is, where names do not tell.")] = None,
    student: Annotated[
        str | None, typer.Option(help="Whose notebooks these are, whatever their files are called; refused where they are of several students.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the reports. [default: reports]")] = None,
    device: Annotated[
        str | None,
        typer.Option(help="Where students' code runs: cpu, cuda (all GPUs), cuda:1, cuda:0,2, or auto (GPUs if a notebook says so). [default: auto]"),
    ] = None,
    sandbox: Annotated[
        str | None, typer.Option(help="auto (the strongest that holds), namespaces, single-use, uid, landlock, or none. [default: auto]")
    ] = None,
    slots: Annotated[
        int | None,
        typer.Option(
            min=1, help="How many submissions are graded at a time, on all GPUs together no more than their memory has room for. [default: processor cores]"
        ),
    ] = None,
    cluster: Annotated[str | None, typer.Option(help="Grade on a Dask cluster: tcp://host:port, or slurm.")] = None,
    fail_under: Annotated[float | None, typer.Option(min=0, max=100, help="Exit with 1 when a mark is below this many percent.")] = None,
    lang: Annotated[str | None, typer.Option(help="Language of the pages: en, zh. [default: en]")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML to this file.")] = None,
    gradescope: Annotated[Path | None, typer.Option(help="Write Gradescope's results.json to this file.")] = None,
    github: Annotated[bool, typer.Option("--github", help="Print annotations for GitHub Actions, and write the step's summary.")] = False,  # noqa: FBT002 - a flag
    force: Annotated[bool, typer.Option("--force", help="Grade again what has not changed since the last run.")] = False,  # noqa: FBT002 - a flag
    profile: Annotated[bool, typer.Option("--profile", help="Print how long each stage took.")] = False,  # noqa: FBT002 - a flag
    cold: Annotated[bool, typer.Option("--cold", help="Start every kernel anew, without a sandbox: slow, works where there is no fork.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Grade submissions and write a report for each.

    \b
    Examples:
      grader run submissions/
      grader run ada.ipynb --assignment 02-rnn --student "Ada L."
      grader run submissions/ --out feedback --slots 8 --fail-under 50
      grader run canvas-download.zip --assignment 02-rnn
      grader run . --junit junit.xml --github
    """  # noqa: D301 - \b is click's mark for lines to leave alone
    from grader.reports.live import LiveRun  # noqa: PLC0415 - heavy
    from grader.settings import load_settings  # noqa: PLC0415 - heavy
    from grader.workflows.run_request import Progress, RunRequest, RunSummary  # noqa: PLC0415 - heavy
    from grader.workflows.warming_up import warming_up  # noqa: PLC0415 - heavy

    request = RunRequest(paths=tuple(paths or [Path("submissions")]), assignment=assignment, student=student, force=force, cold=cold)

    async def grade() -> RunSummary:
        async with warming_up(settings, cold=cold) as begun:
            from grader.workflows.run import run as grade_all  # noqa: PLC0415 - the heaviest

            progress = Progress(total=live.total, building=live.building, started=live.started, stopped=live.stopped, said=live.said, graded=live.graded)
            return await grade_all(request, settings, progress, begun)

    with explained(interrupted=_INTERRUPTED_BY_FORCE if force else _INTERRUPTED):
        settings = load_settings(Path(), out=out, device=device, sandbox=sandbox, slots=slots, cluster=cluster, lang=lang)
        require_files_of_run(junit=junit, gradescope=gradescope)
        with no_commands(on=github):
            with LiveRun() as live:
                summary = asyncio.run(grade())
            live.summarise(summary.results)
            if summary.kept:
                typer.echo(f"{summary.kept} unchanged since the last run; --force grades them again.")
            if profile:
                typer.echo(summary.stages.table())
            typer.echo(f"Report: {summary.index}")
        write_run(summary.files, junit=junit, gradescope=gradescope, github=github)
        raise typer.Exit(_exit_code(summary.results, fail_under))


@app.command()
def release(
    names: Annotated[list[str] | None, typer.Argument(help="Assignments. [default: all]")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 when something released is stale.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Make the students' notebooks and public cases from the solutions.

    \b
    Examples:
      grader release
      grader release 02-rnn
      grader release --check
    """  # noqa: D301 - \b is click's mark for lines to leave alone
    from grader.settings import load_settings  # noqa: PLC0415 - heavy
    from grader.workflows.release import release as release_all  # noqa: PLC0415 - heavy

    with explained():
        outcomes = asyncio.run(release_all(names or [], load_settings(Path()), check=check))
    for outcome in outcomes:
        state = ("stale: " if check else "wrote ") + ", ".join(outcome.changed) if outcome.changed else "up to date"
        typer.echo(f"{outcome.name}: {state}")
    if check and any(outcome.changed for outcome in outcomes):
        typer.echo("Run `grader release` and commit what it writes.", err=True)
        raise typer.Exit(Exit.BELOW)


@app.command()
def validate(
    names: Annotated[list[str] | None, typer.Argument(help="Assignments. [default: all]")] = None,
    matrix: Annotated[bool, typer.Option("--matrix", help="Print which case catches which mistake.")] = False,  # noqa: FBT002 - a flag
    html: Annotated[Path | None, typer.Option(help="Write the same as a page.")] = None,
) -> None:
    """Prove that an assignment's cases tell right from wrong: solution, stub, and every known mistake.

    \b
    Examples:
      grader validate
      grader validate 02-rnn --matrix
      grader validate --html validation.html
    """  # noqa: D301 - \b is click's mark for lines to leave alone
    from grader.reports.kill_matrix import plain_kill_matrix, render_kill_matrix  # noqa: PLC0415 - heavy
    from grader.settings import load_settings  # noqa: PLC0415 - heavy
    from grader.workflows.validate import validate as validate_all  # noqa: PLC0415 - heavy

    with explained():
        if html is not None:
            require_writable(html)
        found = asyncio.run(validate_all(names or [], load_settings(Path()), progress=lambda name: typer.echo(f"{name} ...", err=True)))
    sections = [one.section() for one in found]
    for section in sections:
        typer.echo(plain_kill_matrix(section) if matrix else f"{section.assignment}: {section.counts}")
        for problem in section.problems:
            typer.echo(f"  {problem}")
    if html is not None:
        html.write_text(render_kill_matrix(sections), encoding="utf-8")
    if any(section.problems for section in sections):
        raise typer.Exit(Exit.BELOW)


@app.command()
def demo(
    students: Annotated[int, typer.Option(min=1, help="How many students the class has.")] = 12,
    out: Annotated[Path, typer.Option(help="Folder of the class.")] = Path("demo"),
    assignment: Annotated[list[str] | None, typer.Option(help="Which assignments they hand in. [default: all]")] = None,
    seed: Annotated[int, typer.Option(help="Another number makes another class.")] = 0,
) -> None:
    """Make up a class from the known mistakes, with the marks that it must get in truth.json.

    \b
    Examples:
      grader demo
      grader demo --students 200 --assignment 02-rnn --out class
      grader run class
    """  # noqa: D301 - \b is click's mark for lines to leave alone
    from grader.settings import load_settings  # noqa: PLC0415 - heavy
    from grader.workflows.demo import demo as make_class  # noqa: PLC0415 - heavy

    with explained():
        truth = asyncio.run(make_class(assignment or [], load_settings(Path()), students=students, seed=seed, out=out))
    typer.echo(f"{out} holds {len(truth)} notebook{'s' * (len(truth) != 1)}, and their marks in truth.json. Grade them with `grader run {out}`.")


@app.command()
def doctor(
    sandbox: Annotated[str | None, typer.Option(help="auto, namespaces, single-use, uid or landlock. [default: auto]")] = None,
    device: Annotated[str | None, typer.Option(help="GPUs to try, as in `grader run`. [default: auto]")] = None,
) -> None:
    """Say what this machine can do, and attack its sandbox; exits with 3 when it has none, or an attack succeeds.

    \b
    Examples:
      grader doctor
      grader doctor --sandbox uid
      grader doctor --device cuda
    """  # noqa: D301 - \b is click's mark for lines to leave alone
    from grader.settings import load_settings  # noqa: PLC0415 - heavy
    from grader.workflows.doctor import examine  # noqa: PLC0415 - heavy

    with explained():
        found = asyncio.run(examine(load_settings(Path(), sandbox=sandbox, device=device), lambda name, what: typer.echo(f"{name + ':':<11} {what}")))
    if found.succeeded is not None:
        attack = found.succeeded.attack
        typer.echo(f"An attack succeeded: {attack.name.replace('_', ' ')}. It tried this: {attack.tries} What it got: {found.succeeded.got}", err=True)
        raise typer.Exit(Exit.OURS)


@app.command()
def check(notebook: Annotated[Path, typer.Argument(help="Your notebook.")]) -> None:
    """Try the public cases on a notebook of your own; exits with 1 when one fails.

    It runs as in your own Jupyter, without a sandbox: what others handed in is for `grader run`.

    \b
    Example:
      grader check assignments/02-rnn/02-rnn.ipynb
    """  # noqa: D301 - \b is click's mark for lines to leave alone
    from grader.reports.safe_text import plain  # noqa: PLC0415 - heavy
    from grader.settings import load_settings  # noqa: PLC0415 - heavy
    from grader.workflows.check import check_notebook  # noqa: PLC0415 - heavy

    with explained():
        checked = check_notebook(notebook, load_settings(Path()))
    typer.echo(plain(checked.text).rstrip())
    for run in checked.failed_cells:
        typer.echo(f"Code cell {int(run.cell_id) + 1}: {plain(run.error or run.status)} {plain(run.message)}".rstrip(), err=True)
    if not checked.passed:
        raise typer.Exit(Exit.BELOW)


@app.command()
def new(name: Annotated[str, typer.Argument(help="The assignment's name, for example 07-attention.")]) -> None:
    """Begin an assignment: a solution notebook and questions.py that work as they are.

    \b
    Example:
      grader new 07-attention
    """  # noqa: D301 - \b is click's mark for lines to leave alone
    from grader.settings import load_settings  # noqa: PLC0415 - heavy
    from grader.workflows.new import new_assignment  # noqa: PLC0415 - heavy

    with explained():
        folder = new_assignment(name, solutions=load_settings(Path()).solutions)
    typer.echo(f"{folder} is ready. Change its notebook and questions.py, then run `grader release {name}`.")


class _Scored(Protocol):
    """What an exit code needs of a result, whose module is heavy."""

    @property
    def verdict(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def points(self) -> float: ...


def _exit_code(results: Sequence[_Scored], fail_under: float | None) -> Exit:
    if any(result.verdict == "ours" for result in results):
        return Exit.OURS
    below = sum(100 * result.score < (fail_under or 0) * result.points for result in results)
    if below:
        typer.echo(f"{below} below the {fail_under:g} % of --fail-under.", err=True)
        return Exit.BELOW
    return Exit.GRADED
