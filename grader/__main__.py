"""The `grader` command, and `python -m grader`."""


def main() -> None:
    """Run the command line."""
    from grader.cli import app  # noqa: PLC0415 - so that importing this module costs nothing

    app()


if __name__ == "__main__":
    main()
