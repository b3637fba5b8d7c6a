"""Files that commands write where they are told to."""

from pathlib import Path


def require_writable(path: Path, *, or_folder: bool = False) -> None:
    """Find out before the work whether a file can be written after it, `or_folder` when that will do; but for missing folders nothing is changed.

    Raises:
        SettingsError: it cannot.
    """
    from grader.errors import SettingsError  # noqa: PLC0415 - keeps --help quick

    try:
        if or_folder and path.is_dir():
            return
        is_there = path.exists() or path.is_symlink()
        if is_there and not (path.is_file() or path.is_dir()):
            return  # whoever reads a pipe must not see it end
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab"):
            pass
        if not is_there:
            path.unlink()
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}."
        raise SettingsError(message) from error
