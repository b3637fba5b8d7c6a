"""Zip archives of submissions, unpacked into a folder of their own: only notebooks, and nothing outside it.

What is wrong with one member is a problem of that member alone, so that one student's file never costs another's mark; small ones come first, so
that nobody takes the room of the others. What no learning platform writes (a way out of the folder, two members of one name or in the same bytes)
refuses the archive.
"""

import contextlib
import hashlib
import io
import os
import re
import shutil
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import NoReturn

from grader.errors import IntakeError
from grader.intake.folders import DEEPEST, is_ignored, is_notebook
from grader.intake.lms import METADATA
from grader.intake.read import MAX_BYTES

MAX_MEMBERS = 20_000
MAX_DIRECTORY_BYTES = 8 * 1024**2
MAX_TOTAL_BYTES = 4 * 1024**3
MAX_RATIO = 500

_AGAIN = "clear all outputs, save the notebook and hand it in again"
_TOO_LARGE = f"the file is larger than {MAX_BYTES // 1024**2} MB: {_AGAIN}"
_TOO_DEEP = f"it lies more than {DEEPEST} folders deep: hand it in with fewer folders around it"
_NO_ROOM = f"the notebooks of its archive are larger than {MAX_TOTAL_BYTES // 1024**3} GB together, and it is one of the largest: {_AGAIN}"
_MAX_NAME_BYTES = 240
_MAX_SUFFIX_BYTES = 20
_CHUNK = 1024**2
_LOCAL_HEADER_BYTES = 30  # without the name
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DIGITS = 32  # of 12, anybody finds two names with the same within a minute
_CHANGED = re.compile(rf"~[0-9a-f]{{{_DIGITS}}}(\.[^.]*)?$")
_DRIVE = re.compile(r"[A-Za-z]:")
_ENCRYPTED = 0x1
_UTF8 = 0x800
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_KINDS = {0, stat.S_IFREG}  # archives made on Windows say nothing of the kind
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError, OverflowError, LookupError)


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """Where an archive was unpacked, and the reason for each notebook in it that cannot be read (an empty file lies in its place)."""

    root: Path
    problems: dict[Path, str]


@dataclass(frozen=True, kw_only=True)
class _Member:
    info: zipfile.ZipInfo
    parts: tuple[str, ...]
    problem: str


def is_archive(path: Path) -> bool:
    """Return whether a file's name is that of a zip archive."""
    return path.suffix.casefold() == ".zip"


def unpack(path: Path, scratch: Path) -> Unpacked:
    """Unpack the notebooks of an archive below an empty folder; of other files only the names are kept.

    Raises:
        IntakeError: it is no zip archive, is damaged, holds too much, or names places outside itself.
    """
    root = scratch / path.stem
    problems: dict[Path, str] = {}
    total = 0
    try:
        root.mkdir(parents=True)
        with _Capped(io.FileIO(path)) as file, zipfile.ZipFile(file) as archive:
            for member in sorted(_members(archive), key=lambda member: member.info.file_size):
                target = root.joinpath(*map(_disk_name, member.parts))
                target.parent.mkdir(parents=True, exist_ok=True)
                no_room = _NO_ROOM if total + member.info.file_size > MAX_TOTAL_BYTES else ""
                problem = member.problem or no_room or _extract(archive, member.info, target)
                if problem:
                    target.write_bytes(b"")
                    problems[target] = problem
                total += target.stat().st_size
    except _RefusedError as error:
        raise IntakeError(path=str(path), reason=str(error)) from error
    except (FileExistsError, NotADirectoryError) as error:
        raise IntakeError(path=str(path), reason="two of its members have the same name, so it is unclear which is meant: make the archive again") from error
    except UnicodeDecodeError as error:  # of which zipfile reads no member
        reason = f"the name {error.object[-100:]!a} of a member is not UTF-8, as the archive says it is: rename that file and make the archive again"
        raise IntakeError(path=str(path), reason=reason) from error
    except _DAMAGED as error:
        raise IntakeError(path=str(path), reason=f"this is no zip archive that can be read ({error}): download it again") from error
    return Unpacked(root=root, problems=problems)


class _RefusedError(Exception):
    """Why an archive is refused as a whole."""


class _Capped(io.BufferedReader):
    """A file of which nobody reads much at once: zipfile loads the whole list of members before anyone can count them."""

    def read(self, size: int | None = -1, /) -> bytes:
        most = MAX_DIRECTORY_BYTES + 1
        data = super().read(most if size is None or size < 0 else min(size, most))
        if len(data) == most:
            _refuse(f"its list of members is larger than {MAX_DIRECTORY_BYTES // 1024**2} MB")
        return data


def _refuse(reason: str) -> NoReturn:
    raise _RefusedError(reason)


