"""Who is who: students as submissions name them, as rosters know them, and as people type them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches

from sqlalchemy import Connection, bindparam, func, insert, select
from sqlalchemy.orm import Session

from grader.errors import SettingsError
from grader.gradebook.adding import add_or_find
from grader.gradebook.records import RosterChange, Student
from grader.gradebook.roster import RosterLine
from grader.gradebook.tables import RosterRow, StudentRow, as_table, storable

# Made once: for statements as small as these, making one takes longer than its execution.
_NEWEST_ENTRY = select(func.max(RosterRow.id)).where(RosterRow.student_id == StudentRow.id).correlate(StudentRow).scalar_subquery()
_STUDENTS = select(StudentRow.id, StudentRow.key, RosterRow.name, RosterRow.lms_id, RosterRow.email, RosterRow.section).outerjoin(
    RosterRow, RosterRow.id == _NEWEST_ENTRY
)
_ONE_STUDENT = _STUDENTS.where(StudentRow.id == bindparam("student_id"))
_IDS = select(StudentRow.id).outerjoin(RosterRow, RosterRow.id == _NEWEST_ENTRY)
_HAS_KEY = StudentRow.key == bindparam("said")
_BY_KEY = select(StudentRow.id).where(_HAS_KEY)
_FITS = (
    (RosterRow.name == bindparam("said"))
    | (RosterRow.lms_id == bindparam("said"))
    | ((RosterRow.email != "") & (func.lower(RosterRow.email) == bindparam("address")))
)
_BY_ROSTER = _IDS.where(_FITS)
_NEW_STUDENT, _NEW_ROSTER_ENTRY = insert(as_table(StudentRow)).returning(StudentRow.id), insert(as_table(RosterRow))


def all_students(session: Session) -> dict[int, Student]:
    """Return all students by their row's id, ordered by name."""
    rows = session.execute(_STUDENTS.execution_options(yield_per=1000))  # not all of them in memory twice
    students = {student_id: _student(*said) for student_id, *said in rows}
    return dict(sorted(students.items(), key=lambda item: (item[1].name.casefold(), item[1].key)))


def one_student(connection: Connection, student_id: int) -> Student:
    """Return the student of a row."""
    _, *said = connection.execute(_ONE_STUDENT, {"student_id": student_id}).one()
    return _student(*said)


def find_student(connection: Connection, said: str, *, lms_id: str = "") -> int | None:
    """Return the row's id of the student with a learning platform's id, else of the one whose submissions are named so.

    Else it is the only one with that name, id or e-mail address on the roster; never one who is known to have another id.
    """
    said, lms_id = storable(said), storable(lms_id)
    query = _IDS
    if lms_id:
        same = connection.scalars(query.where(RosterRow.lms_id == lms_id)).all()
        if len(same) == 1:
            return same[0]
        query = query.where(func.coalesce(RosterRow.lms_id, "").in_(["", lms_id]))
    exact = connection.scalar(query.where(_HAS_KEY) if lms_id else _BY_KEY, {"said": said})
    if exact is not None:
        return exact
    found = connection.scalars(query.where(_FITS) if lms_id else _BY_ROSTER, {"said": said, "address": said.lower()}).all()
    return found[0] if len(found) == 1 else None


def named_student(session: Session, said: str) -> int:
    """Return the row's id of the student that a person means.

    Raises:
        SettingsError: it is nobody, or not clear who.
    """
    found = find_student(session.connection(), said)
    if found is not None:
        return found
    students = all_students(session).values()
    same = [student for student in students if said.casefold() == student.name.casefold()]
    if same:
        message = f"{said!r} is not exact enough: say {' or '.join(repr(student.lms_id or student.key) for student in same)}."
        raise SettingsError(message)
    close = get_close_matches(said, [name for student in students for name in (student.key, student.name)], n=1)
    hint = f"did you mean {close[0]!r}?" if close else "`grader students list` shows all; `grader students import` reads a roster."
    message = f"The gradebook knows no student {said!r}; {hint}"
    raise SettingsError(message)


