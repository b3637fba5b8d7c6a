"""Rosters: CSV files that say who takes part, from any LMS."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import SettingsError

_LARGEST_BYTES = 16 * 2**20
# In each line the more telling names come first. Canvas, Moodle, Blackboard and Gradescope each use some of them.
_COLUMNS = {
    "name": ("name", "fullname", "studentname", "student", "displayname", "姓名"),
    "first": ("firstname", "givenname", "名"),
    "last": ("lastname", "surname", "familyname", "姓"),
    "lms_id": ("id", "lmsid", "studentid", "sid", "sisuserid", "sisid", "sisloginid", "idnumber", "userid", "username", "login", "学号"),
    "email": ("email", "emailaddress", "mail", "邮箱", "电子邮件"),
    "section": ("section", "sections", "group", "groups", "class", "班级"),
}
_NO_STUDENTS = {"Points Possible", "Student, Test", "Test Student"}


@dataclass(frozen=True, kw_only=True)
class RosterLine:
    """One student of a roster; all but the name may be empty."""

    name: str
    lms_id: str
    email: str
    section: str


def read_roster(path: Path) -> list[RosterLine]:
    """Return the students of a roster with columns for the name, and for id, e-mail address and section where it has them.

    Raises:
        SettingsError: it is no such file, or two of its lines are the same student; the message says which line.
    """
    lines = _rows(path)
    if not lines:
        message = f"{path} is empty: its first line must name the columns, such as name,id,email,section."
        raise SettingsError(message)
    columns = _columns(path, lines[0])
    found: dict[int, RosterLine] = {}
    for number, cells in enumerate(lines[1:], start=2):
        said = {field: clean(cells[index]) for field, index in columns.items() if index < len(cells)}
        name = said.get("name") or " ".join(filter(None, (said.get("first"), said.get("last"))))
        if name in _NO_STUDENTS or not any(said.values()):
            continue
        if not name:
            message = f"{path}, line {number}: there is no name."
            raise SettingsError(message)
        found[number] = RosterLine(name=name, lms_id=said.get("lms_id", ""), email=said.get("email", ""), section=said.get("section", ""))
    _refuse_twins(path, found)
    return list(found.values())


def clean(text: str) -> str:
    """Return a text in Unicode's composed form, with single spaces, as names of submissions are."""
    return " ".join(unicodedata.normalize("NFC", text).replace("\0", "").split())


def _rows(path: Path) -> list[list[str]]:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            message = f"{path} is too large for a roster."
            raise SettingsError(message)
        data = path.read_bytes()
        text = data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
        header = text.partition("\n")[0]
        delimiter = max(",;\t", key=header.count)
        return [row for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True) if any(map(str.strip, row))]
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise SettingsError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8: save it as CSV in UTF-8."
        raise SettingsError(message) from error
    except csv.Error as error:
        message = f"{path} is no CSV file: {error}."
        raise SettingsError(message) from error


def _columns(path: Path, header: Iterable[str]) -> Mapping[str, int]:
    names = [re.sub(r"[\W_]", "", name).casefold() for name in header]
    columns = {field: names.index(fits[0]) for field, known in _COLUMNS.items() if (fits := [name for name in known if name in names])}
    if "name" not in columns and not {"first", "last"} & columns.keys():
        message = f"{path}: no column is called name (or first name and last name); there are {', '.join(header)}."
        raise SettingsError(message)
    return columns


def _refuse_twins(path: Path, found: Mapping[int, RosterLine]) -> None:
    for field in ("lms_id", "email"):
        seen: dict[str, int] = {}
        for number, line in found.items():
            said = getattr(line, field).casefold()
            if said and said in seen:
                message = f"{path}: lines {seen[said]} and {number} have the same {field.replace('lms_', '')} {getattr(line, field)!r}."
                raise SettingsError(message)
            seen[said] = number
    seen = {}
    for number, line in found.items():
        if not line.lms_id and not line.email:
            if line.name in seen:
                message = f"{path}: lines {seen[line.name]} and {number} have the same name {line.name!r}, and no id or e-mail address tells them apart."
                raise SettingsError(message)
            seen[line.name] = number
