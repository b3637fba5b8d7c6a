"""The `grader` command, and `python -m grader`."""

_OBJECTS = 100_000


def main() -> None:
    """Run the command line."""
    import sys  # noqa: PLC0415 - so that importing this module costs nothing

    collect_garbage_seldom()
    from grader.cli import app  # noqa: PLC0415 - the same
    from grader.reports.console import tolerate  # noqa: PLC0415 - the same

    tolerate(sys.stdout)
    tolerate(sys.stderr)
    app()


def collect_garbage_seldom() -> None:
    """Let more objects gather before Python looks for garbage: the usual 700 is for small programs, and of torch's million objects none goes."""
    import gc  # noqa: PLC0415 - so that importing this module costs nothing

    gc.set_threshold(_OBJECTS)


if __name__ == "__main__":
    main()