def _members(archive: zipfile.ZipFile) -> Iterator[_Member]:
    """Yield the files of an archive that matter, each with its problem, if any; refuse names that lead out of it."""
    found = archive.infolist()
    if len(found) > MAX_MEMBERS:
        _refuse(f"it has {len(found)} members; at most {MAX_MEMBERS} are read")
    _check_places(found, archive.start_dir)
    backslashed = not any("/" in info.orig_filename for info in found)
    named = [(info, _parts(_name(info, backslashed=backslashed))) for info in found]
    kept = [
        (info, parts, _within_reach(parts))
        for info, parts in named
        if parts and not info.is_dir() and not any(map(is_ignored, parts)) and (not _is_too_deep(parts) or is_notebook(Path(parts[-1])))
    ]
    folders = {place[:depth] for _, _, place in kept for depth in range(1, len(place))}
    seen: dict[str, tuple[str, ...]] = {}
    for info, parts, place in kept:
        key = unicodedata.normalize("NFC", "/".join(parts)).casefold()
        is_first = seen.setdefault(key, parts) == parts
        problem = _problem(info, parts) if is_first else f"another file differs from it only in capitals: {'/'.join(seen[key])[-100:]!r}"
        # a student can call a file like a folder beside it, which no disk can
        yield _Member(info=info, parts=(*place[:-1], f"{place[-1]}/") if place in folders else place, problem=problem)


def _check_places(found: Iterable[zipfile.ZipInfo], end: int) -> None:
    """Refuse members that share bytes, or reach into what comes after them: the same few megabytes would unpack to any number of notebooks."""
    for info in sorted(found, key=lambda info: info.header_offset, reverse=True):
        if info.header_offset < 0 or info.header_offset + _LOCAL_HEADER_BYTES + info.compress_size > end:
            _refuse(f"its members lie in one another, as {info.orig_filename[:100]!r} does: no program writes such an archive")
        end = info.header_offset


def _name(info: zipfile.ZipInfo, *, backslashed: bool) -> str:
    """Return a member's name; some programs write UTF-8 and do not say so, and some only backslashes between folders.

    Beside slashes, or where they would lead out, backslashes are no such program's but a student's: part of a name.
    """
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode()
    slashed = name.replace("\\", "/")
    return slashed if backslashed and not _leads_out(slashed) else name


def _parts(name: str) -> tuple[str, ...]:
    if _leads_out(name):
        _refuse(f"a member's name leads out of the archive: {name[:100]!r}")
    return PurePosixPath(name).parts


def _leads_out(name: str) -> bool:
    return name.startswith("/") or _DRIVE.match(name) is not None or ".." in name.split("/")


def _is_too_deep(parts: tuple[str, ...]) -> bool:
    return len(parts) > DEEPEST + 1


def _within_reach(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return a path with its folders beyond the deepest as one, so that who looks for notebooks comes upon it."""
    return (*parts[: DEEPEST - 1], "/".join(parts[DEEPEST - 1 : -1]), parts[-1]) if _is_too_deep(parts) else parts


def _problem(info: zipfile.ZipInfo, parts: tuple[str, ...]) -> str:
    """Return why a member is not even opened; sizes are what the archive says, and it cannot hold more."""
    reasons = (
        (stat.S_IFMT(info.external_attr >> 16) not in _KINDS, "this is a link or a device, not a file: hand in the file itself"),
        (_is_too_deep(parts), _TOO_DEEP),
        (any(map(_CONTROL.search, parts)), "its name has control characters: rename it and hand it in again"),
        (info.flag_bits & _ENCRYPTED, "it is encrypted: hand it in without a password"),
        (info.compress_type not in _METHODS, "it is compressed in an unusual way: hand in the .ipynb file itself"),
        (info.file_size > MAX_BYTES, _TOO_LARGE),
        (info.file_size > _CHUNK and info.file_size > MAX_RATIO * info.compress_size, f"it unpacks to more than {MAX_RATIO} times its size: {_AGAIN}"),
    )
    return next((reason for found, reason in reasons if found), "")


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> str:
    """Write a member, or only an empty file where it is no notebook; return what is wrong with it."""
    with target.open("xb") as file:
        if not is_notebook(target) and target.name != METADATA:
            return ""
        try:
            with archive.open(info) as source:
                # never more than the archive says, which was not too much: zipfile stops there
                shutil.copyfileobj(source, file, _CHUNK)
        except _DAMAGED as error:
            return f"it is damaged in the archive ({error})"
    _set_time(target, info)
    return ""


def _set_time(target: Path, info: zipfile.ZipInfo) -> None:
    """Give a file its time in the archive, as `unzip` does; an impossible time is that of the first day."""
    try:
        modified = datetime(*info.date_time).astimezone().timestamp()  # an archive does not say of which zone it is: of this machine's
    except (ValueError, OverflowError):
        modified = 0.0
    os.utime(target, (modified, modified))


def _disk_name(part: str) -> str:
    """Return a part of a path that every file system takes; one that had to be changed, or looks as if it had been, ends in digits of its digest."""
    clean = _CONTROL.sub("", part).replace("\\", "").replace("/", "")
    if clean == part and not _CHANGED.search(part) and len(part.encode()) <= _MAX_NAME_BYTES:
        return part
    suffix = PurePosixPath(clean).suffix if len(PurePosixPath(clean).suffix.encode()) <= _MAX_SUFFIX_BYTES else ""
    stem = clean.removesuffix(suffix).encode()[: _MAX_NAME_BYTES - _MAX_SUFFIX_BYTES - _DIGITS - 1].decode(errors="ignore")
    return f"{stem}~{hashlib.sha256(part.encode()).hexdigest()[:_DIGITS]}{suffix}"
