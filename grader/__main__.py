"""The `grader` command, and `python -m grader`."""


def main() -> None:
    """Run the command line."""
    import sys  # noqa: PLC0415 - so that importing this module costs nothing

    from grader.cli import app  # noqa: PLC0415 - the same
    from grader.reports.console import tolerate  # noqa: PLC0415 - the same

    tolerate(sys.stdout)
    tolerate(sys.stderr)
    app()


if __name__ == "__main__":
    main()