def ensure_student(connection: Connection, said: str, *, lms_id: str = "") -> int:
    """Return the row's id of the student whose submission is named so, a new one where nobody is."""
    found = find_student(connection, said, lms_id=lms_id)
    if found is not None:
        return found
    said = storable(said)
    student_id = _add(connection, _free_key(connection, said, lms_id) if lms_id else said)
    if lms_id:
        entry = {"student_id": student_id, "name": said, "lms_id": lms_id, "email": "", "section": "", "author": "", "at": datetime.now(UTC)}
        connection.execute(_NEW_ROSTER_ENTRY, entry)
    return student_id


def add_roster(session: Session, lines: Sequence[RosterLine], *, author: str) -> RosterChange:
    """Add what a roster says and the gradebook does not know yet; what a roster leaves out stays as it was.

    Raises:
        SettingsError: it is not clear whom a line is about.
    """
    known = all_students(session)
    names = Counter(line.name for line in lines)
    now = datetime.now(UTC)
    added = changed = 0
    for line in lines:
        student_id = _of_line(known, line, is_namesake=names[line.name] > 1)
        before = known.get(student_id) if student_id is not None else None
        if student_id is None:
            number = line.lms_id or line.email
            key = f"{line.name} ({number})" if names[line.name] > 1 else line.name
            student_id = _add(session.connection(), _free_key(session.connection(), key, number))
            added += 1
        after = Student(
            key=before.key if before else line.name,
            name=line.name,
            lms_id=line.lms_id or (before.lms_id if before else ""),
            email=line.email or (before.email if before else ""),
            section=line.section or (before.section if before else ""),
        )
        if after == before:
            continue
        changed += before is not None
        known[student_id] = after
        row = RosterRow(student_id=student_id, name=after.name, lms_id=after.lms_id, email=after.email, section=after.section, author=author, at=now)
        session.add(row)
    return RosterChange(added=added, changed=changed, unchanged=len(lines) - added - changed)


def _of_line(known: Mapping[int, Student], line: RosterLine, *, is_namesake: bool) -> int | None:
    """Return whom a line of a roster is about: the student with its id, else with its address, else whose submissions or roster have its name."""
    for field in ("lms_id", "email"):
        said = getattr(line, field).casefold()
        for student_id, student in known.items():
            if said and said == getattr(student, field).casefold():
                return student_id
    names = {said.casefold() for said in (line.lms_id, line.email, "" if is_namesake else line.name) if said}
    fits = [student_id for student_id, student in known.items() if {student.key.casefold(), student.name.casefold()} & names and not _differs(student, line)]
    if len(fits) > 1:
        message = f"The roster's {line.name!r} may be {' or '.join(repr(known[one].lms_id or known[one].key) for one in fits)}: give their ids."
        raise SettingsError(message)
    return fits[0] if fits else None


def _differs(student: Student, line: RosterLine) -> bool:
    """Whether a student and a line with the same name are certainly two people."""
    if student.lms_id and line.lms_id:
        return student.lms_id.casefold() != line.lms_id.casefold()
    return bool(student.email and line.email and student.email.casefold() != line.email.casefold())


def _student(key: str, name: str | None, lms_id: str | None, email: str | None, section: str | None) -> Student:
    return Student(key=key, name=key if name is None else name, lms_id=lms_id or "", email=email or "", section=section or "")


def _free_key(connection: Connection, said: str, number: str) -> str:
    """Return the key of a new student: the number stands behind a name that somebody has, and again where somebody is called that."""
    while connection.scalar(_BY_KEY, {"said": said}) is not None:
        said = f"{said} ({number})"
    return said


def _add(connection: Connection, key: str) -> int:
    return add_or_find(connection, _NEW_STUDENT, {"key": key, "first_seen": datetime.now(UTC)}, _BY_KEY, {"said": key})
