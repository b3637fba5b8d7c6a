"""The `grader` command, and `python -m grader`."""

_OBJECTS = 100_000


def main() -> None:
    """Run the command line."""
    import gc  # noqa: PLC0415 - so that importing this module costs nothing
    import sys  # noqa: PLC0415 - the same

    # the usual 700 is for small programs: of torch's million objects none goes, and they were looked at again and again
    gc.set_threshold(_OBJECTS)
    from grader.cli import app  # noqa: PLC0415 - the same
    from grader.reports.console import tolerate  # noqa: PLC0415 - the same

    tolerate(sys.stdout)
    tolerate(sys.stderr)
    app()


if __name__ == "__main__":
    main()
